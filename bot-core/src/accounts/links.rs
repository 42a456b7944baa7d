//! One-time tokens that lead to a session: the bot's login link, and the wait for a second factor.
//!
//! A token is bound to the browser that shows it first, by the hash of a cookie that this browser
//! alone has; using it up takes that cookie. So a link that somebody else opened is dead, and one
//! that leaked after it was opened is worth nothing.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId, transaction, with_db};

use super::Accounts;
use super::sessions::SessionError;
use crate::storage::schema::link_tokens;
use crate::tokens::{self, NewToken, Purpose, Token, TokenRows as _};

/// How long a link from the bot can be used.
pub const LINK: Duration = Duration::from_secs(10 * 60);
/// How long a right password waits for its second factor.
pub const SECOND_STEP: Duration = Duration::from_secs(5 * 60);

/// `link_tokens.payload` of a token that no browser has shown.
const UNBOUND: &str = "{}";

fn bound_to(browser: &str) -> String {
    serde_json::json!({ "browser": tokens::hash(browser) }).to_string()
}

impl Accounts {
    /// A link for the person who asked the bot for it; earlier ones that nobody used die.
    pub async fn login_link(&self, user: UserId) -> Result<Token, SessionError> {
        let token = Token::fresh()?;
        self.put(Purpose::Login, &token, user, UNBOUND, LINK)
            .await?;
        Ok(token)
    }

    /// Remembers that this browser gave the right password of this person.
    pub async fn begin_second_step(&self, user: UserId, browser: &str) -> Result<(), SessionError> {
        let (token, payload) = (Token::fresh()?, bound_to(browser));
        self.put(Purpose::SecondStep, &token, user, &payload, SECOND_STEP)
            .await?;
        Ok(())
    }

    async fn put(
        &self,
        purpose: Purpose,
        token: &Token,
        user: UserId,
        payload: &str,
        lifetime: Duration,
    ) -> Result<(), DbError> {
        let now = Micros::now();
        let row = NewToken {
            hash: token.hash(),
            purpose,
            payload: payload.into(),
            created_by: Some(user),
            created_at: now,
            expires_at: now.plus(lifetime),
        };
        transaction!(self.db, c => {
            c.forget_links(purpose, user).await?;
            c.put_token(&row).await
        })
    }

    /// Binds a link to this browser; false when it is unknown, used, expired or another browser's.
    pub async fn present_link(&self, token: &str, browser: &str) -> Result<bool, DbError> {
        if !tokens::is_well_formed(token) || !tokens::is_well_formed(browser) {
            return Ok(false);
        }
        let (hash, payload, now) = (tokens::hash(token), bound_to(browser), Micros::now());
        transaction!(self.db, c => c.bind_link(&hash, &payload, now).await)
    }

    /// Whose token this browser has shown, if it could be used up now.
    pub async fn presented(
        &self,
        purpose: Purpose,
        browser: &str,
    ) -> Result<Option<UserId>, DbError> {
        let (payload, now) = (bound_to(browser), Micros::now());
        let found = with_db!(self.db, c => c.bound_link(purpose, &payload, now).await)?;
        Ok(found.map(|(_, user)| user))
    }

    /// Uses the token up that this browser has shown: of two requests at once, one gets the person.
    pub async fn take(&self, purpose: Purpose, browser: &str) -> Result<Option<UserId>, DbError> {
        let (payload, now) = (bound_to(browser), Micros::now());
        transaction!(self.db, c => {
            let Some((hash, user)) = c.bound_link(purpose, &payload, now).await? else {
                return Ok(None);
            };
            let taken = c.consume_token(&hash, purpose, user, now).await?;
            Ok(taken.map(|_| user))
        })
    }
}

#[async_trait::async_trait]
trait LinkRows {
    /// Deletes the unused tokens of a person.
    async fn forget_links(&mut self, purpose: Purpose, user: UserId) -> Result<(), DbError>;
    async fn bind_link(&mut self, hash: &str, payload: &str, now: Micros) -> Result<bool, DbError>;
    /// The newest with this payload, and whose it is.
    async fn bound_link(
        &mut self,
        purpose: Purpose,
        payload: &str,
        now: Micros,
    ) -> Result<Option<(String, UserId)>, DbError>;
}

macro_rules! link_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl LinkRows for $conn {
            async fn forget_links(
                &mut self,
                purpose: Purpose,
                user: UserId,
            ) -> Result<(), DbError> {
                let theirs = link_tokens::table
                    .filter(link_tokens::purpose.eq(purpose.as_str()))
                    .filter(link_tokens::created_by.eq(user.0))
                    .filter(link_tokens::used_at.is_null());
                Run::execute(diesel::delete(theirs), self).await?;
                Ok(())
            }

            async fn bind_link(
                &mut self,
                hash: &str,
                payload: &str,
                now: Micros,
            ) -> Result<bool, DbError> {
                let usable = link_tokens::table
                    .filter(link_tokens::hash.eq(hash))
                    .filter(link_tokens::purpose.eq(Purpose::Login.as_str()))
                    .filter(link_tokens::used_at.is_null())
                    .filter(link_tokens::expires_at.gt(now.0))
                    .filter(link_tokens::payload.eq_any([UNBOUND, payload]));
                let bind = diesel::update(usable).set(link_tokens::payload.eq(payload));
                Ok(Run::execute(bind, self).await? > 0)
            }

            async fn bound_link(
                &mut self,
                purpose: Purpose,
                payload: &str,
                now: Micros,
            ) -> Result<Option<(String, UserId)>, DbError> {
                let find = link_tokens::table
                    .filter(link_tokens::purpose.eq(purpose.as_str()))
                    .filter(link_tokens::payload.eq(payload))
                    .filter(link_tokens::used_at.is_null())
                    .filter(link_tokens::expires_at.gt(now.0))
                    .order(link_tokens::created_at.desc())
                    .select((link_tokens::hash, link_tokens::created_by));
                let row: Option<(String, Option<i64>)> = Run::first(find, self).await.optional()?;
                Ok(row.and_then(|(hash, user)| Some((hash, UserId(user?)))))
            }
        }
    };
}
link_rows!(SqliteConn);
link_rows!(PgConn);
