//! Notices: what one person is told, wherever they are.
//!
//! Whoever has something to tell leaves a row in a transaction of their own
//! ([`vahta_rows::notices`]). The courier offers it to the person's open page; a page that shows it
//! says so, and what nobody has shown within the delay becomes a row of the outbox. Where notices go
//! and when it is quiet, the person has set. Each step is a compare-and-set on the notice's row, so
//! the courier can be killed at any moment: what is left to do follows from the table.
//!
//! | Module | What |
//! |---|---|
//! | [`presence`] | who has a page open now |
//! | [`quiet`] | quiet hours, by the calendar of the person's zone |
//! | [`courier`] | the task that offers, sends and waits |
//! | [`read`] | somebody's notices: what is unread, what a page shows |
//! | `rows` | notices inside a transaction |

pub mod courier;
pub mod presence;
pub mod quiet;
pub mod read;
mod rows;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use vahta_rows::Db;

use crate::events::Events;

pub use presence::Presence;
pub use quiet::Quiet;
pub use read::{Notice, Unread};
pub(crate) use rows::{NoticeRows, NoticeSettings};

/// The event that tells pages to look: `object` says whose notice it is.
pub const NEW: &str = "notice.new";
/// Something was read.
pub const READ: &str = "notice.read";

/// Where somebody wants their notices; `bot_users.notify`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(i16)]
pub enum Whither {
    /// To an open page; into the private chat when none shows it.
    #[default]
    Web = 0,
    Telegram = 1,
    Both = 2,
}

impl Whither {
    pub const ALL: [Self; 3] = [Self::Web, Self::Telegram, Self::Both];

    pub fn from_i16(value: i16) -> Self {
        match value {
            1 => Self::Telegram,
            2 => Self::Both,
            _ => Self::Web,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Telegram => "telegram",
            Self::Both => "both",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// Delivers notices, and wakes whoever delivers; cheap to clone.
#[derive(Clone)]
pub struct Notices(Arc<Inner>);

struct Inner {
    db: Db,
    events: Events,
    presence: Presence,
    wake: Notify,
    /// How long an open page has to show a notice.
    delay: Duration,
}

impl Notices {
    pub fn new(db: Db, events: Events, delay: Duration) -> Self {
        Self(Arc::new(Inner {
            db,
            events,
            presence: Presence::default(),
            wake: Notify::new(),
            delay,
        }))
    }

    /// A notice was committed: the courier looks now instead of at its next poll.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Who has a page open: whoever serves pages says so.
    pub fn presence(&self) -> &Presence {
        &self.0.presence
    }
}
