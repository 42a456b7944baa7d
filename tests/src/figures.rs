//! Figures to be printed; stories never assert on time.

use std::time::Duration;

use anyhow::{Context, Result};

/// Times of something that happened often.
#[derive(Debug, Clone, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time within which this share (0 to 1) of all was done, in milliseconds.
    pub fn within_ms(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let Some(last) = sorted.len().checked_sub(1) else {
            return 0.0;
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list of some thousands"
        )]
        let place = (last as f64 * share).round() as usize;
        sorted[place.min(last)].as_secs_f64() * 1000.0
    }

    /// "p50 1.2 ms, p99 3.4 ms of 500".
    pub fn summary(&self) -> String {
        let (half, most) = (self.within_ms(0.5), self.within_ms(0.99));
        format!("p50 {half:.1} ms, p99 {most:.1} ms of {}", self.count())
    }
}

impl FromIterator<Duration> for Times {
    fn from_iter<T: IntoIterator<Item = Duration>>(times: T) -> Self {
        Self(times.into_iter().collect())
    }
}

/// Memory that a process holds, in KiB.
///
/// # Errors
/// If there is no such process, or no `/proc`.
pub fn resident_kib(pid: u32) -> Result<i64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse().ok())
        .context("no VmRSS in /proc/<pid>/status")
}

/// The names of a process's threads; Linux keeps 15 bytes of each.
///
/// # Errors
/// If there is no such process, or no `/proc`.
pub fn threads(pid: u32) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while we look.
        if let Ok(name) = std::fs::read_to_string(task?.path().join("comm")) {
            names.push(name.trim_end().to_owned());
        }
    }
    names.sort();
    Ok(names)
}
