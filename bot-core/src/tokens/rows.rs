//! `link_tokens` on either connection; used inside `transaction!`.

use diesel::prelude::*;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId};

use super::Purpose;
use crate::storage::schema::link_tokens;

/// A token to write.
#[derive(Debug, Clone)]
pub struct NewToken {
    pub hash: String,
    pub purpose: Purpose,
    /// JSON: what the token gives.
    pub payload: String,
    pub created_by: Option<UserId>,
    pub created_at: Micros,
    pub expires_at: Micros,
}

/// A token that was just used up.
#[derive(Debug, Clone)]
pub struct Consumed {
    pub payload: String,
    pub created_by: Option<UserId>,
}

#[async_trait::async_trait]
pub trait TokenRows {
    /// Writes a token; one with the same hash is replaced.
    async fn put_token(&mut self, token: &NewToken) -> Result<(), DbError>;

    /// Uses a token up, or `None` when it is unknown, expired or used: of two who race, one wins.
    async fn consume_token(
        &mut self,
        hash: &str,
        purpose: Purpose,
        user: UserId,
        now: Micros,
    ) -> Result<Option<Consumed>, DbError>;

    /// Takes an unused token back; false when there is none.
    async fn withdraw_token(&mut self, hash: &str, purpose: Purpose) -> Result<bool, DbError>;

    /// Takes back every unused token of a purpose.
    async fn withdraw_all(&mut self, purpose: Purpose) -> Result<usize, DbError>;
}

macro_rules! token_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl TokenRows for $conn {
            async fn put_token(&mut self, token: &NewToken) -> Result<(), DbError> {
                let unused = (
                    link_tokens::purpose.eq(token.purpose.as_str()),
                    link_tokens::payload.eq(&token.payload),
                    link_tokens::created_by.eq(token.created_by.map(|id| id.0)),
                    link_tokens::created_at.eq(token.created_at.0),
                    link_tokens::expires_at.eq(token.expires_at.0),
                    link_tokens::used_at.eq(None::<i64>),
                    link_tokens::used_by.eq(None::<i64>),
                );
                let insert = diesel::insert_into(link_tokens::table)
                    .values((link_tokens::hash.eq(&token.hash), unused.clone()))
                    .on_conflict(link_tokens::hash)
                    .do_update()
                    .set(unused);
                diesel_async::RunQueryDsl::execute(insert, self).await?;
                Ok(())
            }

            async fn consume_token(
                &mut self,
                hash: &str,
                purpose: Purpose,
                user: UserId,
                now: Micros,
            ) -> Result<Option<Consumed>, DbError> {
                let update = diesel::update(
                    link_tokens::table
                        .filter(link_tokens::hash.eq(hash))
                        .filter(link_tokens::purpose.eq(purpose.as_str()))
                        .filter(link_tokens::used_at.is_null())
                        .filter(link_tokens::expires_at.gt(now.0)),
                )
                .set((
                    link_tokens::used_at.eq(now.0),
                    link_tokens::used_by.eq(user.0),
                ))
                .returning((link_tokens::payload, link_tokens::created_by));
                let row: Option<(String, Option<i64>)> =
                    diesel_async::RunQueryDsl::get_result(update, self)
                        .await
                        .optional()?;
                Ok(row.map(|(payload, by)| Consumed {
                    payload,
                    created_by: by.map(UserId),
                }))
            }

            async fn withdraw_token(
                &mut self,
                hash: &str,
                purpose: Purpose,
            ) -> Result<bool, DbError> {
                let delete = diesel::delete(
                    link_tokens::table
                        .filter(link_tokens::hash.eq(hash))
                        .filter(link_tokens::purpose.eq(purpose.as_str()))
                        .filter(link_tokens::used_at.is_null()),
                );
                Ok(diesel_async::RunQueryDsl::execute(delete, self).await? > 0)
            }

            async fn withdraw_all(&mut self, purpose: Purpose) -> Result<usize, DbError> {
                let delete = diesel::delete(
                    link_tokens::table
                        .filter(link_tokens::purpose.eq(purpose.as_str()))
                        .filter(link_tokens::used_at.is_null()),
                );
                Ok(diesel_async::RunQueryDsl::execute(delete, self).await?)
            }
        }
    };
}
token_rows!(SqliteConn);
token_rows!(PgConn);
