//! How the process has been lately: a sample every two seconds, some minutes of them in memory.
//!
//! For the dashboard's curves. Everything here is of this process alone and gone with it; what must
//! be exact stands in tables.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use vahta_rows::Micros;

use crate::app::App;
use crate::histogram::Counted;

pub const EVERY: Duration = Duration::from_secs(2);
/// Five minutes.
pub const KEPT: usize = 150;

/// One moment, or what happened in the time before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    pub at: Micros,
    pub updates_per_second: f64,
    /// From the arrival of an update to its end; 0 when there was none.
    pub p50_us: u64,
    pub p99_us: u64,
    /// Updates that failed, were parked or could not be read, and calls to Telegram that failed.
    pub errors: u64,
    pub calls_per_second: f64,
    /// Updates in memory that wait for their turn.
    pub waiting: usize,
    /// Calls to Telegram that wait or are under way.
    pub outbound: u64,
    /// Marks and log rows that wait to be written.
    pub journal: usize,
    /// Resident memory; `None` where the system does not tell.
    pub memory_kb: Option<u64>,
}

/// The samples of a process; cheap to clone.
#[derive(Clone, Default)]
pub struct Figures(Arc<Mutex<VecDeque<Sample>>>);

impl Figures {
    /// The samples that are kept, the oldest first.
    pub fn history(&self) -> Vec<Sample> {
        self.samples().iter().copied().collect()
    }

    fn push(&self, sample: Sample) {
        let mut samples = self.samples();
        if samples.len() >= KEPT {
            samples.pop_front();
        }
        samples.push_back(sample);
    }

    fn samples(&self) -> std::sync::MutexGuard<'_, VecDeque<Sample>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counters as they stood at the last sample.
struct Before {
    at: Instant,
    done: u64,
    errors: u64,
    calls: u64,
    took: Counted,
}

impl Before {
    fn of(app: &App) -> Self {
        let (stats, outbound) = (app.dispatcher.stats(), app.outbound.stats());
        let bad =
            stats.failed.load(Relaxed) + stats.unparsed.load(Relaxed) + stats.parked.load(Relaxed);
        Self {
            at: Instant::now(),
            done: (stats.done.load(Relaxed) + bad) as u64,
            errors: bad as u64 + outbound.failed.load(Relaxed),
            calls: outbound.calls.load(Relaxed),
            took: stats.took.counted(),
        }
    }
}

/// Samples until the future is dropped.
pub async fn keep(app: App) {
    let mut before = Before::of(&app);
    loop {
        tokio::time::sleep(EVERY).await;
        let now = Before::of(&app);
        app.figures.push(sample(&app, &before, &now));
        before = now;
    }
}

fn sample(app: &App, before: &Before, now: &Before) -> Sample {
    let seconds = (now.at - before.at).as_secs_f64().max(0.001);
    let rate = |now: u64, before: u64| now.saturating_sub(before) as f64 / seconds;
    let took = now.took.since(&before.took);
    Sample {
        at: Micros::now(),
        updates_per_second: rate(now.done, before.done),
        p50_us: took.quantile(50),
        p99_us: took.quantile(99),
        errors: now.errors.saturating_sub(before.errors),
        calls_per_second: rate(now.calls, before.calls),
        waiting: app.dispatcher.waiting(),
        outbound: app.outbound.stats().queued.load(Relaxed),
        journal: app.journal.waiting(),
        memory_kb: memory_kb(),
    }
}

/// Resident memory of this process in kB; `None` where the system does not tell.
pub fn memory_kb() -> Option<u64> {
    // proc(5): `VmRSS` in kB.
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_is_bounded_and_keeps_the_newest() {
        let figures = Figures::default();
        for n in 0..KEPT + 10 {
            figures.push(Sample {
                at: Micros(0),
                updates_per_second: 0.0,
                p50_us: 0,
                p99_us: 0,
                errors: 0,
                calls_per_second: 0.0,
                waiting: n,
                outbound: 0,
                journal: 0,
                memory_kb: None,
            });
        }
        let history = figures.history();
        assert_eq!(history.len(), KEPT);
        assert_eq!(
            (history[0].waiting, history[KEPT - 1].waiting),
            (10, KEPT + 9)
        );
    }

    #[test]
    fn a_process_uses_memory() {
        assert!(memory_kb().is_none_or(|kb| kb > 100));
    }
}
