//! What a plugin's deliveries cost, counted without locks.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;

/// Two buckets for each doubling, from 1 µs to over an hour.
const BUCKETS: usize = 64;

/// Running counts; they survive reloads.
#[derive(Debug)]
pub(super) struct Stats {
    pub(super) delivered: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) crashed: AtomicU64,
    pub(super) timeouts: AtomicU64,
    pub(super) busy: AtomicU64,
    pub(super) refused_calls: AtomicU64,
    took: [AtomicU64; BUCKETS],
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            delivered: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            crashed: AtomicU64::new(0),
            timeouts: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            refused_calls: AtomicU64::new(0),
            took: [const { AtomicU64::new(0) }; BUCKETS],
        }
    }
}

/// Counts at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PluginStats {
    /// Deliveries that the plugin took, whatever came of them.
    pub delivered: u64,
    /// Of these: answered with an error.
    pub failed: u64,
    /// Of these: panicked.
    pub crashed: u64,
    /// Of these: given up at their deadline.
    pub timeouts: u64,
    /// Turned away because too many were under way.
    pub busy: u64,
    /// Host calls refused for want of a capability.
    pub refused_calls: u64,
    /// Half of the answered deliveries took at most this many µs (to within 25 %).
    pub p50_us: u64,
    pub p99_us: u64,
}

impl Stats {
    pub(super) fn took(&self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.took[bucket(us)].fetch_add(1, Relaxed);
    }

    pub(super) fn snapshot(&self) -> PluginStats {
        let took: [u64; BUCKETS] = std::array::from_fn(|i| self.took[i].load(Relaxed));
        PluginStats {
            delivered: self.delivered.load(Relaxed),
            failed: self.failed.load(Relaxed),
            crashed: self.crashed.load(Relaxed),
            timeouts: self.timeouts.load(Relaxed),
            busy: self.busy.load(Relaxed),
            refused_calls: self.refused_calls.load(Relaxed),
            p50_us: quantile(&took, 50),
            p99_us: quantile(&took, 99),
        }
    }
}

/// Buckets 2k and 2k+1 are the lower and the upper half of 2^k .. 2^(k+1).
fn bucket(us: u64) -> usize {
    let us = us.max(1);
    let doubling = us.ilog2() as usize;
    let upper = doubling > 0 && us >> (doubling - 1) & 1 == 1;
    (2 * doubling + usize::from(upper)).min(BUCKETS - 1)
}

/// The upper edge of a bucket.
fn edge(bucket: usize) -> u64 {
    let low = 1u64 << (bucket / 2);
    if bucket.is_multiple_of(2) {
        low + low / 2
    } else {
        low * 2
    }
}

fn quantile(counts: &[u64; BUCKETS], percent: u64) -> u64 {
    let total: u64 = counts.iter().sum();
    let wanted = (total * percent).div_ceil(100);
    let mut seen = 0;
    for (i, count) in counts.iter().enumerate() {
        seen += count;
        if seen >= wanted && seen > 0 {
            return edge(i);
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_within_a_bucket() {
        let stats = Stats::default();
        assert_eq!(stats.snapshot().p99_us, 0);
        for us in 1..=1000 {
            stats.took(Duration::from_micros(us));
        }
        let PluginStats { p50_us, p99_us, .. } = stats.snapshot();
        assert!((500..=768).contains(&p50_us), "{p50_us}");
        assert!((990..=1536).contains(&p99_us), "{p99_us}");
        stats.took(Duration::from_secs(1 << 40));
        assert!(stats.snapshot().p99_us < u64::MAX);
    }
}
