//! The writer's desk: one ticket, in the order of asking.
//!
//! SQLite has one writer. Whoever wants to write in this process, core or plugin, takes the ticket
//! first, so nobody is starved in SQLite's own busy loop. A plugin's ticket belongs to the plugin
//! instance and comes back when the instance ends, whatever became of the plugin's code.
//!
//! A plugin whose thread blocks for ever inside its transaction cannot be made to give the database
//! back: only the end of the process rolls that transaction back. [`WriterDesk::overdue`] tells when
//! it has come to that.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Hands out the ticket; cheap to clone, all clones are one desk.
#[derive(Clone, Debug)]
pub struct WriterDesk {
    /// tokio's semaphore is fair: first come, first served.
    ticket: Arc<Semaphore>,
    numbers: Arc<AtomicU64>,
    /// The plugin that has the ticket now.
    holder: Arc<Mutex<Option<Holder>>>,
}

#[derive(Debug)]
struct Holder {
    plugin: Arc<str>,
    number: u64,
    since: Instant,
    /// How long it may hold the ticket.
    limit: Duration,
}

/// A plugin that holds the ticket long after it should have given it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overdue {
    pub plugin: Arc<str>,
    pub held: Duration,
}

/// How often holders are looked at.
const LOOK: Duration = Duration::from_secs(1);

impl Default for WriterDesk {
    fn default() -> Self {
        Self {
            ticket: Arc::new(Semaphore::new(1)),
            numbers: Arc::default(),
            holder: Arc::default(),
        }
    }
}

impl WriterDesk {
    /// Waits for the ticket; dropping it lets the next in line.
    pub async fn take(&self) -> WriterTicket {
        // The semaphore is never closed, so the error cannot come; a ticket without a permit
        // would only cost order, never correctness.
        WriterTicket(Arc::clone(&self.ticket).acquire_owned().await.ok())
    }

    /// Ends when a plugin has held the ticket for `grace` longer than it may.
    pub async fn overdue(&self, grace: Duration) -> Overdue {
        loop {
            tokio::time::sleep(LOOK.min(grace)).await;
            if let Some(overdue) = self.look(grace) {
                return overdue;
            }
        }
    }

    fn look(&self, grace: Duration) -> Option<Overdue> {
        let holder = self.holder();
        let holder = holder.as_ref()?;
        let held = holder.since.elapsed();
        (held > holder.limit.saturating_add(grace)).then(|| Overdue {
            plugin: Arc::clone(&holder.plugin),
            held,
        })
    }

    fn holder(&self) -> std::sync::MutexGuard<'_, Option<Holder>> {
        self.holder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plugin's ticket went back.
    fn returned(&self, number: u64) {
        self.holder().take_if(|holder| holder.number == number);
    }
}

/// The right to write.
#[derive(Debug)]
pub struct WriterTicket(
    #[allow(dead_code, reason = "held for its drop")] Option<OwnedSemaphorePermit>,
);

/// The tickets one plugin instance holds; dropping it gives them all back.
#[derive(Debug)]
pub(super) struct InstanceTickets {
    desk: WriterDesk,
    plugin: Arc<str>,
    /// How long one may be held.
    limit: Mutex<Duration>,
    held: Mutex<Option<HashMap<u64, WriterTicket>>>,
}

impl InstanceTickets {
    pub(super) fn new(desk: WriterDesk, plugin: Arc<str>, limit: Duration) -> Self {
        Self {
            desk,
            plugin,
            limit: Mutex::new(limit),
            held: Mutex::new(Some(HashMap::new())),
        }
    }

    /// From now on a ticket may be held so long: a plugin that has started migrates nothing.
    pub(super) fn limit(&self, limit: Duration) {
        *self.limit.lock().unwrap_or_else(PoisonError::into_inner) = limit;
    }

    /// Waits for the ticket and returns its number; none when the instance ended meanwhile.
    pub(super) async fn take(&self) -> Option<u64> {
        let ticket = self.desk.take().await;
        let number = self.desk.numbers.fetch_add(1, Relaxed) + 1;
        let limit = *self.limit.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held = self.lock();
        held.as_mut()?.insert(number, ticket);
        *self.desk.holder() = Some(Holder {
            plugin: Arc::clone(&self.plugin),
            number,
            since: Instant::now(),
            limit,
        });
        Some(number)
    }

    /// Gives one back; false when this instance does not hold it.
    pub(super) fn release(&self, number: u64) -> bool {
        let ticket = self.lock().as_mut().and_then(|held| held.remove(&number));
        if ticket.is_some() {
            // Before the ticket itself: whoever has it next writes a name of its own there.
            self.desk.returned(number);
        }
        ticket.is_some()
    }

    /// Gives everything back and takes nothing any more.
    pub(super) fn close(&self) {
        for (number, ticket) in self.lock().take().into_iter().flatten() {
            self.desk.returned(number);
            drop(ticket);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<HashMap<u64, WriterTicket>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tickets(desk: &WriterDesk, limit: Duration) -> InstanceTickets {
        InstanceTickets::new(desk.clone(), "task".into(), limit)
    }

    #[tokio::test]
    async fn a_plugin_that_keeps_the_ticket_is_overdue_by_name() {
        let desk = WriterDesk::default();
        let slow = tickets(&desk, Duration::from_secs(3600));
        let number = slow.take().await.expect("it is open");
        assert_eq!(desk.look(Duration::ZERO), None);
        assert!(slow.release(number));
        let stuck = tickets(&desk, Duration::ZERO);
        let number = stuck.take().await.expect("it is open");
        let overdue = desk.overdue(Duration::from_millis(1)).await;
        assert_eq!(&*overdue.plugin, "task");
        assert!(stuck.release(number));
        assert_eq!(desk.look(Duration::ZERO), None);
        // The core's own writers are not watched: none of them runs foreign code.
        let _ticket = desk.take().await;
        assert_eq!(desk.look(Duration::ZERO), None);
    }

    #[tokio::test]
    async fn a_dead_instance_gives_its_ticket_to_the_next_in_line() {
        let desk = WriterDesk::default();
        let instance = tickets(&desk, Duration::MAX);
        let number = instance.take().await.expect("it is open");
        let waiting = tokio::spawn({
            let desk = desk.clone();
            async move { drop(desk.take().await) }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        instance.close();
        waiting.await.expect("the core got the ticket");
        assert!(!instance.release(number));
        assert_eq!(instance.take().await, None);
        drop(desk.take().await);
    }

    #[tokio::test]
    async fn only_the_holder_can_release_a_ticket() {
        let desk = WriterDesk::default();
        let (a, b) = (tickets(&desk, Duration::MAX), tickets(&desk, Duration::MAX));
        let number = a.take().await.expect("it is open");
        assert!(!b.release(number));
        assert!(a.release(number));
        assert!(!a.release(number));
    }
}
