//! `login_attempts` on either connection; used inside `transaction!`.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn};

use crate::storage::schema::login_attempts as rows;

#[async_trait::async_trait]
pub(super) trait AttemptRows {
    /// When the first of these buckets opens that is closed and has refused somebody already.
    async fn refused_before(
        &mut self,
        keys: &[&str],
        now: Micros,
    ) -> Result<Option<Micros>, DbError>;
    async fn ensure_bucket(&mut self, key: &str, now: Micros) -> Result<(), DbError>;
    /// When the bucket is open again; nobody else changes it until the transaction ends.
    async fn lock_bucket(&mut self, key: &str) -> Result<Micros, DbError>;
    async fn refuse(&mut self, key: &str) -> Result<i64, DbError>;
    async fn count_failure(&mut self, key: &str, now: Micros) -> Result<i64, DbError>;
    async fn close_bucket(&mut self, key: &str, until: Micros) -> Result<(), DbError>;
    async fn take_back(&mut self, key: &str, now: Micros) -> Result<(), DbError>;
    async fn empty_bucket(&mut self, key: &str) -> Result<(), DbError>;
}

macro_rules! attempt_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl AttemptRows for $conn {
            async fn refused_before(
                &mut self,
                keys: &[&str],
                now: Micros,
            ) -> Result<Option<Micros>, DbError> {
                let find = rows::table
                    .filter(rows::key.eq_any(keys.to_vec()))
                    .filter(rows::open_at.gt(now.0))
                    .filter(rows::refused.gt(0))
                    .select(rows::open_at);
                let at: Option<i64> = Run::first(find, self).await.optional()?;
                Ok(at.map(Micros))
            }

            async fn ensure_bucket(&mut self, key: &str, now: Micros) -> Result<(), DbError> {
                let insert = diesel::insert_into(rows::table)
                    .values((
                        rows::key.eq(key),
                        rows::failures.eq(0),
                        rows::open_at.eq(0),
                        rows::refused.eq(0),
                        rows::last_at.eq(now.0),
                    ))
                    .on_conflict_do_nothing();
                Run::execute(insert, self).await?;
                Ok(())
            }

            async fn lock_bucket(&mut self, key: &str) -> Result<Micros, DbError> {
                let lock = diesel::update(rows::table.find(key))
                    .set(rows::key.eq(key))
                    .returning(rows::open_at);
                Ok(Micros(Run::get_result(lock, self).await?))
            }

            async fn refuse(&mut self, key: &str) -> Result<i64, DbError> {
                let count = diesel::update(rows::table.find(key))
                    .set(rows::refused.eq(rows::refused + 1))
                    .returning(rows::refused);
                Ok(Run::get_result(count, self).await?)
            }

            async fn count_failure(&mut self, key: &str, now: Micros) -> Result<i64, DbError> {
                let count = diesel::update(rows::table.find(key))
                    .set((
                        rows::failures.eq(rows::failures + 1),
                        rows::refused.eq(0),
                        rows::last_at.eq(now.0),
                    ))
                    .returning(rows::failures);
                Ok(Run::get_result(count, self).await?)
            }

            async fn close_bucket(&mut self, key: &str, until: Micros) -> Result<(), DbError> {
                let close = diesel::update(rows::table.find(key)).set(rows::open_at.eq(until.0));
                Run::execute(close, self).await?;
                Ok(())
            }

            async fn take_back(&mut self, key: &str, now: Micros) -> Result<(), DbError> {
                let counted = rows::table.find(key).filter(rows::failures.gt(0));
                let back = diesel::update(counted).set((
                    rows::failures.eq(rows::failures - 1),
                    rows::open_at.eq(now.0),
                ));
                Run::execute(back, self).await?;
                Ok(())
            }

            async fn empty_bucket(&mut self, key: &str) -> Result<(), DbError> {
                Run::execute(diesel::delete(rows::table.find(key)), self).await?;
                Ok(())
            }
        }
    };
}
attempt_rows!(SqliteConn);
attempt_rows!(PgConn);
