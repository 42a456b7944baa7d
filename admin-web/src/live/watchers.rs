//! Who watches, each with a bounded queue.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bot_core::events::{Cursor, Recorded};
use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use vahta_rows::UserId;

use super::frame;
use super::topics::{Rights, Wanted};

/// Events that wait for one client; who is further behind is dropped and resumes from the table.
const QUEUE: usize = 256;
/// Streams of one session: browsers share one between their tabs.
const PER_SESSION: usize = 16;
/// Streams of one process.
const OVERALL: usize = 8_192;

#[derive(Default)]
pub(super) struct Watchers {
    inner: Mutex<Inner>,
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Inner {
    list: Vec<Watcher>,
    /// Everything up to here was given to whoever watched then.
    position: Cursor,
    closed: bool,
}

struct Watcher {
    session: String,
    rights: Rights,
    wanted: Wanted,
    queue: mpsc::Sender<Bytes>,
}

impl Watcher {
    /// False: gone, or too slow; either way its queue is given up, which ends its stream.
    fn give(&self, frame: &Bytes) -> bool {
        self.queue.try_send(frame.clone()).is_ok()
    }
}

impl Watchers {
    /// A new stream, and the cursor behind which its events come; `None` when there are too many,
    /// or the server stops.
    pub(super) fn join(
        &self,
        session: &str,
        rights: Rights,
        wanted: Wanted,
    ) -> Option<(mpsc::Receiver<Bytes>, Cursor)> {
        let mut inner = self.lock();
        inner.list.retain(|watcher| !watcher.queue.is_closed());
        let own = inner.list.iter().filter(|w| w.session == session).count();
        if inner.closed || own >= PER_SESSION || inner.list.len() >= OVERALL {
            return None;
        }
        let (queue, receiver) = mpsc::channel(QUEUE);
        inner.list.push(Watcher {
            session: session.to_owned(),
            rights,
            wanted,
            queue,
        });
        let position = inner.position;
        self.counted(&inner);
        Some((receiver, position))
    }

    /// Where reading begins; before that nobody has been given anything.
    pub(super) fn begin_at(&self, position: Cursor) {
        self.lock().position = position;
    }

    /// Gives an event to whoever may see it.
    pub(super) fn give(&self, event: &Recorded) {
        let mut inner = self.lock();
        // In one piece with the position: who joins meanwhile gets each event exactly once.
        inner.position = event.cursor;
        if inner.list.is_empty() {
            return;
        }
        let frame = frame::event(event);
        inner.list.retain(|watcher| {
            !(watcher.wanted.takes(&event.topic) && watcher.rights.hears(event))
                || watcher.give(&frame)
        });
        self.counted(&inner);
    }

    /// Gives something that is in no table.
    pub(super) fn give_passing(&self, topic: &str) {
        let frame = frame::passing(topic);
        self.retain(|watcher| {
            !(watcher.wanted.takes(topic) && watcher.rights.see(topic, "")) || watcher.give(&frame)
        });
    }

    /// Gives the same to everybody: a heartbeat, or how the stream itself is.
    pub(super) fn tell(&self, frame: &Bytes) {
        self.retain(|watcher| watcher.give(frame));
    }

    /// Ends the streams whose rights are no longer `current(user)`; `None` is a person who may no
    /// longer be here at all.
    pub(super) fn check_rights(
        &self,
        current: impl Fn(UserId) -> Option<std::sync::Arc<bot_core::access::KeySet>>,
    ) {
        self.retain(|watcher| match current(watcher.rights.user) {
            None => false,
            Some(keys) if keys == watcher.rights.keys => true,
            Some(_) => {
                // The client comes back at once, with the rights that it has then.
                watcher.give(&frame::RIGHTS);
                false
            }
        });
    }

    /// The sessions of a person that watch; of everybody for `None`.
    pub(super) fn sessions_of(&self, user: Option<UserId>) -> Vec<String> {
        let inner = self.lock();
        let of = |w: &&Watcher| user.is_none_or(|user| w.rights.user == user);
        let mut sessions: Vec<String> = inner
            .list
            .iter()
            .filter(of)
            .map(|w| w.session.clone())
            .collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions
    }

    pub(super) fn end_session(&self, session: &str) {
        self.retain(|watcher| watcher.session != session);
    }

    pub(super) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        inner.list.clear();
        self.counted(&inner);
    }

    /// How many streams there are, whenever that changes.
    pub(super) fn count(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn retain(&self, keep: impl Fn(&Watcher) -> bool) {
        let mut inner = self.lock();
        inner.list.retain(keep);
        self.counted(&inner);
    }

    fn counted(&self, inner: &Inner) {
        let now = inner.list.len();
        self.count
            .send_if_modified(|count| std::mem::replace(count, now) != now);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bot_core::access::KeySet;
    use std::sync::Arc;

    fn event(id: i64) -> Recorded {
        Recorded {
            id: vahta_rows::EventId(id),
            cursor: Cursor { xid: 0, id },
            topic: "access.grant".into(),
            object: "user:1".into(),
            payload: serde_json::json!({}),
            at: vahta_rows::Micros(0),
        }
    }

    fn rights() -> Rights {
        let keys: KeySet = ["*"].into_iter().collect();
        Rights::new(UserId(1), Arc::new(keys))
    }

    #[test]
    fn who_does_not_read_is_dropped_and_nobody_else() {
        let watchers = Watchers::default();
        let (mut slow, _) = watchers.join("slow", rights(), Wanted::default()).unwrap();
        let (mut quick, _) = watchers.join("quick", rights(), Wanted::default()).unwrap();
        let mut read = 0;
        for id in 1..=QUEUE as i64 + 1 {
            watchers.give(&event(id));
            while quick.try_recv().is_ok() {
                read += 1;
            }
        }
        assert_eq!(read, QUEUE + 1);
        assert_eq!(*watchers.count().borrow(), 1);
        let kept = std::iter::from_fn(|| slow.try_recv().ok()).count();
        assert_eq!(kept, QUEUE, "what was queued is read, then the stream ends");
        assert!(slow.is_closed());
    }

    #[test]
    fn streams_of_one_session_are_bounded_and_a_closed_server_takes_none() {
        let watchers = Watchers::default();
        let join = || watchers.join("s", rights(), Wanted::default());
        let kept: Vec<_> = std::iter::from_fn(join).take(100).collect();
        assert_eq!(kept.len(), PER_SESSION);
        drop(kept);
        assert!(join().is_some(), "those that are gone do not count");
        watchers.close();
        assert!(join().is_none());
    }
}
