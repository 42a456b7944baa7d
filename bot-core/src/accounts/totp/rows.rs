//! `web_totp` and `web_recovery_codes` on either connection.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId};

use super::Stored;
use crate::storage::schema::web_recovery_codes as codes;
use crate::storage::schema::web_totp as rows;

#[async_trait::async_trait]
pub(super) trait TotpRows {
    async fn totp_of(&mut self, user: UserId) -> Result<Option<Stored>, DbError>;
    /// False when a confirmed secret is there.
    async fn begin(&mut self, user: UserId, secret: &str) -> Result<bool, DbError>;
    /// False when it is not this secret any more that waits.
    async fn confirm(
        &mut self,
        user: UserId,
        secret: &str,
        step: i64,
        now: Micros,
    ) -> Result<bool, DbError>;
    /// False when a code of this step or a later one was taken before.
    async fn use_step(&mut self, user: UserId, step: i64) -> Result<bool, DbError>;
    async fn delete_totp(&mut self, user: UserId) -> Result<bool, DbError>;
    async fn codes_left(&mut self, user: UserId) -> Result<i64, DbError>;
    async fn replace_codes(&mut self, user: UserId, hashes: &[String]) -> Result<(), DbError>;
    async fn use_code(&mut self, user: UserId, hash: &str, now: Micros) -> Result<bool, DbError>;
}

macro_rules! totp_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl TotpRows for $conn {
            async fn totp_of(&mut self, user: UserId) -> Result<Option<Stored>, DbError> {
                let find = rows::table
                    .find(user.0)
                    .select((rows::secret, rows::confirmed_at));
                let row: Option<(String, Option<i64>)> = Run::first(find, self).await.optional()?;
                Ok(row.map(|(secret, confirmed)| Stored {
                    secret,
                    confirmed: confirmed.is_some(),
                }))
            }

            async fn begin(&mut self, user: UserId, secret: &str) -> Result<bool, DbError> {
                let waiting = rows::table
                    .find(user.0)
                    .filter(rows::confirmed_at.is_null());
                Run::execute(diesel::delete(waiting), self).await?;
                let insert = diesel::insert_into(rows::table)
                    .values((
                        rows::user_id.eq(user.0),
                        rows::secret.eq(secret),
                        rows::last_step.eq(0),
                    ))
                    .on_conflict_do_nothing();
                Ok(Run::execute(insert, self).await? > 0)
            }

            async fn confirm(
                &mut self,
                user: UserId,
                secret: &str,
                step: i64,
                now: Micros,
            ) -> Result<bool, DbError> {
                let waiting = rows::table
                    .find(user.0)
                    .filter(rows::confirmed_at.is_null())
                    .filter(rows::secret.eq(secret));
                let confirm = diesel::update(waiting)
                    .set((rows::confirmed_at.eq(now.0), rows::last_step.eq(step)));
                Ok(Run::execute(confirm, self).await? > 0)
            }

            async fn use_step(&mut self, user: UserId, step: i64) -> Result<bool, DbError> {
                let earlier = rows::table.find(user.0).filter(rows::last_step.lt(step));
                let take = diesel::update(earlier).set(rows::last_step.eq(step));
                Ok(Run::execute(take, self).await? > 0)
            }

            async fn delete_totp(&mut self, user: UserId) -> Result<bool, DbError> {
                Ok(Run::execute(diesel::delete(rows::table.find(user.0)), self).await? > 0)
            }

            async fn codes_left(&mut self, user: UserId) -> Result<i64, DbError> {
                let count = codes::table
                    .filter(codes::user_id.eq(user.0))
                    .filter(codes::used_at.is_null())
                    .count();
                Ok(Run::get_result(count, self).await?)
            }

            async fn replace_codes(
                &mut self,
                user: UserId,
                hashes: &[String],
            ) -> Result<(), DbError> {
                let theirs = codes::table.filter(codes::user_id.eq(user.0));
                Run::execute(diesel::delete(theirs), self).await?;
                for hash in hashes {
                    let insert = diesel::insert_into(codes::table)
                        .values((codes::hash.eq(hash), codes::user_id.eq(user.0)));
                    Run::execute(insert, self).await?;
                }
                Ok(())
            }

            async fn use_code(
                &mut self,
                user: UserId,
                hash: &str,
                now: Micros,
            ) -> Result<bool, DbError> {
                let unused = codes::table
                    .find(hash)
                    .filter(codes::user_id.eq(user.0))
                    .filter(codes::used_at.is_null());
                let take = diesel::update(unused).set(codes::used_at.eq(now.0));
                Ok(Run::execute(take, self).await? > 0)
            }
        }
    };
}
totp_rows!(SqliteConn);
totp_rows!(PgConn);
