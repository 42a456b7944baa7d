//! Every delivery under way in this process, by number.
//!
//! A plugin answers through a C callback that carries one word. That word is a key of this table
//! and not a pointer, so a second answer, a late one or one for a number that never existed finds
//! nothing and harms nobody. For the same reason the table is one for the process.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::Envelope;

/// One delivery, as host calls made in its name see it.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) number: u64,
    /// Which plugin instance got it.
    pub(super) instance: u64,
    pub(super) envelope: Option<Arc<Envelope>>,
    given_up: AtomicBool,
    clock: Mutex<Clock>,
}

/// The plugin's answer.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) status: i32,
    pub(super) bytes: Bytes,
    /// The answer was given on the thread that [`Open::on_thread`] asked about.
    pub(super) on_thread: bool,
}

struct Open {
    delivery: Arc<Delivery>,
    /// None once the delivery was given up.
    answer: Option<oneshot::Sender<Outcome>>,
    on_thread: Option<ThreadId>,
}

const SHARDS: usize = 16;
static OPEN: [Mutex<BTreeMap<u64, Open>>; SHARDS] = [const { Mutex::new(BTreeMap::new()) }; SHARDS];
static NUMBERS: AtomicU64 = AtomicU64::new(1);

fn shard(number: u64) -> std::sync::MutexGuard<'static, BTreeMap<u64, Open>> {
    OPEN[number as usize % SHARDS]
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// Opens a delivery to `instance`; the receiver fails when the instance ends without an answer.
pub(super) fn open(
    instance: u64,
    envelope: Option<Arc<Envelope>>,
    on_thread: Option<ThreadId>,
) -> (Arc<Delivery>, oneshot::Receiver<Outcome>) {
    let (answer, answered) = oneshot::channel();
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    let delivery = Arc::new(Delivery {
        number,
        instance,
        envelope,
        given_up: AtomicBool::new(false),
        clock: Mutex::new(Clock::new(Instant::now())),
    });
    let entry = Open {
        delivery: Arc::clone(&delivery),
        answer: Some(answer),
        on_thread,
    };
    shard(number).insert(number, entry);
    (delivery, answered)
}

/// Finds an open delivery of `instance`, given up or not.
pub(super) fn find(instance: u64, number: u64) -> Option<Arc<Delivery>> {
    let shard = shard(number);
    let delivery = &shard.get(&number)?.delivery;
    (delivery.instance == instance).then(|| Arc::clone(delivery))
}

/// The plugin answers; the number is closed by it. False when nobody waits for it any more, or it
/// was answered before.
pub(super) fn answer(number: u64, status: i32, bytes: &[u8]) -> bool {
    let entry = shard(number).remove(&number);
    let Some(Open {
        answer: Some(answer),
        on_thread,
        ..
    }) = entry
    else {
        return false;
    };
    let on_thread = on_thread.is_some_and(|wanted| thread::current().id() == wanted);
    answer
        .send(Outcome {
            status,
            bytes: Bytes::copy_from_slice(bytes),
            on_thread,
        })
        .is_ok()
}

/// Stops waiting. The number stays known until its answer comes or its instance ends, so that
/// calls made in its name are told why they are refused.
pub(super) fn give_up(delivery: &Delivery) {
    delivery.given_up.store(true, Ordering::SeqCst);
    if let Some(entry) = shard(delivery.number).get_mut(&delivery.number) {
        entry.answer = None;
    }
}

/// Gives up whatever `instance` still has open.
pub(super) fn give_up_all(instance: u64) {
    for_each(instance, |entry| {
        entry.delivery.given_up.store(true, Ordering::SeqCst);
        entry.answer = None;
    });
}

/// The instance is gone: forgets its numbers.
pub(super) fn forget(instance: u64) {
    for number in 0..SHARDS as u64 {
        shard(number).retain(|_, entry| entry.delivery.instance != instance);
    }
}

fn for_each(instance: u64, mut act: impl FnMut(&mut Open)) {
    for number in 0..SHARDS as u64 {
        let mut shard = shard(number);
        let entries = shard.values_mut();
        entries
            .filter(|entry| entry.delivery.instance == instance)
            .for_each(&mut act);
    }
}

impl Delivery {
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::SeqCst)
    }

    /// A host call begins: the plugin's time stands still.
    pub(super) fn pause(&self) {
        self.with_clock(|clock| clock.pause(Instant::now()));
    }

    pub(super) fn resume(&self) {
        self.with_clock(|clock| clock.resume(Instant::now()));
    }

    /// How much of `budget` is left.
    pub(super) fn remaining(&self, budget: Duration) -> Duration {
        self.with_clock(|clock| budget.saturating_sub(clock.used(Instant::now())))
    }

    fn with_clock<T>(&self, act: impl FnOnce(&mut Clock) -> T) -> T {
        act(&mut self.clock.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Measures the plugin's own time: it stands still while at least one host call is open.
#[derive(Debug)]
struct Clock {
    began: Instant,
    calls: u32,
    paused_at: Instant,
    paused: Duration,
}

impl Clock {
    fn new(now: Instant) -> Self {
        Self {
            began: now,
            calls: 0,
            paused_at: now,
            paused: Duration::ZERO,
        }
    }

    fn pause(&mut self, now: Instant) {
        if self.calls == 0 {
            self.paused_at = now;
        }
        self.calls += 1;
    }

    fn resume(&mut self, now: Instant) {
        self.calls = self.calls.saturating_sub(1);
        if self.calls == 0 {
            self.paused += now - self.paused_at;
        }
    }

    fn used(&self, now: Instant) -> Duration {
        let until = if self.calls > 0 { self.paused_at } else { now };
        (until - self.began).saturating_sub(self.paused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_in_host_calls_is_not_the_plugins_time() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut clock = Clock::new(start);
        clock.pause(at(10));
        clock.pause(at(20));
        clock.resume(at(30));
        assert_eq!(
            clock.used(at(40)),
            Duration::from_millis(10),
            "one call is still open"
        );
        clock.resume(at(50));
        assert_eq!(clock.used(at(70)), Duration::from_millis(30));
    }

    #[test]
    fn a_second_answer_finds_nothing() {
        let (delivery, mut answered) = open(u64::MAX, None, Some(thread::current().id()));
        assert!(answer(delivery.number, 0, b"x"));
        assert!(!answer(delivery.number, 0, b"y"));
        let outcome = answered.try_recv().expect("the first answer");
        assert_eq!(&*outcome.bytes, b"x");
        assert!(outcome.on_thread);
    }

    #[test]
    fn a_given_up_delivery_is_known_until_its_late_answer() {
        let (delivery, _answered) = open(u64::MAX - 1, None, None);
        give_up(&delivery);
        let found = find(u64::MAX - 1, delivery.number).expect("still known");
        assert!(found.is_given_up());
        assert!(
            find(0, delivery.number).is_none(),
            "another instance's number"
        );
        assert!(!answer(delivery.number, 0, b""));
        assert!(find(u64::MAX - 1, delivery.number).is_none());
    }
}
