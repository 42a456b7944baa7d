//! What somebody holds, read inside a transaction: for decisions that must not rest on a snapshot.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{ChatId, DbError, Micros, PgConn, SqliteConn, UserId};

use super::keys;
use crate::storage::schema::{bot_users, grants, role_keys};

#[async_trait::async_trait]
pub trait HeldKeys {
    /// Does somebody hold `key` in a chat (`None`: everywhere) by the tables as they are now?
    ///
    /// # Errors
    /// The database's.
    async fn holds(
        &mut self,
        user: UserId,
        key: &str,
        chat: Option<ChatId>,
        now: Micros,
    ) -> Result<bool, DbError>;
}

macro_rules! held_keys {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl HeldKeys for $conn {
            async fn holds(
                &mut self,
                user: UserId,
                key: &str,
                chat: Option<ChatId>,
                now: Micros,
            ) -> Result<bool, DbError> {
                let person = bot_users::table.find(user.0).select(bot_users::blocked_at);
                let blocked: Option<Option<i64>> = Run::first(person, self).await.optional()?;
                if blocked != Some(None) {
                    return Ok(false);
                }
                // 0 is everywhere.
                let places = [0, chat.map_or(0, |chat| chat.0)];
                let current = grants::table
                    .filter(grants::user_id.eq(user.0))
                    .filter(grants::chat_id.eq_any(places))
                    .filter(grants::role.ne(keys::GUEST))
                    .filter(
                        grants::expires_at
                            .is_null()
                            .or(grants::expires_at.gt(now.0)),
                    )
                    .select(grants::role);
                let roles: Vec<String> = Run::load(current, self).await?;
                let giving = role_keys::table
                    .filter(role_keys::role.eq_any(roles))
                    .filter(role_keys::permission.eq_any([key, keys::EVERY]))
                    .count();
                let found: i64 = Run::get_result(giving, self).await?;
                Ok(found > 0)
            }
        }
    };
}
held_keys!(SqliteConn);
held_keys!(PgConn);
