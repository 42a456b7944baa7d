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
use super::sessions::{Login, SessionError};
use crate::storage::schema::link_tokens;
use crate::tokens::{self, NewToken, Purpose, Token, TokenRows as _};

/// How long a link from the bot can be used.
pub const LINK: Duration = Duration::from_secs(10 * 60);
/// How long a first step, such as a right password, waits for its second factor.
pub const SECOND_STEP: Duration = Duration::from_secs(5 * 60);

/// `link_tokens.payload` of a token that no browser has shown.
const UNBOUND: &str = "{}";

pub(super) fn bound_to(browser: &str) -> String {
    serde_json::json!({ "browser": tokens::hash(browser) }).to_string()
}

/// As [`bound_to`], with the way that the first step was made.
fn step_of(browser: &str, login: Login) -> String {
    serde_json::json!({ "browser": tokens::hash(browser), "login": login.as_str() }).to_string()
}

/// The ways in that ask for a second step.
const STEPS: [Login; 3] = [Login::Link, Login::Password, Login::Widget];

impl Accounts {
    /// A link for the person who asked the bot for it; earlier ones that nobody used die.
    pub async fn login_link(&self, user: UserId) -> Result<Token, SessionError> {
        self.fresh_link(Purpose::Login, user).await
    }

    /// Remembers that this person made the first step in this browser, and how.
    pub async fn begin_second_step(
        &self,
        user: UserId,
        login: Login,
        browser: &str,
    ) -> Result<(), SessionError> {
        let (token, payload) = (Token::fresh()?, step_of(browser, login));
        let row = row(Purpose::SecondStep, &token, user, &payload, SECOND_STEP);
        // Those of other browsers stay: one may be the person's own.
        transaction!(self.db, c => c.put_token(&row).await)?;
        Ok(())
    }

    /// A fresh token of one who can have one of this kind; earlier ones that nobody used die.
    pub(super) async fn fresh_link(
        &self,
        purpose: Purpose,
        user: UserId,
    ) -> Result<Token, SessionError> {
        let token = Token::fresh()?;
        let row = row(purpose, &token, user, UNBOUND, LINK);
        transaction!(self.db, c => {
            c.forget_links(purpose, user).await?;
            c.put_token(&row).await
        })?;
        Ok(token)
    }

    /// Binds a link to this browser; false when it is unknown, used, expired or another browser's.
    pub async fn present_link(&self, token: &str, browser: &str) -> Result<bool, DbError> {
        if !tokens::is_well_formed(token) || !tokens::is_well_formed(browser) {
            return Ok(false);
        }
        let (hash, payload, now) = (tokens::hash(token), bound_to(browser), Micros::now());
        transaction!(self.db, c => c.bind_link(&hash, Purpose::Login, &payload, now).await)
    }

    /// Whose link this browser has shown, if it could be used up now.
    pub async fn presented(&self, browser: &str) -> Result<Option<UserId>, DbError> {
        let (payload, now) = ([bound_to(browser)], Micros::now());
        let found = with_db!(self.db, c => c.bound_link(Purpose::Login, &payload, now).await)?;
        Ok(found.map(|found| found.user))
    }

    /// Uses the link up that this browser has shown: of two requests at once, one gets the person.
    pub async fn take_link(&self, browser: &str) -> Result<Option<UserId>, DbError> {
        let found = self.take(Purpose::Login, &[bound_to(browser)]).await?;
        Ok(found.map(|found| found.user))
    }

    /// Who made the first step in this browser and may still make the second, and how.
    pub async fn second_step(&self, browser: &str) -> Result<Option<(UserId, Login)>, DbError> {
        let (payloads, now) = (STEPS.map(|login| step_of(browser, login)), Micros::now());
        let purpose = Purpose::SecondStep;
        let found = with_db!(self.db, c => c.bound_link(purpose, &payloads, now).await)?;
        Ok(found.and_then(|found| way_of(&payloads, found)))
    }

    /// As [`Self::take_link`], for the second step: the person, and how the first one was made.
    pub async fn take_second_step(
        &self,
        browser: &str,
    ) -> Result<Option<(UserId, Login)>, DbError> {
        let payloads = STEPS.map(|login| step_of(browser, login));
        let found = self.take(Purpose::SecondStep, &payloads).await?;
        Ok(found.and_then(|found| way_of(&payloads, found)))
    }

    async fn take(&self, purpose: Purpose, payloads: &[String]) -> Result<Option<Bound>, DbError> {
        let now = Micros::now();
        transaction!(self.db, c => {
            let Some(found) = c.bound_link(purpose, payloads, now).await? else {
                return Ok(None);
            };
            let taken = c.consume_token(&found.hash, purpose, found.user, now).await?;
            Ok(taken.map(|_| found))
        })
    }
}

fn way_of(payloads: &[String], found: Bound) -> Option<(UserId, Login)> {
    let which = payloads.iter().position(|one| *one == found.payload)?;
    Some((found.user, *STEPS.get(which)?))
}

fn row(
    purpose: Purpose,
    token: &Token,
    user: UserId,
    payload: &str,
    lifetime: Duration,
) -> NewToken {
    let now = Micros::now();
    NewToken {
        hash: token.hash(),
        purpose,
        payload: payload.into(),
        created_by: Some(user),
        created_at: now,
        expires_at: now.plus(lifetime),
    }
}

/// A token that a browser has shown.
pub(super) struct Bound {
    pub(super) hash: String,
    pub(super) user: UserId,
    payload: String,
}

#[async_trait::async_trait]
pub(super) trait LinkRows {
    /// Deletes the unused tokens of a person.
    async fn forget_links(&mut self, purpose: Purpose, user: UserId) -> Result<(), DbError>;
    /// Binds an unbound token to whoever shows it; again by the same is no fault.
    async fn bind_link(
        &mut self,
        hash: &str,
        purpose: Purpose,
        payload: &str,
        now: Micros,
    ) -> Result<bool, DbError>;
    /// The newest with one of these payloads.
    async fn bound_link(
        &mut self,
        purpose: Purpose,
        payloads: &[String],
        now: Micros,
    ) -> Result<Option<Bound>, DbError>;
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
                purpose: Purpose,
                payload: &str,
                now: Micros,
            ) -> Result<bool, DbError> {
                let usable = link_tokens::table
                    .filter(link_tokens::hash.eq(hash))
                    .filter(link_tokens::purpose.eq(purpose.as_str()))
                    .filter(link_tokens::used_at.is_null())
                    .filter(link_tokens::expires_at.gt(now.0))
                    .filter(link_tokens::payload.eq_any([UNBOUND, payload]));
                let bind = diesel::update(usable).set(link_tokens::payload.eq(payload));
                Ok(Run::execute(bind, self).await? > 0)
            }

            async fn bound_link(
                &mut self,
                purpose: Purpose,
                payloads: &[String],
                now: Micros,
            ) -> Result<Option<Bound>, DbError> {
                type Row = (String, Option<i64>, String);
                let find = link_tokens::table
                    .filter(link_tokens::purpose.eq(purpose.as_str()))
                    .filter(link_tokens::payload.eq_any(payloads))
                    .filter(link_tokens::used_at.is_null())
                    .filter(link_tokens::expires_at.gt(now.0))
                    .order(link_tokens::created_at.desc())
                    .select((
                        link_tokens::hash,
                        link_tokens::created_by,
                        link_tokens::payload,
                    ));
                let row: Option<Row> = Run::first(find, self).await.optional()?;
                Ok(row.and_then(|(hash, user, payload)| {
                    let user = UserId(user?);
                    Some(Bound {
                        hash,
                        user,
                        payload,
                    })
                }))
            }
        }
    };
}
link_rows!(SqliteConn);
link_rows!(PgConn);
