//! Approvals: somebody asks, others decide, the owner applies the outcome.
//!
//! A question is a row that its owner wrote in a transaction of its own
//! ([`vahta_rows::approvals`]). A decision is one transaction: the row is locked, the voter's right
//! is read from the tables, the vote is counted, and what ends the question also writes the owner's
//! job, the event and the audit row. The keeper then brings every message to the truth; it can be
//! killed at any moment, for what is left to do follows from the tables.
//!
//! | Module | What |
//! |---|---|
//! | `decide` | a vote, a withdrawal, the end of time |
//! | [`read`], [`list`] | one question, and lists of them |
//! | [`rights`] | who may decide, who may see |
//! | [`card`] | what a message shows, for one reader |
//! | `keep` | the task that tells people and expires what is due |
//! | `notices` | the messages, as rows |
//! | `rows` | questions and votes inside a transaction |
//!
//! Errors: [`ApprovalError::Refused`] is the answer to the person who pressed;
//! [`ApprovalError::Db`] is the database's.

pub mod card;
mod decide;
mod keep;
pub mod list;
mod notices;
pub mod read;
pub mod rights;
mod rows;

use std::collections::HashSet;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Notify;
use vahta_rows::approvals::ApprovalState;
use vahta_rows::outbox::OutboxRow;
use vahta_rows::{ApprovalId, Db, DbError, Micros, UserId};

use crate::access::Snapshot;
use crate::events::Events;
use crate::jobs::Jobs;

pub use keep::keep;
pub use read::{Approval, View, Vote};

/// Characters of a reason; the longest that is taken.
pub const REASON: usize = 500;

/// Decides, and wakes whoever tells of it; cheap to clone.
#[derive(Clone)]
pub struct Approvals(Arc<Inner>);

struct Inner {
    db: Db,
    events: Events,
    jobs: Jobs,
    wake: Notify,
    /// What is open, as of the keeper's last look: for the count in the navigation.
    open: ArcSwap<Open>,
}

#[derive(Default)]
struct Open {
    approvals: Vec<Approval>,
    /// Question and person.
    voted: HashSet<(i64, i64)>,
}

/// What became of a question by somebody's act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub approval: ApprovalId,
    /// `Open` while more have to approve.
    pub state: ApprovalState,
    /// How many approve, and how many must.
    pub have: i64,
    pub needed: i32,
}

/// An act that was committed.
#[derive(Debug)]
pub struct Done {
    pub decided: Decided,
    /// The replies that were written with it, to hand to the outbox runner.
    pub rows: Vec<OutboxRow>,
}

#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("there is no such approval")]
    Gone,
    #[error("it was decided before: {}", .state.as_str())]
    Decided {
        state: ApprovalState,
        /// Who, if a person did it.
        by: Option<UserId>,
        name: String,
        at: Micros,
    },
    #[error("you have voted already")]
    Voted { approves: bool, at: Micros },
    #[error("nobody decides what they asked for themselves")]
    OwnRequest,
    #[error("this takes the permission {0}")]
    NotAllowed(String),
    #[error("only whoever asked can withdraw it")]
    NotYours,
    #[error("a reason has at most 500 characters")]
    LongReason,
}

impl Approvals {
    pub fn new(db: Db, events: Events, jobs: Jobs) -> Self {
        Self(Arc::new(Inner {
            db,
            events,
            jobs,
            wake: Notify::new(),
            open: ArcSwap::default(),
        }))
    }

    /// Something was asked or decided: the keeper looks now instead of at its next poll.
    pub fn wake(&self) {
        self.0.wake.notify_one();
        self.0.events.wake();
    }

    /// How many questions wait for somebody's vote; memory only.
    pub fn waiting_for(&self, user: UserId, snapshot: &Snapshot) -> usize {
        let now = Micros::now();
        let open = self.0.open.load();
        let waits = |approval: &&Approval| {
            !open.voted.contains(&(approval.id, user.0))
                && rights::may_decide(snapshot, user, approval, now)
        };
        open.approvals.iter().filter(waits).count()
    }

    /// After a commit: whoever must hear of it does, and the count is right at once.
    async fn committed(&self) {
        self.0.jobs.wake();
        self.wake();
        if let Err(error) = self.look().await {
            tracing::debug!(%error, "open approvals cannot be counted just now");
        }
    }

    /// Reads what is open, for the count.
    async fn look(&self) -> Result<(), DbError> {
        let approvals = read::open(&self.0.db).await?;
        let voted = read::voted(&self.0.db, &approvals).await?;
        self.0.open.store(Arc::new(Open { approvals, voted }));
        Ok(())
    }
}
