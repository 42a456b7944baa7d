//! How fast we may send. Source: Telegram's Bots FAQ, "My bot is hitting limits".
//!
//! Telegram counts over sliding windows: about one message a second to a chat, 20 a minute to a
//! group, 30 a second overall. governor's cells allow `burst + rate × window` in any window, so
//! each quota here is split into a burst and a rate whose sum stays under the limit.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use vahta_rows::ChatId;

use crate::config::OutboundProfile;

const ONE: NonZeroU32 = NonZeroU32::MIN;
/// Per private chat: two at once, then one a second.
const CHAT_BURST: NonZeroU32 = NonZeroU32::new(2).unwrap();
/// Per group: 5 at once, then 15 a minute: at most 20 in any minute.
const GROUP_BURST: NonZeroU32 = NonZeroU32::new(5).unwrap();
const GROUP_EVERY: Duration = Duration::from_secs(4);
/// Overall: so many in any window. It is a little longer than Telegram's second, for calls that
/// catch up with one another on the way.
const OVERALL: usize = 26;
const WINDOW: Duration = Duration::from_millis(1_100);
/// What a process may send at once after its start: another one may just have ended.
const AT_START: usize = 5;

/// Keeps the pace of one bot.
pub(super) struct Pace {
    limits: Option<Limits>,
    clock: DefaultClock,
}

struct Limits {
    chats: DefaultKeyedRateLimiter<i64>,
    groups: DefaultKeyedRateLimiter<i64>,
    overall: Window,
}

/// When a call may go.
pub(super) enum Turn {
    Now,
    /// This chat has to wait until then.
    ChatAt(Instant),
    /// Everyone has to wait until then.
    OverallAt(Instant),
}

impl Pace {
    pub(super) fn new(profile: OutboundProfile) -> Self {
        let limits = (profile == OutboundProfile::Telegram).then(|| Limits {
            chats: RateLimiter::keyed(Quota::per_second(ONE).allow_burst(CHAT_BURST)),
            groups: RateLimiter::keyed(every(GROUP_EVERY, GROUP_BURST)),
            overall: Window::new(Instant::now()),
        });
        Self {
            limits,
            clock: DefaultClock::default(),
        }
    }

    /// Asks for a turn; `Now` has taken it.
    pub(super) fn ask(&mut self, chat: Option<ChatId>) -> Turn {
        let Some(limits) = &mut self.limits else {
            return Turn::Now;
        };
        let now = Instant::now();
        // Looked at first and taken last: a call that cannot go takes from nobody.
        if let Some(at) = limits.overall.full_until(now) {
            return Turn::OverallAt(at);
        }
        let Some(chat) = chat else {
            limits.overall.take(now);
            return Turn::Now;
        };
        let keyed = if chat.0 < 0 {
            &limits.groups
        } else {
            &limits.chats
        };
        match keyed.check_key(&chat.0) {
            Ok(()) => {
                limits.overall.take(now);
                Turn::Now
            }
            Err(wait) => Turn::ChatAt(now + wait.wait_time_from(self.clock.now())),
        }
    }

    /// Forgets chats that have their full burst again.
    pub(super) fn sweep(&self) {
        if let Some(limits) = &self.limits {
            limits.chats.retain_recent();
            limits.groups.retain_recent();
        }
    }
}

/// When the latest calls went, the oldest first.
struct Window(VecDeque<Instant>);

impl Window {
    fn new(now: Instant) -> Self {
        Self(std::iter::repeat_n(now, OVERALL - AT_START).collect())
    }

    /// Until when nothing more may go.
    fn full_until(&mut self, now: Instant) -> Option<Instant> {
        while self.0.front().is_some_and(|at| *at + WINDOW <= now) {
            self.0.pop_front();
        }
        let oldest = self.0.front().filter(|_| self.0.len() >= OVERALL)?;
        Some(*oldest + WINDOW)
    }

    fn take(&mut self, now: Instant) {
        self.0.push_back(now);
    }
}

fn every(period: Duration, burst: NonZeroU32) -> Quota {
    Quota::with_period(period)
        .unwrap_or(Quota::per_second(ONE))
        .allow_burst(burst)
}

/// Calls that Telegram counts: what puts or changes a message in a chat.
pub(super) fn is_counted(method: &str) -> bool {
    let starts = |prefix: &str| {
        method
            .get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    (starts("send") && !method.eq_ignore_ascii_case("sendChatAction"))
        || starts("edit")
        || starts("forward")
        || starts("copy")
        || starts("stopPoll")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_window_holds_more_than_it_may() {
        let start = Instant::now();
        let mut window = Window::new(start);
        let mut sent = Vec::new();
        let mut now = start;
        while now < start + 5 * WINDOW {
            match window.full_until(now) {
                None => {
                    window.take(now);
                    sent.push(now);
                    now += Duration::from_millis(1);
                }
                Some(at) => now = at,
            }
        }
        assert!(sent.len() > 4 * OVERALL, "{}", sent.len());
        for from in &sent {
            let within = sent
                .iter()
                .filter(|at| *at >= from && **at < *from + WINDOW);
            assert!(within.count() <= OVERALL);
        }
    }

    #[test]
    fn a_call_that_its_chat_holds_back_takes_from_nobody() {
        let mut pace = Pace::new(OutboundProfile::Telegram);
        let flooded = Some(ChatId(1));
        assert!(matches!(pace.ask(flooded), Turn::Now));
        assert!(matches!(pace.ask(flooded), Turn::Now));
        for _ in 0..100 {
            assert!(matches!(pace.ask(flooded), Turn::ChatAt(_)));
        }
        for chat in 2..=4 {
            assert!(matches!(pace.ask(Some(ChatId(chat))), Turn::Now), "{chat}");
        }
        assert!(matches!(pace.ask(Some(ChatId(5))), Turn::OverallAt(_)));
    }
}
