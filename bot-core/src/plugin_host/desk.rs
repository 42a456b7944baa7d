//! The writer's desk: one ticket, in the order of asking.
//!
//! SQLite has one writer. Whoever wants to write in this process, core or plugin, takes the ticket
//! first, so nobody is starved in SQLite's own busy loop. A plugin's ticket belongs to the plugin
//! instance and comes back when the instance ends, whatever became of the plugin's code.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Hands out the ticket; cheap to clone, all clones are one desk.
#[derive(Clone, Debug)]
pub struct WriterDesk {
    /// tokio's semaphore is fair: first come, first served.
    ticket: Arc<Semaphore>,
    numbers: Arc<AtomicU64>,
}

impl Default for WriterDesk {
    fn default() -> Self {
        Self {
            ticket: Arc::new(Semaphore::new(1)),
            numbers: Arc::default(),
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
    held: Mutex<Option<HashMap<u64, WriterTicket>>>,
}

impl InstanceTickets {
    pub(super) fn new(desk: WriterDesk) -> Self {
        Self {
            desk,
            held: Mutex::new(Some(HashMap::new())),
        }
    }

    /// Waits for the ticket and returns its number; none when the instance ended meanwhile.
    pub(super) async fn take(&self) -> Option<u64> {
        let ticket = self.desk.take().await;
        let number = self.desk.numbers.fetch_add(1, Relaxed) + 1;
        self.lock().as_mut()?.insert(number, ticket);
        Some(number)
    }

    /// Gives one back; false when this instance does not hold it.
    pub(super) fn release(&self, number: u64) -> bool {
        self.lock()
            .as_mut()
            .is_some_and(|held| held.remove(&number).is_some())
    }

    /// Gives everything back and takes nothing any more.
    pub(super) fn close(&self) {
        self.lock().take();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<HashMap<u64, WriterTicket>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dead_instance_gives_its_ticket_to_the_next_in_line() {
        let desk = WriterDesk::default();
        let instance = InstanceTickets::new(desk.clone());
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
        let (a, b) = (
            InstanceTickets::new(desk.clone()),
            InstanceTickets::new(desk),
        );
        let number = a.take().await.expect("it is open");
        assert!(!b.release(number));
        assert!(a.release(number));
        assert!(!a.release(number));
    }
}
