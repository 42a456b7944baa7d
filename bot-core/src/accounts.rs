//! People on the web: a person of [`access`](crate::access) seen through a browser.
//!
//! What somebody may do is not decided here: a session says who it is, the rules say what they may.
//!
//! | Module | What |
//! |---|---|
//! | [`api_keys`] | keys of programs |
//! | [`idempotency`] | requests that are sent again and run once |
//! | [`sessions`] | browsers that are logged in |

pub mod api_keys;
pub mod idempotency;
pub mod sessions;

use vahta_rows::Db;

/// The web's side of people; cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    db: Db,
    ends: tokio::sync::watch::Sender<u64>,
}

impl Accounts {
    pub fn new(db: Db) -> Self {
        Self {
            db,
            ends: tokio::sync::watch::Sender::new(0),
        }
    }

    /// Changes whenever a session of this process was ended: streams look whether it was theirs.
    pub fn ends(&self) -> tokio::sync::watch::Receiver<u64> {
        self.ends.subscribe()
    }
}
