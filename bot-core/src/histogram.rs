//! How long things took, counted without locks.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Two buckets for each doubling, from 1 µs to over an hour.
const BUCKETS: usize = 64;

/// Running counts.
#[derive(Debug)]
pub struct Histogram([AtomicU64; BUCKETS]);

/// The counts of one moment, or of the time between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted([u64; BUCKETS]);

impl Default for Histogram {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; BUCKETS])
    }
}

impl Default for Counted {
    fn default() -> Self {
        Self([0; BUCKETS])
    }
}

impl Histogram {
    pub fn took(&self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.0[bucket(us)].fetch_add(1, Relaxed);
    }

    pub fn counted(&self) -> Counted {
        Counted(std::array::from_fn(|i| self.0[i].load(Relaxed)))
    }
}

impl Counted {
    /// What was counted since an earlier moment.
    pub fn since(&self, earlier: &Self) -> Self {
        Self(std::array::from_fn(|i| {
            self.0[i].saturating_sub(earlier.0[i])
        }))
    }

    /// The time in µs that so many percent took at most, to within 50 %; 0 for nothing counted.
    pub fn quantile(&self, percent: u64) -> u64 {
        let total: u64 = self.0.iter().sum();
        let wanted = (total * percent).div_ceil(100);
        let mut seen = 0;
        for (i, count) in self.0.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                return edge(i);
            }
        }
        0
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_within_a_bucket() {
        let times = Histogram::default();
        assert_eq!(times.counted().quantile(99), 0);
        for us in 1..=1000 {
            times.took(Duration::from_micros(us));
        }
        let before = times.counted();
        let (p50, p99) = (before.quantile(50), before.quantile(99));
        assert!((500..=768).contains(&p50), "{p50}");
        assert!((990..=1536).contains(&p99), "{p99}");
        times.took(Duration::from_secs(1 << 40));
        assert!(times.counted().quantile(99) < u64::MAX);
        let since = times.counted().since(&before);
        assert_eq!(
            since.quantile(1),
            since.quantile(99),
            "one value is every quantile"
        );
    }
}
