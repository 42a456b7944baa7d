//! What a plugin's deliveries cost, counted without locks.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;

use crate::histogram::Histogram;

/// Running counts; they survive reloads.
#[derive(Debug, Default)]
pub(super) struct Stats {
    pub(super) delivered: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) crashed: AtomicU64,
    pub(super) timeouts: AtomicU64,
    pub(super) busy: AtomicU64,
    pub(super) refused_calls: AtomicU64,
    took: Histogram,
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
        self.took.took(time);
    }

    pub(super) fn snapshot(&self) -> PluginStats {
        let took = self.took.counted();
        PluginStats {
            delivered: self.delivered.load(Relaxed),
            failed: self.failed.load(Relaxed),
            crashed: self.crashed.load(Relaxed),
            timeouts: self.timeouts.load(Relaxed),
            busy: self.busy.load(Relaxed),
            refused_calls: self.refused_calls.load(Relaxed),
            p50_us: took.quantile(50),
            p99_us: took.quantile(99),
        }
    }
}
