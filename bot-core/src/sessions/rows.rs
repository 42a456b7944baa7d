//! `user_sessions` on either connection.

use diesel::prelude::*;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn};

use super::{Key, Session};
use crate::storage::schema::user_sessions;

type Row = (i64, i64, String, String, i32, i64);

fn session(row: Row) -> Result<(Key, Session), DbError> {
    let (chat, telegram_id, plugin, state, version, expires_at) = row;
    let state = serde_json::from_str(&state)?;
    Ok((
        (chat, telegram_id),
        Session {
            plugin,
            state,
            version,
            expires_at: Micros(expires_at),
        },
    ))
}

#[async_trait::async_trait]
pub(super) trait SessionRows {
    async fn all_sessions(&mut self, now: Micros) -> Result<Vec<(Key, Session)>, DbError>;
    async fn sessions_of(&mut self, chat: i64, now: Micros)
    -> Result<Vec<(Key, Session)>, DbError>;
    async fn session(&mut self, key: Key) -> Result<Option<Session>, DbError>;
    /// False when the row is no longer at the version before `version`.
    async fn write_session(
        &mut self,
        key: Key,
        next: &Session,
        version: i32,
        now: Micros,
    ) -> Result<bool, DbError>;
    async fn delete_session(&mut self, key: Key) -> Result<bool, DbError>;
    async fn expire_sessions(&mut self, now: Micros) -> Result<usize, DbError>;
}

macro_rules! session_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl SessionRows for $conn {
            async fn all_sessions(&mut self, now: Micros) -> Result<Vec<(Key, Session)>, DbError> {
                let open = user_sessions::table
                    .filter(user_sessions::expires_at.gt(now.0))
                    .select(COLUMNS);
                let rows: Vec<Row> = diesel_async::RunQueryDsl::load(open, self).await?;
                rows.into_iter().map(session).collect()
            }

            async fn sessions_of(
                &mut self,
                chat: i64,
                now: Micros,
            ) -> Result<Vec<(Key, Session)>, DbError> {
                let open = user_sessions::table
                    .filter(user_sessions::chat_id.eq(chat))
                    .filter(user_sessions::expires_at.gt(now.0))
                    .select(COLUMNS);
                let rows: Vec<Row> = diesel_async::RunQueryDsl::load(open, self).await?;
                rows.into_iter().map(session).collect()
            }

            async fn session(&mut self, key: Key) -> Result<Option<Session>, DbError> {
                let one = user_sessions::table.find(key).select(COLUMNS);
                let row: Option<Row> = diesel_async::RunQueryDsl::first(one, self)
                    .await
                    .optional()?;
                Ok(row.map(session).transpose()?.map(|(_, session)| session))
            }

            async fn write_session(
                &mut self,
                (chat, telegram_id): Key,
                next: &Session,
                version: i32,
                now: Micros,
            ) -> Result<bool, DbError> {
                let values = (
                    user_sessions::plugin.eq(next.plugin.clone()),
                    user_sessions::state.eq(serde_json::to_string(&next.state)?),
                    user_sessions::version.eq(version),
                    user_sessions::expires_at.eq(next.expires_at.0),
                    user_sessions::updated_at.eq(now.0),
                );
                let key = (
                    user_sessions::chat_id.eq(chat),
                    user_sessions::telegram_id.eq(telegram_id),
                );
                let upsert = diesel::insert_into(user_sessions::table)
                    .values((key, values.clone()))
                    .on_conflict((user_sessions::chat_id, user_sessions::telegram_id))
                    .do_update()
                    .set(values);
                // Two processes that both read the old version: the second one must not win.
                let upsert = diesel::query_dsl::methods::FilterDsl::filter(
                    upsert,
                    user_sessions::version.eq(version.wrapping_sub(1)),
                );
                Ok(diesel_async::RunQueryDsl::execute(upsert, self).await? > 0)
            }

            async fn delete_session(&mut self, key: Key) -> Result<bool, DbError> {
                let delete = diesel::delete(user_sessions::table.find(key));
                Ok(diesel_async::RunQueryDsl::execute(delete, self).await? > 0)
            }

            async fn expire_sessions(&mut self, now: Micros) -> Result<usize, DbError> {
                let delete = diesel::delete(
                    user_sessions::table.filter(user_sessions::expires_at.le(now.0)),
                );
                Ok(diesel_async::RunQueryDsl::execute(delete, self).await?)
            }
        }
    };
}

const COLUMNS: (
    user_sessions::chat_id,
    user_sessions::telegram_id,
    user_sessions::plugin,
    user_sessions::state,
    user_sessions::version,
    user_sessions::expires_at,
) = (
    user_sessions::chat_id,
    user_sessions::telegram_id,
    user_sessions::plugin,
    user_sessions::state,
    user_sessions::version,
    user_sessions::expires_at,
);

session_rows!(SqliteConn);
session_rows!(PgConn);
