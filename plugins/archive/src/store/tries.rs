//! Wrong passwords are counted before they are checked; waits double.

use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use vahta_plugin_sdk::rows::{DbError, Micros, PgConn, SqliteConn};

use super::schema::archive_tries::dsl;

/// So many tries cost nothing.
const FREE: i32 = 5;
/// The wait after the next one; it doubles, up to an hour.
const WAIT_S: i64 = 5;
const LONGEST_S: i64 = 3_600;
/// After so long a silence it begins anew.
const FORGOTTEN_S: i64 = 86_400;

const MICROS: i64 = 1_000_000;

/// Tries on either connection.
#[async_trait::async_trait]
pub trait TryRows {
    /// Counts a try; the error says until when nobody may try.
    async fn begin_try(&mut self, what: &str, now: Micros) -> Result<Result<(), Micros>, DbError>;

    /// It was right: what was counted is forgotten.
    async fn was_right(&mut self, what: &str) -> Result<(), DbError>;

    /// Nobody has tried for long.
    async fn forget_tries(&mut self, now: Micros) -> Result<usize, DbError>;
}

/// How long nobody may try after so many.
fn wait(wrong: i32) -> i64 {
    let over = u32::try_from(wrong - FREE).unwrap_or_default().min(20);
    match wrong < FREE {
        true => 0,
        false => WAIT_S.saturating_mul(1 << over).min(LONGEST_S) * MICROS,
    }
}

macro_rules! try_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl TryRows for $conn {
            async fn begin_try(
                &mut self,
                what: &str,
                now: Micros,
            ) -> Result<Result<(), Micros>, DbError> {
                // The row is there, and locked: of many at once each counts.
                diesel::insert_into(dsl::archive_tries)
                    .values((
                        dsl::what.eq(what),
                        dsl::wrong.eq(0),
                        dsl::wait_until.eq(0_i64),
                    ))
                    .on_conflict(dsl::what)
                    .do_update()
                    .set(dsl::wrong.eq(dsl::wrong + 0))
                    .execute(self)
                    .await?;
                let found: Option<(i32, i64)> = dsl::archive_tries
                    .find(what)
                    .select((dsl::wrong, dsl::wait_until))
                    .first(self)
                    .await
                    .optional()?;
                let (wrong, until) = found.unwrap_or_default();
                if until > now.0 {
                    return Ok(Err(Micros(until)));
                }
                let wrong = wrong.saturating_add(1);
                diesel::update(dsl::archive_tries.find(what))
                    .set((
                        dsl::wrong.eq(wrong),
                        dsl::wait_until.eq(now.0.saturating_add(wait(wrong))),
                    ))
                    .execute(self)
                    .await?;
                Ok(Ok(()))
            }

            async fn was_right(&mut self, what: &str) -> Result<(), DbError> {
                diesel::delete(dsl::archive_tries.find(what))
                    .execute(self)
                    .await?;
                Ok(())
            }

            async fn forget_tries(&mut self, now: Micros) -> Result<usize, DbError> {
                let since = now.0.saturating_sub(FORGOTTEN_S * MICROS);
                let old = dsl::archive_tries.filter(dsl::wait_until.lt(since));
                Ok(diesel::delete(old).execute(self).await?)
            }
        }
    };
}
try_rows!(SqliteConn);
try_rows!(PgConn);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tries_are_free_and_the_wait_has_an_end() {
        assert_eq!(wait(1), 0);
        assert_eq!(wait(4), 0);
        assert_eq!(wait(5), 5 * MICROS);
        assert_eq!(wait(6), 10 * MICROS);
        assert_eq!(wait(i32::MAX), LONGEST_S * MICROS);
    }
}
