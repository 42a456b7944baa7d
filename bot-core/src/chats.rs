//! Chats that the bot was seen in.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{ChatId, Db, DbError, PgConn, SqliteConn, with_db};

use crate::logs::{lower, pattern};
use crate::storage::schema::chats;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = chats, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct Chat {
    pub id: i64,
    /// "private", "group", "supergroup" or "channel".
    pub kind: String,
    pub title: Option<String>,
    pub username: Option<String>,
    pub disabled_at: Option<i64>,
    pub disabled_reason: Option<String>,
    pub migrated_to: Option<i64>,
    pub first_seen: i64,
    pub last_seen: i64,
}

/// Page `page` (from 0), seen last first; one more than `size` when there are more. An empty
/// `kind` is every kind.
pub async fn list(
    db: &Db,
    search: &str,
    kind: &str,
    page: u32,
    size: i64,
) -> Result<Vec<Chat>, DbError> {
    with_db!(db, c => c.chats(search, kind, i64::from(page) * size, size + 1).await)
}

pub async fn find(db: &Db, id: ChatId) -> Result<Option<Chat>, DbError> {
    with_db!(db, c => Run::first(chats::table.find(id.0).select(Chat::as_select()), c)
        .await
        .optional())
}

#[async_trait::async_trait]
trait ChatRows {
    async fn chats(
        &mut self,
        search: &str,
        kind: &str,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<Chat>, DbError>;
}

macro_rules! chat_rows {
    ($conn:ty, $backend:ty) => {
        #[async_trait::async_trait]
        impl ChatRows for $conn {
            async fn chats(
                &mut self,
                search: &str,
                kind: &str,
                offset: i64,
                limit: i64,
            ) -> Result<Vec<Chat>, DbError> {
                let mut rows = chats::table
                    .select(Chat::as_select())
                    .into_boxed::<$backend>();
                if let Ok(id) = search.parse::<i64>() {
                    rows = rows.filter(chats::id.eq(id));
                } else if !search.is_empty() {
                    let like = pattern(search.trim_start_matches('@'));
                    rows = rows.filter(
                        lower(chats::title)
                            .like(like.clone())
                            .escape('\\')
                            .or(lower(chats::username).like(like).escape('\\')),
                    );
                }
                if !kind.is_empty() {
                    rows = rows.filter(chats::kind.eq(kind.to_string()));
                }
                let page = rows.order((chats::last_seen.desc(), chats::id));
                Ok(Run::load(page.offset(offset).limit(limit), self).await?)
            }
        }
    };
}
chat_rows!(SqliteConn, diesel::sqlite::Sqlite);
chat_rows!(PgConn, diesel::pg::Pg);
