//! The writer's desk: one ticket, in the order of asking.
//!
//! SQLite has one writer. Whoever wants to write in this process, core or plugin, takes the ticket
//! first, so nobody is starved in SQLite's own busy loop. A plugin's ticket belongs to the plugin
//! instance and comes back when the instance has ended cleanly, whatever the plugin forgot.
//!
//! A plugin whose thread blocks for ever inside its transaction cannot be made to give the database
//! back: only the end of the process rolls that transaction back. [`WriterDesk::overdue`] tells when
//! it has come to that. So the ticket of an instance that was given up stays where it is.

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
    /// Which instance of the plugin.
    owner: u64,
    number: u64,
    /// Here and not with the instance: one that was left in the process keeps it.
    _ticket: WriterTicket,
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

    /// Has some instance of this plugin the ticket now?
    pub(super) fn is_held_by(&self, plugin: &str) -> bool {
        self.holder()
            .as_ref()
            .is_some_and(|holder| &*holder.plugin == plugin)
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

    /// Takes the ticket back from the holder who is `whom`; false when that is somebody else.
    fn take_back(&self, whom: impl Fn(&Holder) -> bool) -> bool {
        self.holder().take_if(|holder| whom(holder)).is_some()
    }

    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Relaxed) + 1
    }
}

/// The right to write.
#[derive(Debug)]
pub struct WriterTicket(
    #[allow(dead_code, reason = "held for its drop")] Option<OwnedSemaphorePermit>,
);

/// One plugin instance at the desk.
#[derive(Debug)]
pub(super) struct InstanceTickets {
    desk: WriterDesk,
    plugin: Arc<str>,
    owner: u64,
    terms: Mutex<Terms>,
}

#[derive(Debug)]
struct Terms {
    /// How long the ticket may be held.
    limit: Duration,
    closed: bool,
}

impl InstanceTickets {
    pub(super) fn new(desk: WriterDesk, plugin: Arc<str>, limit: Duration) -> Self {
        let owner = desk.number();
        let closed = false;
        Self {
            desk,
            plugin,
            owner,
            terms: Mutex::new(Terms { limit, closed }),
        }
    }

    /// From now on a ticket may be held so long: a plugin that has started migrates nothing.
    pub(super) fn limit(&self, limit: Duration) {
        self.terms().limit = limit;
    }

    /// Waits for the ticket and returns its number; none when the instance ended meanwhile.
    pub(super) async fn take(&self) -> Option<u64> {
        let ticket = self.desk.take().await;
        let number = self.desk.number();
        // Held until the name is written: who closes meanwhile finds the holder.
        let terms = self.terms();
        if terms.closed {
            return None;
        }
        *self.desk.holder() = Some(Holder {
            plugin: Arc::clone(&self.plugin),
            owner: self.owner,
            number,
            _ticket: ticket,
            since: Instant::now(),
            limit: terms.limit,
        });
        Some(number)
    }

    /// Gives one back, also after the end; false when this instance does not hold it.
    pub(super) fn release(&self, number: u64) -> bool {
        self.desk
            .take_back(|holder| (holder.owner, holder.number) == (self.owner, number))
    }

    /// Takes nothing any more, and what is held must come back now.
    ///
    /// It stays held, for the plugin's code may still be inside its transaction: it comes back by
    /// [`Self::release`], by [`Self::ended`] or with the process.
    pub(super) fn close(&self) {
        self.terms().closed = true;
        let mut holder = self.desk.holder();
        if let Some(holder) = holder.as_mut().filter(|holder| holder.owner == self.owner) {
            holder.limit = holder.limit.min(holder.since.elapsed());
        }
    }

    /// The plugin's code runs no more: gives back what it forgot.
    pub(super) fn ended(&self) {
        self.close();
        self.desk.take_back(|holder| holder.owner == self.owner);
    }

    fn terms(&self) -> std::sync::MutexGuard<'_, Terms> {
        self.terms.lock().unwrap_or_else(PoisonError::into_inner)
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
        instance.ended();
        waiting.await.expect("the core got the ticket");
        assert!(!instance.release(number));
        assert_eq!(instance.take().await, None);
        drop(desk.take().await);
    }

    #[tokio::test]
    async fn an_instance_that_is_given_up_inside_its_transaction_stays_the_holder() {
        let desk = WriterDesk::default();
        let instance = tickets(&desk, Duration::MAX);
        let number = instance.take().await.expect("it is open");
        instance.close();
        assert!(desk.ticket.try_acquire().is_err(), "nobody else writes");
        // Whatever time it had is over.
        let overdue = desk.overdue(Duration::from_millis(1)).await;
        assert_eq!(&*overdue.plugin, "task");
        // Its thread came back after all.
        assert!(instance.release(number));
        assert_eq!(desk.look(Duration::ZERO), None);
        drop(desk.take().await);
        assert_eq!(instance.take().await, None);
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
