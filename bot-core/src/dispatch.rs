//! Order within a chat, chats side by side.
//!
//! Each chat with work has one task; it runs its updates one after another and ends when there are
//! none. A flooded or stuck chat costs its own memory share and its own task, nobody else's turn:
//! what does not fit in memory stays in the inbox table and is read again when the chat gets there
//! ("spilled"). Recovery after a start is the same thing: every chat with open updates is spilled.

mod run;
mod spill;

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::Semaphore;
use vahta_rows::{Db, DbError, Micros, UpdateId};

use crate::access::By;
use crate::flow::{FlowError, Incoming};
use crate::histogram::Histogram;
use crate::storage::journal::{Journal, RawUpdate};
pub(crate) use run::CRASHES;

/// Updates of one chat kept in memory; the rest waits in the table.
const PER_CHAT: usize = 64;
/// Updates kept in memory overall.
const IN_MEMORY: usize = 20_000;
/// Above this intake is asked to fetch no faster than updates are handled: enough for several more
/// batches of `getUpdates`, and each one that waits longer costs a task and its memory.
const CROWDED: usize = 1_000;
/// Updates handled at once.
const AT_ONCE: usize = 512;
/// More than can be between a finished update and its committed mark.
const REMEMBERED: usize = 40_000;

/// An update that waits for its turn.
#[derive(Debug, Clone)]
pub struct Waiting {
    id: UpdateId,
    chat_key: i64,
    raw: Bytes,
    received_at: Micros,
    received: Instant,
    attempts: i32,
    /// It was first in its chat when the process died, so it may be what killed it.
    suspect: bool,
}

impl Waiting {
    pub(crate) fn fresh(row: RawUpdate, received: Instant) -> Self {
        Self {
            id: row.id,
            chat_key: row.chat_key,
            raw: row.raw,
            received_at: row.received_at,
            received,
            attempts: 0,
            suspect: false,
        }
    }
}

/// What happens to one update: the flow's rooms, bound to the application.
pub type Handler = Arc<
    dyn Fn(Arc<Incoming>) -> Pin<Box<dyn Future<Output = Result<(), FlowError>> + Send>>
        + Send
        + Sync,
>;

/// Hands updates to the flow; cheap to clone.
#[derive(Clone)]
pub struct Dispatcher(Arc<Inner>);

struct Inner {
    db: Db,
    journal: Journal,
    handler: OnceLock<Handler>,
    lanes: Mutex<Lanes>,
    permits: Semaphore,
    in_memory: AtomicUsize,
    stopping: AtomicBool,
    stats: Stats,
}

/// One chat's queue; it is in the map exactly while its task runs.
#[derive(Default)]
struct Lane {
    queue: VecDeque<Waiting>,
    /// More is in the table, behind this id.
    spilled: Option<i64>,
    /// The table is being read: what arrives now is behind that, so it is spilled too.
    reading: bool,
    /// Left open by an earlier run: its first update may be what killed that run.
    recovered: bool,
}

impl Lane {
    fn left_open() -> Self {
        Self {
            spilled: Some(i64::MIN),
            recovered: true,
            ..Self::default()
        }
    }

    fn spill(&mut self, id: UpdateId) {
        let before = id.0 - 1;
        self.spilled = Some(self.spilled.map_or(before, |at| at.min(before)));
    }
}

/// Ids that were taken into memory lately. A finished update stays open in the table until its
/// mark is committed; this keeps a reader of the table from taking it twice.
#[derive(Default)]
struct Taken {
    ids: HashSet<i64>,
    order: VecDeque<i64>,
}

impl Taken {
    fn insert(&mut self, id: UpdateId) -> bool {
        if !self.ids.insert(id.0) {
            return false;
        }
        self.order.push_back(id.0);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }

    fn forget(&mut self, id: UpdateId) {
        self.ids.remove(&id.0);
    }
}

#[derive(Default)]
struct Lanes {
    chats: HashMap<i64, Lane>,
    taken: Taken,
    /// Until what was left by an earlier run is taken up, new updates wait in the table behind it.
    recovered: bool,
    /// Chats that such updates came from.
    early: HashSet<i64>,
}

/// Counters for `/status` and the dashboard.
#[derive(Debug, Default)]
pub struct Stats {
    pub done: AtomicUsize,
    pub failed: AtomicUsize,
    pub unparsed: AtomicUsize,
    pub parked: AtomicUsize,
    pub retried: AtomicUsize,
    /// Read from the table: left by an earlier run, or more than memory takes.
    pub from_table: AtomicUsize,
    /// From an update's arrival to its end.
    pub took: Histogram,
}

impl Dispatcher {
    pub fn new(db: Db, journal: Journal) -> Self {
        Self(Arc::new(Inner {
            db,
            journal,
            handler: OnceLock::new(),
            lanes: Mutex::default(),
            permits: Semaphore::new(AT_ONCE),
            in_memory: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            stats: Stats::default(),
        }))
    }

    /// Says what to do with updates; they wait until this was called.
    pub fn handle_with(&self, handler: Handler) {
        // A second call would be a mistake of the wiring; the first handler stays.
        let _ = self.0.handler.set(handler);
    }

    /// Takes an update that was just stored; a chat's in the order in which Telegram sent them.
    pub fn accept(&self, waiting: Waiting) {
        let key = waiting.chat_key;
        let mut lanes = self.0.lanes();
        if !lanes.recovered {
            lanes.early.insert(key);
            return;
        }
        let Lanes { chats, taken, .. } = &mut *lanes;
        let is_new = !chats.contains_key(&key);
        let lane = chats.entry(key).or_default();
        let full =
            lane.queue.len() >= PER_CHAT || self.0.in_memory.load(Ordering::Relaxed) >= IN_MEMORY;
        if lane.reading || lane.spilled.is_some() || full {
            lane.spill(waiting.id);
        } else if taken.insert(waiting.id) {
            lane.queue.push_back(waiting);
            self.0.in_memory.fetch_add(1, Ordering::Relaxed);
        }
        drop(lanes);
        if is_new {
            tokio::spawn(run::chat(self.0.clone(), key));
        }
    }

    /// Takes up everything that was left open by an earlier run. What a webhook brings before that
    /// is in the table, and is read from there behind it.
    pub async fn recover(&self) -> Result<usize, DbError> {
        let chats = spill::open_chats(&self.0.db).await?;
        let count = chats.len();
        let mut lanes = self.0.lanes();
        let early = std::mem::take(&mut lanes.early);
        lanes.recovered = true;
        for key in chats.into_iter().chain(early) {
            if lanes.chats.insert(key, Lane::left_open()).is_none() {
                tokio::spawn(run::chat(self.0.clone(), key));
            }
        }
        Ok(count)
    }

    /// Opens a parked or unparsed update again: an admin pressed Retry. `false` when it is neither.
    pub async fn retry(&self, id: UpdateId, by: &By) -> Result<bool, DbError> {
        let Some(key) = spill::reopen(&self.0.db, id, by).await? else {
            return Ok(false);
        };
        self.0.lanes().taken.forget(id);
        self.look_again(key, id);
        Ok(true)
    }

    /// Reads an update from the table unless memory has or had it: it was stored once, and whoever
    /// stored it may never have learnt of that.
    pub fn look_again(&self, key: i64, id: UpdateId) {
        let mut lanes = self.0.lanes();
        if !lanes.recovered {
            lanes.early.insert(key);
            return;
        }
        if lanes.taken.ids.contains(&id.0) {
            return;
        }
        let is_new = !lanes.chats.contains_key(&key);
        lanes.chats.entry(key).or_default().spill(id);
        drop(lanes);
        if is_new {
            tokio::spawn(run::chat(self.0.clone(), key));
        }
    }

    /// Waits while memory is crowded, at most `patience`: fetching more would only spill it into
    /// the table and cost a read each. Bounded, for stuck chats must not keep others out.
    pub async fn room(&self, patience: Duration) {
        let end = Instant::now() + patience;
        while self.waiting() > CROWDED && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Lets running updates end, at most for `grace`; what has not begun stays in the inbox.
    pub async fn drain(&self, grace: Duration) {
        self.0.stopping.store(true, Ordering::Release);
        let end = Instant::now() + grace;
        while self.chats_at_work() > 0 && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub fn chats_at_work(&self) -> usize {
        self.0.lanes().chats.len()
    }

    pub fn waiting(&self) -> usize {
        self.0.in_memory.load(Ordering::Relaxed)
    }

    pub fn stats(&self) -> &Stats {
        &self.0.stats
    }
}

impl Inner {
    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
