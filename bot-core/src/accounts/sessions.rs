//! Browsers that are logged in.
//!
//! The cookie holds a fresh token of 128 bits; the table holds its SHA-256, so that whoever reads
//! the table cannot become anybody. A session ends by logout, by an admin, by blocking its user,
//! after [`IDLE`] without a request, and [`ABSOLUTE`] after its login.

mod rows;

use std::time::Duration;

use serde_json::json;
use vahta_rows::events::{Event, PutEvent as _};
use vahta_rows::{DbError, Micros, UserId, transaction, with_db};

pub(crate) use self::rows::SessionRows;
use super::Accounts;
use crate::access::{Act, By, RecordAct as _};
use crate::tokens::{self, NoRandomness, Token};

/// A session that asks for nothing this long is over.
pub const IDLE: Duration = Duration::from_secs(12 * 3600);
/// No session lives longer.
pub const ABSOLUTE: Duration = Duration::from_secs(7 * 24 * 3600);
/// Nor does one whose token a page holds in its memory, for the page is not open longer.
pub const MINI_APP: Duration = Duration::from_secs(3600);
/// What changes how one logs in takes a login this young.
pub const FRESH: Duration = Duration::from_secs(15 * 60);
/// How exact "last seen" is: a write a request would cost more than it tells.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// How somebody logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// A one-time link from the bot.
    Link,
    Password,
    /// Telegram's `initData`.
    MiniApp,
    /// Telegram's Login Widget.
    Widget,
}

impl Login {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Password => "password",
            Self::MiniApp => "mini_app",
            Self::Widget => "widget",
        }
    }

    /// The longest that such a session lives.
    fn lifetime(self) -> Duration {
        match self {
            Self::MiniApp => MINI_APP,
            _ => ABSOLUTE,
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "password" => Self::Password,
            "mini_app" => Self::MiniApp,
            "widget" => Self::Widget,
            _ => Self::Link,
        }
    }
}

/// Where a login comes from, for the person's own list of sessions.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    pub user_agent: String,
    pub address: String,
}

/// A session; never holds the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSession {
    pub hash: String,
    pub user: UserId,
    pub login: Login,
    pub user_agent: String,
    pub address: String,
    pub created_at: Micros,
    pub seen_at: Micros,
    pub expires_at: Micros,
}

impl WebSession {
    /// Did the person log in just now? Asked before a change of how one logs in. What Telegram
    /// signed may be a day old, so it proves nothing about now.
    pub fn is_fresh(&self) -> bool {
        matches!(self.login, Login::Link | Login::Password)
            && self.created_at > Micros::now().minus(FRESH)
    }
}

/// Who is behind a request with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    ByPerson,
    /// An open page, which does so whether somebody sits before it or not.
    ByPage,
}

/// Which sessions of a person end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ends<'h> {
    One(&'h str),
    AllBut(&'h str),
    All,
}

#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The topic of the event that tells every process that sessions ended.
pub const ENDED: &str = "core.session.ended";

impl Accounts {
    /// Logs a browser in. The token goes into its cookie and nowhere else.
    pub async fn open_session(
        &self,
        user: UserId,
        login: Login,
        browser: &Browser,
    ) -> Result<Token, SessionError> {
        let token = Token::fresh()?;
        let now = Micros::now();
        let session = WebSession {
            hash: token.hash(),
            user,
            login,
            user_agent: browser.user_agent.chars().take(256).collect(),
            address: browser.address.clone(),
            created_at: now,
            seen_at: now,
            expires_at: now.plus(login.lifetime()),
        };
        transaction!(self.db, c => c.put_session(&session).await)?;
        Ok(token)
    }

    /// The session of a cookie, if it still holds. Says at most once a minute that it was seen, unless
    /// a page asked by itself: only what a person does keeps a session from [`IDLE`].
    pub async fn session(&self, token: &str, asked: Asked) -> Result<Option<WebSession>, DbError> {
        if !tokens::is_well_formed(token) {
            return Ok(None);
        }
        let (hash, now) = (tokens::hash(token), Micros::now());
        let found = with_db!(self.db, c => c.live_session(&hash, now, now.minus(IDLE)).await)?;
        let Some(mut session) = found else {
            return Ok(None);
        };
        if asked == Asked::ByPerson && session.seen_at < now.minus(SEEN_EVERY) {
            transaction!(self.db, c => c.see_session(&hash, now).await)?;
            session.seen_at = now;
        }
        Ok(Some(session))
    }

    /// Does a session still hold? For streams, which outlive the request that opened them.
    pub async fn holds(&self, hash: &str) -> Result<bool, DbError> {
        let now = Micros::now();
        with_db!(self.db, c => c.live_session(hash, now, now.minus(IDLE)).await)
            .map(|found| found.is_some())
    }

    /// The sessions of one person that still hold, the one seen last first.
    pub async fn sessions_of(&self, user: UserId) -> Result<Vec<WebSession>, DbError> {
        let now = Micros::now();
        with_db!(self.db, c => c.sessions_of(user, now, now.minus(IDLE)).await)
    }

    /// Ends one session of a person; false when it had ended before.
    pub async fn end_session(&self, user: UserId, hash: &str) -> Result<bool, DbError> {
        Ok(self.end(user, Ends::One(hash)).await? > 0)
    }

    /// Ends every session of a person but this one; tells how many.
    pub async fn end_other_sessions(&self, user: UserId, keep: &str) -> Result<usize, DbError> {
        self.end(user, Ends::AllBut(keep)).await
    }

    /// Ends one session of somebody else, or all of them, as an act of `by`; tells how many.
    pub async fn end_sessions_of(
        &self,
        user: UserId,
        one: Option<&str>,
        by: &By,
    ) -> Result<usize, DbError> {
        let which = one.map_or(Ends::All, Ends::One);
        self.end_by(user, which, Some(by)).await
    }

    async fn end(&self, user: UserId, which: Ends<'_>) -> Result<usize, DbError> {
        self.end_by(user, which, None).await
    }

    async fn end_by(
        &self,
        user: UserId,
        which: Ends<'_>,
        by: Option<&By>,
    ) -> Result<usize, DbError> {
        let now = Micros::now();
        let ended = transaction!(self.db, c => {
            let ended = c.end_sessions(user, which, now).await?;
            if ended > 0 {
                c.put_event(&ended_event(user)).await?;
            }
            if let Some(by) = by {
                let act = Act {
                    action: "session.end",
                    object: format!("user:{user}"),
                    detail: json!({ "ended": ended, "all": matches!(which, Ends::All) }),
                };
                c.audit(by, &act).await?;
            }
            Ok(ended)
        })?;
        self.ends.send_modify(|count| *count += 1);
        Ok(ended)
    }

    /// Has this person logged in from there before?
    pub async fn is_known_address(&self, user: UserId, address: &str) -> Result<bool, DbError> {
        with_db!(self.db, c => c.was_at(user, address).await)
    }
}

pub(crate) fn ended_event(user: UserId) -> Event {
    Event {
        topic: ENDED.into(),
        object: format!("user:{}", user.0),
        payload: serde_json::json!({}),
    }
}
