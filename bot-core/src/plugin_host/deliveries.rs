//! Every delivery under way in this process, by number.
//!
//! A plugin answers through a C callback that carries one word. That word is a key of this table
//! and not a pointer, so a second answer, a late one or one for a number that never existed finds
//! nothing and harms nobody. For the same reason the table is one for the process.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::Envelope;

/// One delivery, as host calls made in its name see it.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) number: u64,
    /// Which plugin instance got it.
    pub(super) instance: u64,
    pub(super) envelope: Option<Arc<Envelope>>,
    /// Nobody waits for it any more.
    pub(super) given_up: CancellationToken,
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
    answer: oneshot::Sender<Outcome>,
    on_thread: Option<ThreadId>,
}

const SHARDS: usize = 16;
static OPEN: [Mutex<BTreeMap<u64, Open>>; SHARDS] = [const { Mutex::new(BTreeMap::new()) }; SHARDS];
static NUMBERS: AtomicU64 = AtomicU64::new(1);

/// The last numbers that were given up, for the plugin to be told why its call is refused.
static GIVEN_UP: Mutex<VecDeque<u64>> = Mutex::new(VecDeque::new());
const REMEMBERED: usize = 1024;

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
        given_up: CancellationToken::new(),
        clock: Mutex::new(Clock::new(Instant::now())),
    });
    let entry = Open {
        delivery: Arc::clone(&delivery),
        answer,
        on_thread,
    };
    shard(number).insert(number, entry);
    (delivery, answered)
}

/// Why a number means nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// It was given up, not long ago.
    GivenUp,
    /// It was answered, or it never was this instance's.
    Over,
}

/// Finds a delivery that `instance` has not answered yet.
pub(super) fn find(instance: u64, number: u64) -> Result<Arc<Delivery>, Gone> {
    if let Some(entry) = shard(number).get(&number)
        && entry.delivery.instance == instance
    {
        return Ok(Arc::clone(&entry.delivery));
    }
    Err(if given_up().contains(&number) {
        Gone::GivenUp
    } else {
        Gone::Over
    })
}

fn given_up() -> std::sync::MutexGuard<'static, VecDeque<u64>> {
    GIVEN_UP.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The plugin answers; the number is closed by it. False when nobody waits for it any more, or it
/// was answered before.
pub(super) fn answer(number: u64, status: i32, bytes: &[u8]) -> bool {
    let Some(entry) = shard(number).remove(&number) else {
        return false;
    };
    let on_thread = entry
        .on_thread
        .is_some_and(|wanted| thread::current().id() == wanted);
    let bytes = Bytes::copy_from_slice(bytes);
    entry
        .answer
        .send(Outcome {
            status,
            bytes,
            on_thread,
        })
        .is_ok()
}

/// Stops waiting: calls in its name are refused from now on, its answer finds nobody.
pub(super) fn give_up(delivery: &Delivery) {
    delivery.given_up.cancel();
    shard(delivery.number).remove(&delivery.number);
    let mut given_up = given_up();
    given_up.push_back(delivery.number);
    if given_up.len() > REMEMBERED {
        given_up.pop_front();
    }
}

/// Gives up whatever `instance` still has open: whoever waits for it is told that it ended.
pub(super) fn give_up_all(instance: u64) {
    for number in 0..SHARDS as u64 {
        shard(number).retain(|_, entry| {
            let stays = entry.delivery.instance != instance;
            if !stays {
                entry.delivery.given_up.cancel();
            }
            stays
        });
    }
}

impl Delivery {
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.is_cancelled()
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
    fn a_given_up_delivery_is_told_from_one_that_is_over() {
        let instance = u64::MAX - 1;
        let (delivery, mut answered) = open(instance, None, None);
        assert!(find(instance, delivery.number).is_ok());
        assert_eq!(
            find(0, delivery.number).unwrap_err(),
            Gone::Over,
            "another's number"
        );
        give_up(&delivery);
        assert!(delivery.is_given_up());
        assert_eq!(find(instance, delivery.number).unwrap_err(), Gone::GivenUp);
        assert!(!answer(delivery.number, 0, b"late"));
        assert!(answered.try_recv().is_err());
        let (delivery, _answered) = open(instance, None, None);
        assert!(answer(delivery.number, 0, b""));
        assert_eq!(find(instance, delivery.number).unwrap_err(), Gone::Over);
    }
}
