//! The journal: one writer for everything hot, one commit for everything that waits.
//!
//! The flow writes a lot of small facts: updates to store before they are acknowledged, updates
//! that are done, messages that were sent, log rows. Committing each alone would cost one disk
//! flush each. The journal commits them together: a batch of updates to store is written at once
//! and takes along whatever else waits; without one, the rest is written within [`LINGER`].
//!
//! What must not be lost (updates, done marks, outbox marks) is kept and tried again while the
//! database is away; log rows are bounded and, when dropped, counted.

mod entry;
mod postgres;
mod sqlite;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use vahta_rows::{Db, DbError};

pub use entry::{
    ApiLog, Finished, Mark, MessageLog, OutboxMark, RawUpdate, Seen, Stored, UpdateState,
};
use entry::{Log, Store};

/// How long a done mark or a log row may wait for company.
pub const LINGER: Duration = Duration::from_millis(20);
/// Log rows that may wait in memory; more are dropped and counted.
const LOG_QUEUE: usize = 32_768;
/// Marks that may wait in memory; then their senders wait.
const MARK_QUEUE: usize = 16_384;

/// Where the flow writes; cheap to clone.
#[derive(Clone)]
pub struct Journal {
    stores: mpsc::Sender<Store>,
    marks: mpsc::Sender<Mark>,
    logs: mpsc::Sender<Log>,
    flush: mpsc::Sender<oneshot::Sender<bool>>,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    logs_dropped: AtomicU64,
    commits: AtomicU64,
}

impl Journal {
    /// Starts the writer task; it ends when the last handle is dropped.
    pub fn start(db: Db) -> Self {
        let (stores, stores_in) = mpsc::channel(64);
        let (marks, marks_in) = mpsc::channel(MARK_QUEUE);
        let (logs, logs_in) = mpsc::channel(LOG_QUEUE);
        let (flush, flush_in) = mpsc::channel(16);
        let counters = Arc::new(Counters::default());
        let inbox = writer::Inbox {
            stores: stores_in,
            marks: marks_in,
            logs: logs_in,
            flush: flush_in,
        };
        tokio::spawn(writer::run(db, inbox, counters.clone()));
        Self {
            stores,
            marks,
            logs,
            flush,
            counters,
        }
    }

    /// Stores a batch of updates; when this returns they are on disk. Updates that were there
    /// already are left as they are.
    pub async fn store(&self, updates: Vec<RawUpdate>) -> Result<Stored, DbError> {
        let (answer, answered) = oneshot::channel();
        self.stores
            .send(Store { updates, answer })
            .await
            .map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    /// Notes that an update came to an end. Waits only when the journal is far behind.
    pub async fn finished(&self, finished: Finished) {
        // The channel closes only at the end of the process; the update is then run again.
        let _ = self.marks.send(Mark::Update(finished)).await;
    }

    /// Notes what became of an outbox row.
    pub async fn outbox(&self, mark: OutboxMark) {
        let _ = self.marks.send(Mark::Outbox(mark)).await;
    }

    pub fn message(&self, log: MessageLog) {
        self.log(Log::Message(log));
    }

    pub fn api(&self, log: ApiLog) {
        self.log(Log::Api(log));
    }

    pub fn seen(&self, seen: Seen) {
        self.log(Log::Seen(seen));
    }

    fn log(&self, log: Log) {
        if self.logs.try_send(log).is_err() {
            self.counters.logs_dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything that was given so far is written; `false` when some of it could not
    /// be and waits on.
    pub async fn flush(&self) -> bool {
        let (done, wait) = oneshot::channel();
        self.flush.send(done).await.is_ok() && wait.await.unwrap_or(false)
    }

    /// Log rows that were dropped because the database was away or too slow.
    pub fn logs_dropped(&self) -> u64 {
        self.counters.logs_dropped.load(Ordering::Relaxed)
    }

    /// Transactions so far.
    pub fn commits(&self) -> u64 {
        self.counters.commits.load(Ordering::Relaxed)
    }

    /// Log rows and marks that wait now.
    pub fn waiting(&self) -> usize {
        (LOG_QUEUE - self.logs.capacity()) + (MARK_QUEUE - self.marks.capacity())
    }
}

fn stopped() -> DbError {
    DbError::Unavailable("the journal has stopped".into())
}
