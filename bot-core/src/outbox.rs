//! The outbox's runner: durable messages are handed to the scheduler and their end is written down.
//!
//! A row that was just committed arrives in memory ([`Outbox::hand_over`]); the table is polled for
//! what nobody handed over: rows due later, tries to repeat, and what an earlier run left behind.
//! The latter may have been sent just before that run died, so each is counted as in doubt.

mod claim;
pub mod desk;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc};
use vahta_rows::outbox::{Lane, OutboxRow, OutboxState};
use vahta_rows::{Db, InstanceId, Micros, OutboxId};

use crate::outbound::failure::Verdict;
use crate::outbound::{CallError, Delivery, Outbound};
use crate::storage::journal::{Journal, OutboxMark};

/// Rows in memory at once; more stay in the table until there is room.
pub const HELD: usize = 10_000;
const POLL: Duration = Duration::from_secs(1);
/// A row is given up after this many tries.
const TRIES: i32 = 40;
/// A finished row is remembered this long at least, so that a poll cannot take it again.
const REMEMBER: Duration = Duration::from_secs(10);

/// Hands durable messages to the scheduler; cheap to clone.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    db: Db,
    journal: Journal,
    outbound: Outbound,
    instance: InstanceId,
    /// Rows in the scheduler (`None`) or finished at an instant.
    held: Mutex<HashMap<OutboxId, Option<Instant>>>,
    wake: Notify,
    /// The process ends: nothing more is taken up, the next start finds it in the table.
    closed: AtomicBool,
    stats: Stats,
}

/// Counters for `/status`.
#[derive(Debug, Default)]
pub struct Stats {
    pub sent: AtomicU64,
    pub failed: AtomicU64,
    /// Rows left by a run that died: each may arrive twice.
    pub in_doubt: AtomicU64,
    pub held: AtomicUsize,
}

impl Outbox {
    /// Starts the runner. `delivered` is where the scheduler reports.
    pub fn start(
        db: Db,
        journal: Journal,
        outbound: Outbound,
        instance: InstanceId,
        delivered: mpsc::Receiver<Delivery>,
    ) -> Self {
        let inner = Arc::new(Inner {
            db,
            journal,
            outbound,
            instance,
            held: Mutex::default(),
            wake: Notify::new(),
            closed: AtomicBool::new(false),
            stats: Stats::default(),
        });
        tokio::spawn(settle_all(Arc::downgrade(&inner), delivered));
        tokio::spawn(poll_all(Arc::downgrade(&inner)));
        Self(inner)
    }

    /// Takes rows whose transaction has just been committed.
    pub fn hand_over(&self, rows: impl IntoIterator<Item = OutboxRow>) {
        let now = Micros::now();
        for row in rows {
            if row.due_at <= now {
                self.0.deliver(row);
            }
        }
    }

    /// Looks into the table now: somebody wrote rows and did not hand them over.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    pub fn stats(&self) -> &Stats {
        &self.0.stats
    }

    /// Waits until what is under way has ended and is written down, at most `patience`: what is sent
    /// now and not written down would be sent again by the next start.
    pub async fn settle(&self, patience: Duration) {
        let end = Instant::now() + patience;
        // Nor is anything claimed: a claim beside the last marks could wait for them, and they for it.
        self.0.closed.store(true, Ordering::Relaxed);
        self.0.outbound.settle(patience).await;
        // The scheduler is through with these; their marks are on the way to the journal.
        while self.0.is_sending() && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.0.journal.flush().await;
    }
}

impl Inner {
    fn is_sending(&self) -> bool {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.values().any(Option::is_none)
    }

    /// Gives a row to the scheduler unless it is there already or there is no room.
    fn deliver(&self, row: OutboxRow) {
        if self.closed.load(Ordering::Relaxed) {
            return;
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let full = held.len() >= HELD && row.lane != Lane::Reply;
        if full || held.contains_key(&row.id) {
            return;
        }
        let id = row.id;
        if self.outbound.deliver(row) {
            held.insert(id, None);
            self.stats.held.store(held.len(), Ordering::Relaxed);
        }
    }

    async fn settle(&self, delivery: Delivery) {
        let mark = mark(&delivery, Micros::now());
        if let Err(error) = &delivery.result
            && error.verdict() == Verdict::DisableChat
            && let Err(error) = self
                .outbound
                .closed()
                .close(delivery.row.chat_id, &error.to_string())
                .await
        {
            tracing::warn!(%error, chat = %delivery.row.chat_id, "a chat could not be disabled");
        }
        match mark.state {
            OutboxState::Sent => self.stats.sent.fetch_add(1, Ordering::Relaxed),
            OutboxState::Failed => self.stats.failed.fetch_add(1, Ordering::Relaxed),
            OutboxState::Queued => 0,
        };
        self.journal.outbox(mark).await;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(delivery.row.id, Some(Instant::now()));
    }

    /// Forgets finished rows; only when their marks are surely in the table.
    async fn forget_finished(&self) {
        if !self.journal.flush().await {
            return;
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, finished| finished.is_none_or(|at| at.elapsed() < REMEMBER));
        self.stats.held.store(held.len(), Ordering::Relaxed);
    }

    async fn poll(&self) {
        self.forget_finished().await;
        if self.closed.load(Ordering::Relaxed) {
            return;
        }
        match claim::claim(&self.db, self.instance).await {
            Ok(claimed) => {
                self.stats
                    .in_doubt
                    .fetch_add(claimed.in_doubt, Ordering::Relaxed);
                if claimed.in_doubt > 0 {
                    tracing::warn!(
                        rows = claimed.in_doubt,
                        "messages of an earlier run are sent again; they may arrive twice"
                    );
                }
                for row in claimed.rows {
                    self.deliver(row);
                }
            }
            Err(error) => tracing::warn!(%error, "the outbox cannot be read"),
        }
    }
}

/// What the end of a delivery means for its row.
fn mark(delivery: &Delivery, now: Micros) -> OutboxMark {
    let row = &delivery.row;
    let base = OutboxMark {
        id: row.id,
        epoch: row.epoch,
        state: OutboxState::Sent,
        attempts: delivery.attempts,
        due_at: row.due_at,
        message_id: None,
        error: None,
        at: now,
    };
    let error = match &delivery.result {
        Ok(answer) => {
            return OutboxMark {
                message_id: crate::outbound::message_id(answer),
                ..base
            };
        }
        Err(error) => error,
    };
    let again = match error.verdict() {
        Verdict::AlreadySo => return base,
        Verdict::Retry | Verdict::RetryInDoubt | Verdict::Pause(_) => delivery.attempts < TRIES,
        Verdict::GiveUp => matches!(error, CallError::Stopped),
        Verdict::DisableChat | Verdict::Migrate(_) => false,
    };
    let state = if again {
        OutboxState::Queued
    } else {
        OutboxState::Failed
    };
    let seconds = u64::try_from(delivery.attempts).unwrap_or(1).clamp(1, 30) * 2;
    let due_at = if again {
        now.plus(Duration::from_secs(seconds))
    } else {
        row.due_at
    };
    OutboxMark {
        state,
        due_at,
        error: Some(error.to_string()),
        ..base
    }
}

async fn settle_all(inner: std::sync::Weak<Inner>, mut delivered: mpsc::Receiver<Delivery>) {
    while let Some(delivery) = delivered.recv().await {
        let Some(inner) = inner.upgrade() else { return };
        inner.settle(delivery).await;
    }
}

async fn poll_all(inner: std::sync::Weak<Inner>) {
    loop {
        let Some(strong) = inner.upgrade() else {
            return;
        };
        strong.poll().await;
        tokio::select! {
            () = strong.wake.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}
