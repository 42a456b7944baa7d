//! The waiting calls of each chat, and which chat is next.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::time::Instant;

use super::scheduler::Job;

/// Calls without a chat share one queue key each, so that none waits for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Key {
    Chat(i64),
    Alone(u64),
}

const LANES: usize = 3;

#[derive(Default)]
struct Chat {
    lanes: [VecDeque<Job>; LANES],
    busy: bool,
    /// Pause until then: its limit, `retry_after`, or a retry's backoff.
    not_before: Option<Instant>,
    /// Standing in a ready list, so that it does not stand there twice.
    listed: Option<usize>,
}

impl Chat {
    fn best_lane(&self) -> Option<usize> {
        self.lanes.iter().position(|lane| !lane.is_empty())
    }
}

/// All queues. A chat with work is either busy, or paused in the heap, or in one ready list.
#[derive(Default)]
pub(super) struct Queues {
    chats: HashMap<Key, Chat>,
    ready: [VecDeque<Key>; LANES],
    paused: BinaryHeap<Reverse<(Instant, Key)>>,
}

impl Queues {
    pub(super) fn push_back(&mut self, key: Key, job: Job) {
        let lane = job.call.lane as usize;
        self.chats.entry(key).or_default().lanes[lane].push_back(job);
        self.list(key);
    }

    /// Puts a call back in front: it goes first when its chat's pause is over.
    pub(super) fn push_front(&mut self, key: Key, job: Job) {
        let lane = job.call.lane as usize;
        self.chats.entry(key).or_default().lanes[lane].push_front(job);
    }

    /// The next call of the best lane among the chats that may send now.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(Key, Job)> {
        self.wake(now);
        for lane in 0..LANES {
            while let Some(key) = self.ready[lane].pop_front() {
                let Some(chat) = self.chats.get_mut(&key) else {
                    continue;
                };
                if chat.listed != Some(lane) || chat.busy {
                    continue;
                }
                chat.listed = None;
                let Some(best) = chat.best_lane() else {
                    continue;
                };
                if let Some(job) = chat.lanes[best].pop_front() {
                    chat.busy = true;
                    return Some((key, job));
                }
            }
        }
        None
    }

    /// The call is over; the chat may send its next one, after `pause` if there is one.
    pub(super) fn release(&mut self, key: Key, pause: Option<Instant>) {
        let Some(chat) = self.chats.get_mut(&key) else {
            return;
        };
        chat.busy = false;
        if pause.is_some() {
            chat.not_before = pause.max(chat.not_before);
        }
        self.list(key);
    }

    /// When the first paused chat may send again.
    pub(super) fn next_wake(&self) -> Option<Instant> {
        self.paused.peek().map(|Reverse((at, _))| *at)
    }

    /// Hands out every waiting call: the process ends.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Job> {
        std::mem::take(&mut self.chats)
            .into_values()
            .flat_map(|chat| chat.lanes.into_iter().flatten())
    }

    /// Moves everything that waits for one chat to another: the group became a supergroup.
    pub(super) fn migrate(&mut self, from: Key, to: Key) {
        let Some(old) = self.chats.remove(&from) else {
            return;
        };
        let new = self.chats.entry(to).or_default();
        for (into, lane) in new.lanes.iter_mut().zip(old.lanes) {
            into.extend(lane);
        }
        self.list(to);
    }

    fn wake(&mut self, now: Instant) {
        while let Some(Reverse((at, key))) = self.paused.peek().copied() {
            if at > now {
                break;
            }
            self.paused.pop();
            if let Some(chat) = self.chats.get_mut(&key)
                && chat.not_before.is_some_and(|until| until <= now)
            {
                chat.not_before = None;
            }
            self.list(key);
        }
    }

    /// Puts a chat where it belongs now.
    fn list(&mut self, key: Key) {
        let Some(chat) = self.chats.get_mut(&key) else {
            return;
        };
        if chat.busy {
            return;
        }
        let Some(lane) = chat.best_lane() else {
            if chat.not_before.is_none() {
                self.chats.remove(&key);
            }
            return;
        };
        if let Some(until) = chat.not_before {
            self.paused.push(Reverse((until, key)));
        } else if chat.listed != Some(lane) {
            chat.listed = Some(lane);
            self.ready[lane].push_back(key);
        }
    }
}
