//! The writer task: gathers, commits, answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use vahta_rows::{Db, DbError};

use super::entry::{ApiLog, Log, Mark, MessageLog, RawUpdate, Seen, Store, Stored};
use super::{Counters, LINGER, postgres, sqlite};

/// Rows of one kind that one transaction takes at most: the writer's ticket is short.
const MOST: usize = 2_000;
/// Before what could not be written is tried again.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) struct Inbox {
    pub(super) stores: mpsc::Receiver<Store>,
    pub(super) marks: mpsc::Receiver<Mark>,
    pub(super) logs: mpsc::Receiver<Log>,
    pub(super) flush: mpsc::Receiver<oneshot::Sender<bool>>,
}

/// Everything that one transaction writes.
#[derive(Clone, Default)]
pub(super) struct Batch {
    pub(super) updates: Vec<RawUpdate>,
    pub(super) marks: Vec<Mark>,
    pub(super) messages: Vec<MessageLog>,
    pub(super) calls: Vec<ApiLog>,
    pub(super) seen: Vec<Seen>,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.updates.is_empty() && self.marks.is_empty() && self.logs() == 0
    }

    fn logs(&self) -> usize {
        self.messages.len() + self.calls.len() + self.seen.len()
    }

    fn clear_logs(&mut self) {
        self.messages.clear();
        self.calls.clear();
        self.seen.clear();
    }
}

/// What a transaction found out.
pub(super) struct Written {
    /// Which of `batch.updates` were new.
    pub(super) fresh: Vec<bool>,
    pub(super) access_version: i64,
}

/// One connection of its own to either database.
enum Backend {
    Sqlite(sqlite::Writer),
    Postgres(postgres::Writer),
}

pub(super) async fn run(db: Db, mut inbox: Inbox, counters: Arc<Counters>) {
    let mut store = if db.is_postgres() {
        Backend::Postgres(postgres::Writer::new(db.url().to_string()))
    } else {
        Backend::Sqlite(sqlite::Writer::new(db))
    };
    let mut kept: Vec<Mark> = Vec::new();
    while let Some(mut round) = gather(&mut inbox, &mut kept).await {
        let written = match store.write(round.batch).await {
            (batch, Ok(written)) => {
                counters.commits.fetch_add(1, Ordering::Relaxed);
                drop(batch);
                Ok(written)
            }
            (batch, Err(error)) => salvage(&mut store, batch, error, &mut kept, &counters).await,
        };
        answer(&mut round.stores, written);
        for waiting in round.flushes {
            let _ = waiting.send(kept.is_empty());
        }
    }
}

struct Round {
    batch: Batch,
    /// How many of `batch.updates` belong to each answer.
    stores: Vec<(usize, oneshot::Sender<Result<Stored, DbError>>)>,
    flushes: Vec<oneshot::Sender<bool>>,
}

/// Waits for something to write and takes whatever else is there; `None` at the end of the process.
async fn gather(inbox: &mut Inbox, kept: &mut Vec<Mark>) -> Option<Round> {
    let mut round = Round {
        batch: Batch::default(),
        stores: Vec::new(),
        flushes: Vec::new(),
    };
    round.batch.marks.append(kept);
    if round.batch.is_empty() {
        wait_for_first(inbox, &mut round).await?;
    }
    if round.stores.is_empty() && round.flushes.is_empty() {
        // Nobody waits for this commit: give company a chance to come along.
        tokio::select! {
            biased;
            Some(store) = inbox.stores.recv() => take_store(&mut round, store),
            Some(flush) = inbox.flush.recv() => round.flushes.push(flush),
            () = tokio::time::sleep(LINGER) => {}
        }
    }
    while let Ok(store) = inbox.stores.try_recv() {
        take_store(&mut round, store);
    }
    while let Ok(flush) = inbox.flush.try_recv() {
        round.flushes.push(flush);
    }
    // A flush promises everything given before it, so it takes more than one round's worth.
    let most = if round.flushes.is_empty() {
        MOST
    } else {
        usize::MAX
    };
    while round.batch.marks.len() < most
        && let Ok(mark) = inbox.marks.try_recv()
    {
        round.batch.marks.push(mark);
    }
    while round.batch.logs() < most
        && let Ok(log) = inbox.logs.try_recv()
    {
        take_log(&mut round.batch, log);
    }
    keep_last(&mut round.batch.marks);
    Some(round)
}

/// Of several marks for one row only the last counts: one statement must not meet a row twice.
fn keep_last(marks: &mut Vec<Mark>) {
    let mut seen = std::collections::HashSet::with_capacity(marks.len());
    marks.reverse();
    marks.retain(|mark| {
        seen.insert(match mark {
            Mark::Update(finished) => (false, finished.id.0),
            Mark::Outbox(outbox) => (true, outbox.id.0),
        })
    });
    marks.reverse();
}

async fn wait_for_first(inbox: &mut Inbox, round: &mut Round) -> Option<()> {
    tokio::select! {
        biased;
        store = inbox.stores.recv() => take_store(round, store?),
        flush = inbox.flush.recv() => round.flushes.push(flush?),
        mark = inbox.marks.recv() => round.batch.marks.push(mark?),
        log = inbox.logs.recv() => take_log(&mut round.batch, log?),
    }
    Some(())
}

fn take_store(round: &mut Round, store: Store) {
    round.stores.push((store.updates.len(), store.answer));
    round.batch.updates.extend(store.updates);
}

fn take_log(batch: &mut Batch, log: Log) {
    match log {
        Log::Message(message) => batch.messages.push(message),
        Log::Api(call) => batch.calls.push(call),
        Log::Seen(seen) => batch.seen.push(seen),
    }
}

/// A batch failed. Updates are the most important and are tried alone; marks are kept for the
/// next round, but for one that the database refuses for what it says; logs get one try of their
/// own and are then dropped and counted.
async fn salvage(
    store: &mut Backend,
    mut batch: Batch,
    error: DbError,
    kept: &mut Vec<Mark>,
    counters: &Counters,
) -> Result<Written, DbError> {
    tracing::warn!(%error, updates = batch.updates.len(), marks = batch.marks.len(), logs = batch.logs(), "journal commit failed");
    let logs = Batch {
        messages: std::mem::take(&mut batch.messages),
        calls: std::mem::take(&mut batch.calls),
        seen: std::mem::take(&mut batch.seen),
        ..Batch::default()
    };
    batch.clear_logs();
    let marks = std::mem::take(&mut batch.marks);
    let lost = logs.logs() as u64;
    let result = if batch.updates.is_empty() {
        Err(error)
    } else {
        store.write(batch).await.1
    };
    let back = match &result {
        Ok(_) => true,
        Err(_) => store.write(Batch::default()).await.1.is_ok(),
    };
    if back {
        write_marks(store, marks, kept).await;
        if store.write(logs).await.1.is_err() {
            counters.logs_dropped.fetch_add(lost, Ordering::Relaxed);
        }
    } else {
        kept.extend(marks);
        counters.logs_dropped.fetch_add(lost, Ordering::Relaxed);
    }
    if !back || !kept.is_empty() {
        tokio::time::sleep(PAUSE).await;
    }
    result
}

/// All in one, and when the database refuses one of them, each alone: a mark that can never be
/// written must hold up neither the others nor every batch from now on.
async fn write_marks(store: &mut Backend, marks: Vec<Mark>, kept: &mut Vec<Mark>) {
    let (marks, outcome) = store.write(only(marks)).await;
    match outcome {
        Ok(_) => return,
        Err(error) if error.is_transient() => return kept.extend(marks.marks),
        Err(_) => {}
    }
    for mark in marks.marks {
        let (rest, outcome) = store.write(only(vec![mark])).await;
        match outcome {
            Ok(_) => {}
            Err(error) if error.is_transient() => kept.extend(rest.marks),
            Err(error) => {
                tracing::error!(%error, mark = ?rest.marks, "the database refuses this mark; it is given up");
            }
        }
    }
}

fn only(marks: Vec<Mark>) -> Batch {
    Batch {
        marks,
        ..Batch::default()
    }
}

fn answer(
    stores: &mut Vec<(usize, oneshot::Sender<Result<Stored, DbError>>)>,
    written: Result<Written, DbError>,
) {
    let mut from = 0;
    for (count, waiting) in stores.drain(..) {
        let result = match &written {
            Ok(written) => Ok(Stored {
                fresh: written.fresh[from..from + count].to_vec(),
                access_version: written.access_version,
            }),
            Err(error) => Err(again(error)),
        };
        from += count;
        let _ = waiting.send(result);
    }
}

/// The same error for one more who waits: its class and its words.
fn again(error: &DbError) -> DbError {
    let text = error.to_string();
    if error.is_transient() {
        DbError::Unavailable(text)
    } else {
        DbError::Query(diesel::result::Error::QueryBuilderError(text.into()))
    }
}

impl Backend {
    /// Writes a batch in one transaction and hands it back, for a second try.
    async fn write(&mut self, batch: Batch) -> (Batch, Result<Written, DbError>) {
        match self {
            Self::Sqlite(writer) => writer.write(batch).await,
            Self::Postgres(writer) => writer.write(batch).await,
        }
    }
}
