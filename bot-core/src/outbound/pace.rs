//! How fast we may send. Source: Telegram's Bots FAQ, "My bot is hitting limits".
//!
//! Telegram counts over sliding windows: about one message a second to a chat, 20 a minute to a
//! group, 30 a second overall. governor's cells allow `burst + rate × window` in any window, so
//! each quota here is split into a burst and a rate whose sum stays under the limit.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use vahta_rows::ChatId;

use crate::config::OutboundProfile;

const ONE: NonZeroU32 = NonZeroU32::MIN;
/// Per private chat: two at once, then one a second.
const CHAT_BURST: NonZeroU32 = NonZeroU32::new(2).unwrap();
/// Per group: 5 at once, then 15 a minute: at most 20 in any minute.
const GROUP_BURST: NonZeroU32 = NonZeroU32::new(5).unwrap();
const GROUP_EVERY: Duration = Duration::from_secs(4);
/// Overall: 5 at once, then 24 a second: at most 29 in any second.
const OVERALL_BURST: NonZeroU32 = NonZeroU32::new(5).unwrap();
const OVERALL_EVERY: Duration = Duration::from_micros(1_000_000 / 24);

/// Keeps the pace of one bot.
pub(super) struct Pace {
    limits: Option<Limits>,
    clock: DefaultClock,
}

struct Limits {
    chats: DefaultKeyedRateLimiter<i64>,
    groups: DefaultKeyedRateLimiter<i64>,
    overall: DefaultDirectRateLimiter,
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
            overall: RateLimiter::direct(every(OVERALL_EVERY, OVERALL_BURST)),
        });
        Self {
            limits,
            clock: DefaultClock::default(),
        }
    }

    /// Asks for a turn; `Now` has taken it.
    pub(super) fn ask(&self, chat: Option<ChatId>) -> Turn {
        let Some(limits) = &self.limits else {
            return Turn::Now;
        };
        // Overall first: a chat's cell must not be taken for a call that then cannot go.
        if let Err(wait) = limits.overall.check() {
            return Turn::OverallAt(Instant::now() + wait.wait_time_from(self.clock.now()));
        }
        let Some(chat) = chat else { return Turn::Now };
        let keyed = if chat.0 < 0 {
            &limits.groups
        } else {
            &limits.chats
        };
        match keyed.check_key(&chat.0) {
            Ok(()) => Turn::Now,
            Err(wait) => Turn::ChatAt(Instant::now() + wait.wait_time_from(self.clock.now())),
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
