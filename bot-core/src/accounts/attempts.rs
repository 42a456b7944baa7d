//! How often somebody may try to log in.
//!
//! Each try is counted **before** it is made, in every bucket that it falls into, so that a hundred
//! at once are a hundred. A bucket bears some failures for free; after them each failure doubles the
//! wait. The waits are in a table: a restart forgives nobody.
//!
//! Nobody can lock somebody else out: from an address where a person logged in before, the tries
//! that others make elsewhere do not count, and the wait stays short.

mod rows;

use std::net::Ipv6Addr;
use std::time::Duration;

use vahta_rows::{DbError, Micros, UserId, transaction, with_db};

use self::rows::AttemptRows as _;
use super::Accounts;
use super::sessions::Login;
use crate::tokens;

/// A place where failures are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    key: String,
    /// Failures that cost no wait.
    free: i64,
    longest: Duration,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Bucket {
    fn new(kind: &str, of: &str, free: i64, longest: Duration) -> Self {
        // People type passwords into the wrong field: no name is kept.
        let key = format!("{kind}:{}", tokens::hash(of));
        Self { key, free, longest }
    }

    /// Everything that one address tries.
    pub fn address(address: &str) -> Self {
        Self::new("address", &place(address), 20, 15 * MINUTE)
    }

    /// One account from one address; `known`: the person logged in from there before.
    pub fn account_at(account: &str, address: &str, known: bool) -> Self {
        let longest = if known { MINUTE / 2 } else { 15 * MINUTE };
        let of = format!("{account} {}", place(address));
        Self::new("account-at", &of, 5, longest)
    }

    /// One account from everywhere: for somebody who tries from many addresses.
    pub fn account(account: &str) -> Self {
        Self::new("account", account, 50, 5 * MINUTE)
    }

    /// The second factor of one person, behind one kind of first step, from one address.
    pub fn second_step_at(user: UserId, login: Login, address: &str, known: bool) -> Self {
        let longest = if known { MINUTE / 2 } else { 15 * MINUTE };
        let of = format!("{user} {} {}", login.as_str(), place(address));
        Self::new("second-at", &of, 5, longest)
    }

    /// The same from everywhere. Each kind of first step has its own: whoever stole a password does
    /// not stand in the way of the link from the bot.
    pub fn second_step(user: UserId, login: Login) -> Self {
        let of = format!("{user} {}", login.as_str());
        Self::new("second", &of, 50, 5 * MINUTE)
    }

    /// Tokens that one Telegram user sends.
    pub fn tokens_of(telegram_id: i64) -> Self {
        Self::new("telegram", &telegram_id.to_string(), 5, 15 * MINUTE)
    }

    /// Tokens that one account tries to be linked with.
    pub fn linking(user: vahta_rows::UserId) -> Self {
        Self::new("linking", &user.to_string(), 5, 15 * MINUTE)
    }

    /// How long to wait after this many failures.
    fn wait(&self, failures: i64) -> Duration {
        let over = failures - self.free;
        if over < 0 {
            return Duration::ZERO;
        }
        let doubled = 1_u64 << u32::try_from(over).unwrap_or(u32::MAX).min(20);
        Duration::from_secs(doubled).min(self.longest)
    }
}

/// One customer of a provider has a whole /64 of IPv6 addresses (RFC 6177): they are one place.
fn place(address: &str) -> String {
    match address.parse::<Ipv6Addr>() {
        Ok(address) => {
            let network = address.to_bits() >> 64 << 64;
            Ipv6Addr::from_bits(network).to_string()
        }
        Err(_) => address.to_string(),
    }
}

/// May somebody try now?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, and it is counted as failed until [`Accounts::forgive`].
    Try,
    Wait {
        seconds: u64,
        /// The first refusal since the last try: the one for the audit log.
        first: bool,
    },
}

impl Accounts {
    /// Counts a try in each of these buckets, or says how long to wait.
    pub async fn attempt(&self, buckets: &[Bucket]) -> Result<Verdict, DbError> {
        let now = Micros::now();
        // Who is refused again and again costs a look and no write.
        let keys: Vec<&str> = buckets.iter().map(|bucket| bucket.key.as_str()).collect();
        let closed = with_db!(self.db, c => c.refused_before(&keys, now).await)?;
        if let Some(open_at) = closed {
            let seconds = seconds_until(open_at, now);
            return Ok(Verdict::Wait {
                seconds,
                first: false,
            });
        }
        transaction!(self.db, c => {
            let mut verdict = Verdict::Try;
            for bucket in buckets {
                c.ensure_bucket(&bucket.key, now).await?;
                let open_at = c.lock_bucket(&bucket.key).await?;
                if open_at > now {
                    let refused = c.refuse(&bucket.key).await?;
                    let seconds = seconds_until(open_at, now);
                    verdict = Verdict::Wait { seconds, first: refused == 1 };
                    break;
                }
            }
            if verdict == Verdict::Try {
                for bucket in buckets {
                    let failures = c.count_failure(&bucket.key, now).await?;
                    let wait = bucket.wait(failures);
                    if !wait.is_zero() {
                        c.close_bucket(&bucket.key, now.plus(wait)).await?;
                    }
                }
            }
            Ok(verdict)
        })
    }

    /// The try was right.
    pub async fn take_back(&self, bucket: &Bucket) -> Result<(), DbError> {
        let now = Micros::now();
        transaction!(self.db, c => c.take_back(&bucket.key, now).await)
    }

    /// The try was right: it is taken back everywhere, and `own` begins anew.
    pub async fn forgive(&self, buckets: &[Bucket], own: &Bucket) -> Result<(), DbError> {
        let now = Micros::now();
        transaction!(self.db, c => {
            for bucket in buckets {
                c.take_back(&bucket.key, now).await?;
            }
            c.empty_bucket(&own.key).await
        })
    }
}

fn seconds_until(open_at: Micros, now: Micros) -> u64 {
    u64::try_from((open_at.0 - now.0) / 1_000_000).unwrap_or(0) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end_at_the_longest() {
        let bucket = Bucket::account_at("ada", "192.0.2.1", false);
        let waits: Vec<u64> = (1..=9).map(|n| bucket.wait(n).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16]);
        assert_eq!(bucket.wait(i64::MAX), 15 * MINUTE);
        let known = Bucket::account_at("ada", "192.0.2.1", true);
        assert_eq!(known.wait(1_000), MINUTE / 2);
    }

    #[test]
    fn a_whole_ipv6_network_is_one_place() {
        let at = |address| Bucket::address(address);
        assert_eq!(at("2001:db8:1:2::3"), at("2001:db8:1:2:ffff::4"));
        assert_ne!(at("2001:db8:1:2::3"), at("2001:db8:1:3::3"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }

    #[test]
    fn no_name_is_kept() {
        assert!(!format!("{:?}", Bucket::account("hunter2")).contains("hunter2"));
    }
}
