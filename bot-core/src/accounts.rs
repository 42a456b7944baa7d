//! People on the web: a person of [`access`](crate::access) seen through a browser.
//!
//! What somebody may do is not decided here: a session says who it is, the rules say what they may.
//!
//! | Module | What |
//! |---|---|
//! | [`api_keys`] | keys of programs |
//! | [`idempotency`] | requests that are sent again and run once |
//! | [`sessions`] | browsers that are logged in |
//! | [`linking`] | one person on the web and in Telegram |
//! | [`links`] | one-time tokens on the way to a session |
//! | [`passwords`] | names and passwords |
//! | [`totp`] | the second factor |
//! | [`attempts`] | how often somebody may try |
//! | [`telegram`] | what Telegram signed: Mini App, Login Widget |

pub mod api_keys;

pub mod attempts;
pub mod idempotency;
pub mod linking;
pub mod links;
pub mod passwords;
pub mod sessions;
pub mod telegram;
pub mod totp;

use std::sync::Arc;

use tokio::sync::Semaphore;
use vahta_rows::{Db, UserId};

use crate::access::{Access, By, RecordAct as _};
use crate::config::Secret;

/// The web's side of people; cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    db: Db,
    ends: tokio::sync::watch::Sender<u64>,
    /// Passwords being hashed at once: each takes 19 MiB.
    hashing: Arc<Semaphore>,
    /// What second factors are encrypted with.
    secret: Option<Secret>,
}

impl Accounts {
    pub fn new(db: Db, secret: Option<Secret>) -> Self {
        Self {
            db,
            ends: tokio::sync::watch::Sender::new(0),
            hashing: Arc::new(Semaphore::new(2)),
            secret,
        }
    }

    /// Changes whenever a session of this process was ended: streams look whether it was theirs.
    pub fn ends(&self) -> tokio::sync::watch::Receiver<u64> {
        self.ends.subscribe()
    }

    /// Writes an audit row and an event about logins, which change nobody's rights.
    pub async fn note(&self, by: &By, act: &crate::access::Act) -> Result<(), vahta_rows::DbError> {
        vahta_rows::transaction!(self.db, c => c.audit(by, act).await)
    }
}

/// May this person log in? Whoever was let in and is not blocked.
pub fn may_enter(access: &Access, user: UserId) -> bool {
    let (snapshot, now) = (access.snapshot(), vahta_rows::Micros::now());
    snapshot.user(user).is_some_and(|known| {
        known.blocked.is_none() && !snapshot.keys_anywhere(known, now).is_empty()
    })
}
