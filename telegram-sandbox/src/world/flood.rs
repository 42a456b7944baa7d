//! Flood control, when switched on. The model, kept simple and strict (docs/SANDBOX.md):
//!
//! * a private chat: a bucket of 3 calls, refilled by one a second;
//! * a group: at most 20 calls in any 60 s;
//! * all together: at most 30 calls in any second.
//!
//! Who goes over waits; who does not wait, waits longer.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

const BURST: f64 = 3.0;
const GROUP_CALLS: usize = 20;
const GROUP_WINDOW: Duration = Duration::from_secs(60);
const ALL_CALLS: usize = 30;
const ALL_WINDOW: Duration = Duration::from_secs(1);
/// What each call during a penalty adds to it, and how far that goes.
const PROLONGED_BY: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);

#[derive(Debug)]
pub(crate) struct Flood {
    pub(crate) enforced: bool,
    chats: HashMap<i64, Limit>,
    all: Limit,
}

#[derive(Debug)]
struct Limit {
    spent: Spent,
    /// Until when every call is refused.
    penalty: Option<Instant>,
}

#[derive(Debug)]
enum Spent {
    Bucket {
        left: f64,
        at: Instant,
    },
    Window {
        calls: VecDeque<Instant>,
        most: usize,
        length: Duration,
    },
}

impl Flood {
    pub(crate) fn new(enforced: bool) -> Self {
        Self {
            enforced,
            chats: HashMap::new(),
            all: Limit::window(ALL_CALLS, ALL_WINDOW),
        }
    }

    /// Forgets what was spent and every penalty.
    pub(crate) fn forget(&mut self) {
        *self = Self::new(self.enforced);
    }

    /// Counts a message-sending call to a chat; `Err` is the `retry_after` in seconds.
    pub(crate) fn spend(&mut self, chat: i64, calls: usize) -> Result<(), u64> {
        if !self.enforced {
            return Ok(());
        }
        let now = Instant::now();
        let limit = self.chats.entry(chat).or_insert_with(|| match chat {
            1.. => Limit::bucket(now),
            _ => Limit::window(GROUP_CALLS, GROUP_WINDOW),
        });
        limit.check(now)?;
        self.all.check(now)?;
        for _ in 0..calls.max(1) {
            limit.take(now);
            self.all.take(now);
        }
        Ok(())
    }
}

impl Limit {
    fn bucket(now: Instant) -> Self {
        let spent = Spent::Bucket {
            left: BURST,
            at: now,
        };
        Self {
            spent,
            penalty: None,
        }
    }

    fn window(most: usize, length: Duration) -> Self {
        let spent = Spent::Window {
            calls: VecDeque::new(),
            most,
            length,
        };
        Self {
            spent,
            penalty: None,
        }
    }

    /// Whether a call fits now; if not, begins or prolongs the penalty.
    fn check(&mut self, now: Instant) -> Result<(), u64> {
        let until = match self.penalty {
            Some(until) if until > now => (until + PROLONGED_BY).min(now + LONGEST),
            _ => match self.spent.free_at(now) {
                Some(free) => free,
                None => {
                    self.penalty = None;
                    return Ok(());
                }
            },
        };
        self.penalty = Some(until);
        let wait = until.duration_since(now);
        Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }

    fn take(&mut self, now: Instant) {
        match &mut self.spent {
            Spent::Bucket { left, .. } => *left -= 1.0,
            Spent::Window { calls, .. } => calls.push_back(now),
        }
    }
}

impl Spent {
    /// When the next call fits; `None`: now.
    fn free_at(&mut self, now: Instant) -> Option<Instant> {
        match self {
            Self::Bucket { left, at } => {
                *left = (*left + now.duration_since(*at).as_secs_f64()).min(BURST);
                *at = now;
                (*left < 1.0).then(|| now + Duration::from_secs_f64(1.0 - *left))
            }
            Self::Window {
                calls,
                most,
                length,
            } => {
                while calls
                    .front()
                    .is_some_and(|first| now.duration_since(*first) >= *length)
                {
                    calls.pop_front();
                }
                let over = calls.len().checked_sub(*most)?;
                calls.get(over).map(|call| *call + *length)
            }
        }
    }
}
