//! Flood control, when switched on. The model, kept simple and strict (README.md):
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
    /// By bot and chat.
    chats: HashMap<(i64, i64), Limit>,
    /// By bot.
    all: HashMap<i64, Limit>,
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
            all: HashMap::new(),
        }
    }

    /// Forgets what was spent and every penalty.
    pub(crate) fn forget(&mut self) {
        *self = Self::new(self.enforced);
    }

    /// Counts a bot's call that sends so many messages to a chat; `Err` is the `retry_after` in
    /// seconds.
    pub(crate) fn spend(
        &mut self,
        bot: i64,
        chat: i64,
        calls: usize,
        now: Instant,
    ) -> Result<(), u64> {
        if !self.enforced {
            return Ok(());
        }
        let all = self
            .all
            .entry(bot)
            .or_insert_with(|| Limit::window(ALL_CALLS, ALL_WINDOW));
        let limit = self.chats.entry((bot, chat)).or_insert_with(|| match chat {
            1.. => Limit::bucket(now),
            _ => Limit::window(GROUP_CALLS, GROUP_WINDOW),
        });
        limit.check(now)?;
        all.check(now)?;
        for _ in 0..calls.max(1) {
            limit.take(now);
            all.take(now);
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

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: i64 = 7;
    const GROUP: i64 = -7;

    fn after(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn at_the_allowed_rate_nothing_is_ever_refused() {
        let (mut flood, start) = (Flood::new(true), Instant::now());
        for second in 0..600 {
            let now = after(start, second * 1000);
            assert_eq!(flood.spend(1, PERSON, 1, now), Ok(()));
            if second % 3 == 0 {
                assert_eq!(flood.spend(1, GROUP, 1, now), Ok(()), "20 a minute");
            }
        }
    }

    #[test]
    fn all_chats_together_take_30_in_any_second() {
        let (mut flood, start) = (Flood::new(true), Instant::now());
        for person in 1..=30 {
            assert_eq!(
                flood.spend(1, person, 1, after(start, 10 * person.unsigned_abs())),
                Ok(())
            );
        }
        assert_eq!(
            flood.spend(1, 31, 1, after(start, 900)),
            Err(1),
            "the first was at 10 ms"
        );
        assert_eq!(flood.spend(1, 31, 1, after(start, 1010)), Ok(()));
    }

    #[test]
    fn a_refused_call_waits_as_long_as_it_is_told_and_is_then_let_in() {
        let (mut flood, start) = (Flood::new(true), Instant::now());
        for n in 0..20 {
            assert_eq!(flood.spend(1, GROUP, 1, after(start, n * 100)), Ok(()));
        }
        assert_eq!(flood.spend(1, GROUP, 1, after(start, 5_000)), Err(55));
        assert_eq!(flood.spend(1, GROUP, 1, after(start, 60_000)), Ok(()));
    }

    #[test]
    fn an_impatient_caller_waits_longer_up_to_five_minutes() {
        let (mut flood, start) = (Flood::new(true), Instant::now());
        for _ in 0..3 {
            assert_eq!(flood.spend(1, PERSON, 1, start), Ok(()));
        }
        for expected in 1..=300 {
            assert_eq!(flood.spend(1, PERSON, 1, start), Err(expected));
        }
        assert_eq!(flood.spend(1, PERSON, 1, start), Err(300));
        assert_eq!(flood.spend(1, PERSON, 1, after(start, 300_000)), Ok(()));
    }

    #[test]
    fn an_album_counts_once_for_each_of_its_messages() {
        let (mut flood, start) = (Flood::new(true), Instant::now());
        assert_eq!(flood.spend(1, GROUP, 10, start), Ok(()));
        assert_eq!(flood.spend(1, GROUP, 10, after(start, 2_000)), Ok(()));
        assert_eq!(flood.spend(1, GROUP, 1, after(start, 4_000)), Err(56));
    }
}
