//! `idempotency_keys` on either connection.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn};

use crate::storage::schema::idempotency_keys as once;

/// The request's hash and, once it has one, its answer.
pub(super) type Found = (String, Option<(i32, String)>);

#[async_trait::async_trait]
pub(super) trait IdempotencyRows {
    /// Drops a row that is too old, or whose run died.
    async fn forget_once(
        &mut self,
        hash: &str,
        old: Micros,
        given_up: Micros,
    ) -> Result<(), DbError>;
    /// False when somebody has the key already.
    async fn take_once(&mut self, hash: &str, request: &str, now: Micros) -> Result<bool, DbError>;
    async fn once(&mut self, hash: &str) -> Result<Option<Found>, DbError>;
    async fn answer_once(&mut self, hash: &str, status: i32, answer: &str) -> Result<(), DbError>;
    async fn drop_once(&mut self, hash: &str) -> Result<(), DbError>;
}

macro_rules! idempotency_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl IdempotencyRows for $conn {
            async fn forget_once(
                &mut self,
                hash: &str,
                old: Micros,
                given_up: Micros,
            ) -> Result<(), DbError> {
                let row = once::table.filter(once::hash.eq(hash));
                let too_old = diesel::delete(row.filter(once::created_at.lt(old.0)));
                Run::execute(too_old, self).await?;
                let dead = row
                    .filter(once::status.is_null())
                    .filter(once::created_at.lt(given_up.0));
                Run::execute(diesel::delete(dead), self).await?;
                Ok(())
            }

            async fn take_once(
                &mut self,
                hash: &str,
                request: &str,
                now: Micros,
            ) -> Result<bool, DbError> {
                let insert = diesel::insert_into(once::table)
                    .values((
                        once::hash.eq(hash),
                        once::request.eq(request),
                        once::created_at.eq(now.0),
                    ))
                    .on_conflict_do_nothing();
                Ok(Run::execute(insert, self).await? > 0)
            }

            async fn once(&mut self, hash: &str) -> Result<Option<Found>, DbError> {
                let find =
                    once::table
                        .find(hash)
                        .select((once::request, once::status, once::answer));
                let row: Option<(String, Option<i32>, Option<String>)> =
                    Run::first(find, self).await.optional()?;
                Ok(row.map(|(request, status, answer)| (request, status.zip(answer))))
            }

            async fn answer_once(
                &mut self,
                hash: &str,
                status: i32,
                answer: &str,
            ) -> Result<(), DbError> {
                let update = diesel::update(once::table.find(hash))
                    .set((once::status.eq(status), once::answer.eq(answer)));
                Run::execute(update, self).await?;
                Ok(())
            }

            async fn drop_once(&mut self, hash: &str) -> Result<(), DbError> {
                Run::execute(diesel::delete(once::table.find(hash)), self).await?;
                Ok(())
            }
        }
    };
}
idempotency_rows!(SqliteConn);
idempotency_rows!(PgConn);
