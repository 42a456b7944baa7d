//! One chat's task: one update after another, until there is none.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::FutureExt as _;
use teloxide::types::{Update, UpdateKind};
use vahta_rows::{DbError, Micros};

use super::{Inner, Lanes, Waiting, spill};
use crate::flow::{FlowError, Incoming};
use crate::storage::journal::{Finished, UpdateState};

/// Runs that may crash before an update is parked.
pub(crate) const CRASHES: i32 = 3;

pub(super) async fn chat(inner: Arc<Inner>, key: i64) {
    while let Some(waiting) = next(&inner, key).await {
        if waiting.suspect {
            tokio::time::sleep(wariness(waiting.attempts)).await;
        }
        let Ok(permit) = inner.permits.acquire().await else {
            return;
        };
        // Boxed while it runs: most chats wait for a permit, and their tasks are as large as what
        // they hold.
        Box::pin(update(&inner, waiting)).await;
        drop(permit);
    }
}

/// How long an update waits that was there when the process died, so often. The others are served
/// first: if it was this one's fault, they lose nothing more; if somebody killed the process again
/// and again, the update is not found guilty for having been there each time.
fn wariness(attempts: i32) -> Duration {
    match attempts {
        ..=0 => Duration::ZERO,
        1 => Duration::from_millis(250),
        _ => Duration::from_secs(1),
    }
}

/// The chat's next update, from memory or from the table; `None` ends the task.
async fn next(inner: &Arc<Inner>, key: i64) -> Option<Waiting> {
    let mut pause = Duration::from_millis(100);
    loop {
        let after = {
            let mut lanes = inner.lanes();
            let lane = lanes.chats.get_mut(&key)?;
            if inner.stopping.load(Ordering::Acquire) {
                inner
                    .in_memory
                    .fetch_sub(lane.queue.len(), Ordering::Relaxed);
                lanes.chats.remove(&key);
                return None;
            }
            if let Some(waiting) = lane.queue.pop_front() {
                inner.in_memory.fetch_sub(1, Ordering::Relaxed);
                return Some(waiting);
            }
            let Some(after) = lane.spilled.take() else {
                lanes.chats.remove(&key);
                return None;
            };
            lane.reading = true;
            after
        };
        match spill::next(&inner.db, key, after).await {
            Ok(rows) => {
                inner.refill(key, rows);
                pause = Duration::from_millis(100);
            }
            Err(error) => {
                tracing::warn!(%error, chat = key, "open updates cannot be read");
                inner.unread(key, after);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(5));
            }
        }
    }
}

impl Inner {
    /// Takes what was read; what memory has or had already is passed over.
    fn refill(&self, key: i64, rows: Vec<Waiting>) {
        let mut lanes = self.lanes();
        let Lanes { chats, taken, .. } = &mut *lanes;
        let Some(lane) = chats.get_mut(&key) else {
            return;
        };
        lane.reading = false;
        if rows.len() >= super::PER_CHAT
            && let Some(last) = rows.last()
        {
            // A full page: there may be more behind it.
            lane.spilled = Some(lane.spilled.map_or(last.id.0, |at| at.min(last.id.0)));
        }
        let mut suspect = std::mem::take(&mut lane.recovered);
        for mut row in rows {
            if taken.insert(row.id) {
                row.suspect = std::mem::take(&mut suspect);
                lane.queue.push_back(row);
                self.in_memory.fetch_add(1, Ordering::Relaxed);
                self.stats.from_table.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn unread(&self, key: i64, after: i64) {
        if let Some(lane) = self.lanes().chats.get_mut(&key) {
            lane.reading = false;
            lane.spilled = Some(lane.spilled.map_or(after, |at| at.min(after)));
        }
    }
}

async fn update(inner: &Inner, mut waiting: Waiting) {
    if waiting.suspect {
        // Counted on disk before it runs: if it kills the process again, the count survives.
        match persist(inner, || spill::count_attempt(&inner.db, waiting.id)).await {
            Some(attempts) if attempts > CRASHES => {
                return park(inner, &waiting, "it crashed the process").await;
            }
            Some(attempts) => waiting.attempts = attempts,
            None => return,
        }
    }
    let parsed: Result<Update, _> = serde_json::from_slice(&waiting.raw);
    let update = match parsed {
        Ok(update) if !matches!(update.kind, UpdateKind::Error(_)) => update,
        Ok(_) => {
            return unparsed(
                inner,
                &waiting,
                "a kind or shape that the parser does not know".into(),
            )
            .await;
        }
        Err(error) => return unparsed(inner, &waiting, error.to_string()).await,
    };
    let incoming = Arc::new(Incoming::new(
        waiting.raw.clone(),
        update,
        waiting.received_at,
        waiting.received,
        waiting.attempts,
    ));
    run(inner, waiting, incoming).await;
}

/// Runs one update until it is done, failed for good, or parked.
async fn run(inner: &Inner, waiting: Waiting, mut incoming: Arc<Incoming>) {
    let Some(handler) = inner.handler.get().cloned() else {
        return;
    };
    let mut pause = Duration::from_millis(100);
    loop {
        let ended = AssertUnwindSafe(handler(incoming.clone()))
            .catch_unwind()
            .await;
        let result = ended.unwrap_or_else(|panic| Err(FlowError::crashed(&panic)));
        if inner.stopping.load(Ordering::Acquire) && result.as_ref().is_err_and(FlowError::is_crash)
        {
            // Its plugin was stopped under it: the next start runs it again.
            return;
        }
        match result {
            Ok(()) => {
                inner.stats.done.fetch_add(1, Ordering::Relaxed);
                return finish(inner, &waiting, UpdateState::Done, None).await;
            }
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, update = %waiting.id, "an update waits for the database");
                inner.stats.retried.fetch_add(1, Ordering::Relaxed);
                if inner.stopping.load(Ordering::Acquire) {
                    return;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(5));
            }
            Err(error) if error.is_crash() => {
                inner.stats.retried.fetch_add(1, Ordering::Relaxed);
                match persist(inner, || spill::count_attempt(&inner.db, waiting.id)).await {
                    Some(attempts) if attempts >= CRASHES => {
                        return park(inner, &waiting, &error.to_string()).await;
                    }
                    // Whoever handles it wants to know which run is the last.
                    Some(attempts) => incoming = Arc::new(incoming.again(attempts)),
                    None => return,
                }
            }
            Err(error) => {
                tracing::error!(%error, update = %waiting.id, "an update failed");
                inner.stats.failed.fetch_add(1, Ordering::Relaxed);
                return finish(inner, &waiting, UpdateState::Done, Some(error.to_string())).await;
            }
        }
    }
}

/// Tries a small write until the database takes it; `None` when the process stops meanwhile.
async fn persist<F, T>(inner: &Inner, mut write: impl FnMut() -> F) -> Option<T>
where
    F: Future<Output = Result<T, DbError>>,
{
    loop {
        match write().await {
            Ok(value) => return Some(value),
            Err(error) => tracing::warn!(%error, "an attempt cannot be counted"),
        }
        if inner.stopping.load(Ordering::Acquire) {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn unparsed(inner: &Inner, waiting: &Waiting, error: String) {
    tracing::warn!(update = %waiting.id, %error, "an update cannot be read; it is kept");
    inner.stats.unparsed.fetch_add(1, Ordering::Relaxed);
    finish(inner, waiting, UpdateState::Unparsed, Some(error)).await;
}

async fn park(inner: &Inner, waiting: &Waiting, reason: &str) {
    tracing::error!(update = %waiting.id, reason, "an update is parked");
    inner.stats.parked.fetch_add(1, Ordering::Relaxed);
    finish(
        inner,
        waiting,
        UpdateState::Parked,
        Some(reason.to_string()),
    )
    .await;
}

async fn finish(inner: &Inner, waiting: &Waiting, state: UpdateState, error: Option<String>) {
    inner.stats.took.took(waiting.received.elapsed());
    inner
        .journal
        .finished(Finished {
            id: waiting.id,
            state,
            error,
            at: Micros::now(),
        })
        .await;
}
