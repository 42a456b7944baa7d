//! Finding and listing users.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{Db, DbError, Micros, PgConn, SqliteConn, UserId, with_db};

use super::rows::{UserRow, lower};
use super::{Access, Blocked};
use crate::flow::Sender;
use crate::logs::pattern;
use crate::storage::schema::{bot_users, grants};

/// Whom somebody means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    User(UserId),
    Telegram(i64),
    /// Without the `@`.
    Name(String),
}

/// A row of `bot_users`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub telegram_id: Option<i64>,
    pub name: String,
    /// Without the `@`.
    pub username: Option<String>,
    pub language: Option<String>,
    /// IANA name.
    pub time_zone: String,
    pub refusals: i32,
    pub blocked: Option<Blocked>,
    pub last_seen: Micros,
}

impl Person {
    /// What to call them: somebody who was let in before they ever wrote has no name yet.
    pub fn label(&self) -> String {
        match (&self.username, self.telegram_id) {
            _ if !self.name.trim().is_empty() => self.name.clone(),
            (Some(username), _) => format!("@{username}"),
            (None, Some(id)) => id.to_string(),
            (None, None) => self.id.to_string(),
        }
    }
}

impl From<UserRow> for Person {
    fn from(row: UserRow) -> Self {
        Self {
            id: UserId(row.id),
            telegram_id: row.telegram_id,
            name: row.name(),
            blocked: row.blocked(),
            language: row.language(),
            username: row.username,
            time_zone: row.time_zone,
            refusals: row.refusals,
            last_seen: Micros(row.last_seen),
        }
    }
}

/// Which users a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those with a grant, ended ones included.
    Members,
    Blocked,
    /// Those who tried without being let in.
    Refused,
    Everyone,
}

/// A page of a list, most recently seen first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub people: Vec<Person>,
    pub has_more: bool,
}

impl Access {
    /// The person meant; of several who were seen with a username, the one seen last.
    pub async fn find(&self, who: &Who) -> Result<Option<Person>, DbError> {
        let db: &Db = &self.inner.db;
        let row = match who {
            Who::User(id) => with_db!(db, c => c.person(*id).await)?,
            Who::Telegram(id) => with_db!(db, c => c.person_by_telegram(*id).await)?,
            Who::Name(name) => {
                let name = name.to_lowercase();
                with_db!(db, c => c.person_by_name(&name).await)?
            }
        };
        Ok(row.map(Person::from))
    }

    /// Page `page` (from 0) of `size` people.
    pub async fn people(&self, which: Which, page: u32, size: u32) -> Result<Page, DbError> {
        self.search(which, "", page, size).await
    }

    /// As [`Self::people`], of those whose name or username holds a text, or whose Telegram id is
    /// that number.
    pub async fn search(
        &self,
        which: Which,
        text: &str,
        page: u32,
        size: u32,
    ) -> Result<Page, DbError> {
        let (size, offset) = (i64::from(size), i64::from(page) * i64::from(size));
        let mut rows = with_db!(self.inner.db, c => c.people(which, text, offset, size + 1).await)?;
        let has_more = rows.len() as i64 > size;
        rows.truncate(usize::try_from(size).unwrap_or_default());
        Ok(Page {
            people: rows.into_iter().map(Person::from).collect(),
            has_more,
        })
    }

    /// The row of a Telegram id, made when it is missing: for a grant to somebody never seen.
    pub async fn ensure(&self, telegram_id: i64) -> Result<Person, DbError> {
        use super::rows::AccessRows as _;
        let now = Micros::now();
        let row = vahta_rows::transaction!(self.inner.db, c => {
            let id = c.ensure_user(telegram_id, now).await?;
            c.user_row(id).await?.ok_or(DbError::Query(diesel::result::Error::NotFound))
        })?;
        Ok(row.into())
    }

    /// The row of somebody whose message was seen, made with what Telegram tells of them.
    pub async fn ensure_sender(&self, sender: &Sender) -> Result<Person, DbError> {
        use super::rows::AccessRows as _;
        let now = Micros::now();
        let row = vahta_rows::transaction!(self.inner.db, c => {
            let id = c.ensure_sender(sender, now).await?;
            c.user_row(id).await?.ok_or(DbError::Query(diesel::result::Error::NotFound))
        })?;
        Ok(row.into())
    }

    /// Notes what the command menus of people's private chats hold now; `None`: nothing.
    pub(crate) async fn note_menus(&self, menus: &[(UserId, Option<i64>)]) -> Result<(), DbError> {
        vahta_rows::transaction!(self.inner.db, c => {
            for (user, hash) in menus {
                c.set_menu(*user, *hash).await?;
            }
            Ok(())
        })
    }
}

#[async_trait::async_trait]
trait PeopleRows {
    async fn person(&mut self, id: UserId) -> Result<Option<UserRow>, DbError>;
    async fn person_by_telegram(&mut self, id: i64) -> Result<Option<UserRow>, DbError>;
    /// `name` in lower case.
    async fn person_by_name(&mut self, name: &str) -> Result<Option<UserRow>, DbError>;
    async fn people(
        &mut self,
        which: Which,
        text: &str,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<UserRow>, DbError>;
    async fn set_menu(&mut self, user: UserId, hash: Option<i64>) -> Result<(), DbError>;
}

macro_rules! people_rows {
    ($conn:ty, $backend:ty) => {
        #[async_trait::async_trait]
        impl PeopleRows for $conn {
            async fn person(&mut self, id: UserId) -> Result<Option<UserRow>, DbError> {
                let find = bot_users::table.find(id.0).select(UserRow::as_select());
                Ok(Run::first(find, self).await.optional()?)
            }

            async fn person_by_telegram(&mut self, id: i64) -> Result<Option<UserRow>, DbError> {
                let find = bot_users::table
                    .filter(bot_users::telegram_id.eq(id))
                    .select(UserRow::as_select());
                Ok(Run::first(find, self).await.optional()?)
            }

            async fn person_by_name(&mut self, name: &str) -> Result<Option<UserRow>, DbError> {
                let find = bot_users::table
                    .filter(lower(bot_users::username).eq(name))
                    .order(bot_users::last_seen.desc())
                    .select(UserRow::as_select());
                Ok(Run::first(find, self).await.optional()?)
            }

            async fn people(
                &mut self,
                which: Which,
                text: &str,
                offset: i64,
                limit: i64,
            ) -> Result<Vec<UserRow>, DbError> {
                let granted = grants::table.select(grants::user_id);
                let all = bot_users::table.into_boxed::<$backend>();
                let some = match which {
                    Which::Members => all.filter(bot_users::id.eq_any(granted)),
                    Which::Blocked => all.filter(bot_users::blocked_at.is_not_null()),
                    Which::Refused => all.filter(bot_users::refusals.gt(0)),
                    Which::Everyone => all,
                };
                let some = if let Ok(id) = text.parse::<i64>() {
                    some.filter(bot_users::telegram_id.eq(id))
                } else if !text.is_empty() {
                    let like = pattern(text.trim_start_matches('@'));
                    let name = bot_users::first_name.nullable();
                    some.filter(
                        lower(bot_users::username)
                            .like(like.clone())
                            .escape('\\')
                            .or(lower(name).like(like.clone()).escape('\\'))
                            .or(lower(bot_users::last_name).like(like).escape('\\')),
                    )
                } else {
                    some
                };
                let page = some
                    .order((bot_users::last_seen.desc(), bot_users::id))
                    .offset(offset)
                    .limit(limit)
                    .select(UserRow::as_select());
                Ok(Run::load(page, self).await?)
            }

            async fn set_menu(&mut self, user: UserId, hash: Option<i64>) -> Result<(), DbError> {
                let update = diesel::update(bot_users::table.find(user.0))
                    .set(bot_users::menu_hash.eq(hash));
                Run::execute(update, self).await?;
                Ok(())
            }
        }
    };
}
people_rows!(SqliteConn, diesel::sqlite::Sqlite);
people_rows!(PgConn, diesel::pg::Pg);
