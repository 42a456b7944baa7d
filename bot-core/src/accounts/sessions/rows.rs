//! `web_sessions` on either connection.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId};

use super::{Ends, Login, WebSession};
use crate::storage::schema::web_sessions;

#[derive(Queryable, Selectable)]
#[diesel(table_name = web_sessions)]
struct Row {
    hash: String,
    user_id: i64,
    login: String,
    user_agent: String,
    address: String,
    created_at: i64,
    seen_at: i64,
    expires_at: i64,
}

impl From<Row> for WebSession {
    fn from(row: Row) -> Self {
        Self {
            hash: row.hash,
            user: UserId(row.user_id),
            login: Login::parse(&row.login),
            user_agent: row.user_agent,
            address: row.address,
            created_at: Micros(row.created_at),
            seen_at: Micros(row.seen_at),
            expires_at: Micros(row.expires_at),
        }
    }
}

#[async_trait::async_trait]
pub(crate) trait SessionRows {
    async fn put_session(&mut self, session: &WebSession) -> Result<(), DbError>;

    /// One that has not ended, has not expired and was seen after `idle_since`.
    async fn live_session(
        &mut self,
        hash: &str,
        now: Micros,
        idle_since: Micros,
    ) -> Result<Option<WebSession>, DbError>;

    async fn see_session(&mut self, hash: &str, now: Micros) -> Result<(), DbError>;

    async fn sessions_of(
        &mut self,
        user: UserId,
        now: Micros,
        idle_since: Micros,
    ) -> Result<Vec<WebSession>, DbError>;

    /// Those that had not ended are counted.
    async fn end_sessions(
        &mut self,
        user: UserId,
        which: Ends<'_>,
        now: Micros,
    ) -> Result<usize, DbError>;

    async fn was_at(&mut self, user: UserId, address: &str) -> Result<bool, DbError>;
}

macro_rules! session_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl SessionRows for $conn {
            async fn put_session(&mut self, s: &WebSession) -> Result<(), DbError> {
                let row = diesel::insert_into(web_sessions::table).values((
                    web_sessions::hash.eq(&s.hash),
                    web_sessions::user_id.eq(s.user.0),
                    web_sessions::login.eq(s.login.as_str()),
                    web_sessions::user_agent.eq(&s.user_agent),
                    web_sessions::address.eq(&s.address),
                    web_sessions::created_at.eq(s.created_at.0),
                    web_sessions::seen_at.eq(s.seen_at.0),
                    web_sessions::expires_at.eq(s.expires_at.0),
                ));
                Run::execute(row, self).await?;
                Ok(())
            }

            async fn live_session(
                &mut self,
                hash: &str,
                now: Micros,
                idle_since: Micros,
            ) -> Result<Option<WebSession>, DbError> {
                let find = web_sessions::table
                    .find(hash)
                    .filter(web_sessions::ended_at.is_null())
                    .filter(web_sessions::expires_at.gt(now.0))
                    .filter(web_sessions::seen_at.gt(idle_since.0))
                    .select(Row::as_select());
                let row: Option<Row> = Run::first(find, self).await.optional()?;
                Ok(row.map(WebSession::from))
            }

            async fn see_session(&mut self, hash: &str, now: Micros) -> Result<(), DbError> {
                let update = diesel::update(web_sessions::table.find(hash))
                    .set(web_sessions::seen_at.eq(now.0));
                Run::execute(update, self).await?;
                Ok(())
            }

            async fn sessions_of(
                &mut self,
                user: UserId,
                now: Micros,
                idle_since: Micros,
            ) -> Result<Vec<WebSession>, DbError> {
                let find = web_sessions::table
                    .filter(web_sessions::user_id.eq(user.0))
                    .filter(web_sessions::ended_at.is_null())
                    .filter(web_sessions::expires_at.gt(now.0))
                    .filter(web_sessions::seen_at.gt(idle_since.0))
                    .order(web_sessions::seen_at.desc())
                    .limit(200)
                    .select(Row::as_select());
                let rows: Vec<Row> = Run::load(find, self).await?;
                Ok(rows.into_iter().map(WebSession::from).collect())
            }

            async fn end_sessions(
                &mut self,
                user: UserId,
                which: Ends<'_>,
                now: Micros,
            ) -> Result<usize, DbError> {
                let open = web_sessions::table
                    .filter(web_sessions::user_id.eq(user.0))
                    .filter(web_sessions::ended_at.is_null());
                let set = web_sessions::ended_at.eq(now.0);
                Ok(match which {
                    Ends::One(hash) => {
                        let one = open.filter(web_sessions::hash.eq(hash));
                        Run::execute(diesel::update(one).set(set), self).await?
                    }
                    Ends::AllBut(hash) => {
                        let others = open.filter(web_sessions::hash.ne(hash));
                        Run::execute(diesel::update(others).set(set), self).await?
                    }
                    Ends::All => Run::execute(diesel::update(open).set(set), self).await?,
                })
            }

            async fn was_at(&mut self, user: UserId, address: &str) -> Result<bool, DbError> {
                let find = web_sessions::table
                    .filter(web_sessions::user_id.eq(user.0))
                    .filter(web_sessions::address.eq(address))
                    .select(web_sessions::hash);
                let found: Option<String> = Run::first(find, self).await.optional()?;
                Ok(found.is_some())
            }
        }
    };
}
session_rows!(SqliteConn);
session_rows!(PgConn);
