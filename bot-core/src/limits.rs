//! How much one may send: per person, per group, per command of a person.
//!
//! Whoever is over a limit is told once a window, then met with silence; what was dropped is
//! counted. Defaults come from configuration; what an admin changes is kept in `settings`, works at
//! once here, and soon in other processes ([`Limits::converge`]).

mod rules;
mod store;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use vahta_rows::{ChatId, Db, DbError};

pub use rules::{Overrides, Rate, Rules, Scope};

use crate::config::AccessRules;

/// One notice a person or group within this time, however much is dropped.
pub const NOTICE_WINDOW: Duration = Duration::from_secs(60);

/// Somebody is over a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    pub scope: Scope,
    /// Until something would pass again.
    pub wait: Duration,
    /// Nobody told them within [`NOTICE_WINDOW`]: tell them now.
    pub tell: bool,
}

/// What was dropped since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    pub user: u64,
    pub chat: u64,
    pub command: u64,
}

/// The limits of inbound updates; cheap to clone.
#[derive(Clone)]
pub struct Limits {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    defaults: Rules,
    gates: ArcSwap<Gates>,
    notices: DefaultKeyedRateLimiter<i64>,
    dropped: [AtomicU64; 3],
}

/// The limiters of one set of rules; a change of rules makes a new one.
struct Gates {
    overrides: Overrides,
    rules: Rules,
    users: DefaultKeyedRateLimiter<i64>,
    chats: DefaultKeyedRateLimiter<i64>,
    /// By person and a hash of the command's name.
    commands: DefaultKeyedRateLimiter<(i64, u64)>,
    /// By command's name, then by person.
    single: Vec<(String, DefaultKeyedRateLimiter<i64>)>,
}

impl Limits {
    /// Reads what admins changed; the rest comes from configuration.
    pub async fn load(db: Db, config: &AccessRules) -> Result<Self, DbError> {
        let defaults = Rules::of(config);
        let overrides = store::read(&db).await?;
        let inner = Inner {
            gates: ArcSwap::from_pointee(Gates::new(&defaults, overrides)),
            notices: RateLimiter::keyed(every(NOTICE_WINDOW)),
            dropped: Default::default(),
            defaults,
            db,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Counts one update of a person; memory only. `group` is the group that it came from.
    pub fn check(
        &self,
        telegram_id: i64,
        group: Option<ChatId>,
        command: Option<&str>,
    ) -> Result<(), Over> {
        let gates = self.inner.gates.load();
        let over = |scope: Scope, whose: i64, wait: Duration| {
            self.inner.dropped[scope.index()].fetch_add(1, Ordering::Relaxed);
            let tell = self.inner.notices.check_key(&whose).is_ok();
            Over { scope, wait, tell }
        };
        check(&gates.users, &telegram_id).map_err(|w| over(Scope::User, telegram_id, w))?;
        if let Some(ChatId(chat)) = group {
            check(&gates.chats, &chat).map_err(|w| over(Scope::Chat, chat, w))?;
        }
        let Some(command) = command else {
            return Ok(());
        };
        match gates.single.iter().find(|(name, _)| name == command) {
            Some((_, limiter)) => check(limiter, &telegram_id)
                .map_err(|w| over(Scope::Command(Some(command.into())), telegram_id, w)),
            None => check(&gates.commands, &(telegram_id, hash(command)))
                .map_err(|w| over(Scope::Command(None), telegram_id, w)),
        }
    }

    /// The rules in effect.
    pub fn rules(&self) -> Rules {
        self.inner.gates.load().rules.clone()
    }

    /// What configuration says, before anybody changed it.
    pub fn defaults(&self) -> &Rules {
        &self.inner.defaults
    }

    pub fn dropped(&self) -> Dropped {
        let [user, chat, command] =
            [0, 1, 2].map(|index: usize| self.inner.dropped[index].load(Ordering::Relaxed));
        Dropped {
            user,
            chat,
            command,
        }
    }

    /// Forgets whoever is within limits again: what is remembered stays bounded.
    pub fn sweep(&self) {
        let gates = self.inner.gates.load();
        gates.users.retain_recent();
        gates.chats.retain_recent();
        gates.commands.retain_recent();
        gates
            .single
            .iter()
            .for_each(|(_, limiter)| limiter.retain_recent());
        self.inner.notices.retain_recent();
    }

    /// Takes over what another process changed.
    pub async fn converge(&self) -> Result<(), DbError> {
        let overrides = store::read(&self.inner.db).await?;
        if overrides != self.inner.gates.load().overrides {
            self.apply(overrides);
        }
        Ok(())
    }

    /// People, groups and commands that are remembered now.
    pub fn remembered(&self) -> usize {
        let gates = self.inner.gates.load();
        let single: usize = gates.single.iter().map(|(_, limiter)| limiter.len()).sum();
        gates.users.len() + gates.chats.len() + gates.commands.len() + single
    }

    fn apply(&self, overrides: Overrides) {
        self.inner
            .gates
            .store(Arc::new(Gates::new(&self.inner.defaults, overrides)));
    }
}

impl Gates {
    fn new(defaults: &Rules, overrides: Overrides) -> Self {
        let rules = overrides.merged_with(defaults);
        let single = rules.single.iter();
        Self {
            users: RateLimiter::keyed(quota(rules.user)),
            chats: RateLimiter::keyed(quota(rules.chat)),
            commands: RateLimiter::keyed(quota(rules.command)),
            single: single
                .map(|(n, rate)| (n.clone(), RateLimiter::keyed(quota(*rate))))
                .collect(),
            overrides,
            rules,
        }
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Result<(), Duration> {
    limiter
        .check_key(key)
        .map_err(|not| not.wait_time_from(DefaultClock::default().now()))
}

fn quota(rate: Rate) -> Quota {
    let at_least_one = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(at_least_one(rate.per_second)).allow_burst(at_least_one(rate.burst))
}

fn every(window: Duration) -> Quota {
    Quota::with_period(window).unwrap_or(Quota::per_minute(NonZeroU32::MIN))
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
