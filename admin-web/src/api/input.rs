//! What a request brings, and what its caller may hand on.

use bot_core::access::{AccessError, Change, KeySet, Reach, Refused};
use serde::de::DeserializeOwned;
use vahta_rows::{ChatId, Micros, UserId};
use warp::http::header;

use crate::cx::Cx;
use crate::problem::Problem;

/// Items of a page, when nobody says.
const PAGE: i64 = 50;
const LONGEST: i64 = 200;

/// The body, which is JSON; a field that nobody knows is named in the problem.
pub(crate) fn body<T: DeserializeOwned>(cx: &Cx) -> Result<T, Problem> {
    let kind = cx.request.header(header::CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Problem::Bad("the body must be application/json".into()));
    }
    cx.json()
}

/// How many items a page has.
pub(crate) fn limit(asked: Option<i64>) -> Result<i64, Problem> {
    match asked {
        None => Ok(PAGE),
        Some(limit) if (1..=LONGEST).contains(&limit) => Ok(limit),
        Some(_) => Err(Problem::Bad(format!("`limit` is 1 to {LONGEST}"))),
    }
}

/// The number of a page, for lists whose order changes: their cursor is one.
pub(crate) fn page_number(after: Option<i64>) -> Result<u32, Problem> {
    // So far that no offset overflows.
    match after {
        None => Ok(0),
        Some(page) if (0..=1_000_000).contains(&page) => Ok(page as u32),
        Some(_) => Err(Problem::Bad("`after` is no cursor of this list".into())),
    }
}

/// Cuts the one more that a list reads to know whether it goes on.
pub(crate) fn cut<T>(rows: &mut Vec<T>, limit: i64) -> bool {
    let has_more = rows.len() as i64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or_default());
    has_more
}

/// `chat` of a grant: nothing is everywhere.
pub(crate) fn reach(chat: Option<i64>) -> Result<Reach, Problem> {
    match chat {
        None => Ok(Reach::Everywhere),
        Some(0) => Err(Problem::Bad("`chat` 0 is no chat".into())),
        Some(chat) => Ok(Reach::Chat(ChatId(chat))),
    }
}

pub(crate) fn chat_of(reach: Reach) -> Option<i64> {
    match reach {
        Reach::Everywhere => None,
        Reach::Chat(chat) => Some(chat.0),
    }
}

impl Cx {
    /// A key hands on no more than its own scopes, whatever its owner holds.
    pub(crate) fn covers(&self, keys: &KeySet) -> Result<(), Problem> {
        if self.viewer.key.is_none() {
            return Ok(());
        }
        let lacks = self.viewer.keys.lacks(keys);
        if lacks.is_empty() {
            return Ok(());
        }
        let missing = lacks.into_iter().map(str::to_string).collect();
        Err(Problem::Refused(Refused::NotYours(missing).to_string()))
    }

    /// As [`Self::covers`], for what a role holds.
    pub(crate) fn covers_role(&self, role: &str) -> Result<(), Problem> {
        match self.app()?.access.snapshot().role(role) {
            Some(role) => self.covers(&role.keys),
            None => Ok(()),
        }
    }

    /// As [`Self::covers`], for everything that a person holds anywhere.
    pub(crate) fn covers_person(&self, user: UserId) -> Result<(), Problem> {
        let snapshot = self.app()?.access.snapshot();
        match snapshot.user(user) {
            Some(known) => self.covers(&snapshot.keys_anywhere(known, Micros::now())),
            None => Ok(()),
        }
    }

    /// Whoever does something to somebody holds everything that they hold anywhere, as for a block;
    /// to oneself anybody may.
    pub(crate) fn outweighs(&self, user: UserId) -> Result<(), Problem> {
        self.covers_person(user)?;
        let snapshot = self.app()?.access.snapshot();
        let Some(known) = snapshot
            .user(user)
            .filter(|_| self.viewer.user != Some(user))
        else {
            return Ok(());
        };
        let theirs = snapshot.keys_anywhere(known, Micros::now());
        let lacks = self.viewer.keys.lacks(&theirs);
        if lacks.is_empty() {
            return Ok(());
        }
        let missing = lacks.into_iter().map(str::to_string).collect();
        Err(Problem::Refused(Refused::NotYours(missing).to_string()))
    }

    /// What only a person may do: a key that was lost must not open other doors.
    pub(crate) fn no_key(&self) -> Result<UserId, Problem> {
        if self.viewer.key.is_some() {
            return Err(Problem::Refused(
                "a key cannot do this; log in with a browser".into(),
            ));
        }
        self.viewer.user.ok_or(Problem::Login)
    }

    /// Ends a change of access: replies go out, whoever watches is woken.
    pub(crate) fn settle<T>(&self, change: Result<Change<T>, AccessError>) -> Result<T, Problem> {
        let change = change.map_err(|error| match error {
            AccessError::Refused(
                Refused::NoSuchUser | Refused::NoSuchGrant | Refused::BadToken,
            ) => Problem::NotFound,
            other => other.into(),
        })?;
        self.committed(change.rows)?;
        Ok(change.done)
    }
}
