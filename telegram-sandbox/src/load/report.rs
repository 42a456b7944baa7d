//! What a load has shown.

use std::fmt;

use serde::Serialize;

/// Figures of one run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub chats: usize,
    pub updates: usize,
    pub handed_out: usize,
    /// Updates that the bot fetched more than once.
    pub handed_out_again: usize,
    /// Updates with a reply.
    pub replied: usize,
    pub missing: usize,
    /// Replies that came after the reply to a later update of their chat.
    pub reordered: usize,
    /// Further replies to an update that had one.
    pub more: usize,
    /// Messages that answer nothing.
    pub strange: usize,
    /// Until all was written.
    pub written_seconds: f64,
    /// From the first delivery to the last.
    pub delivery_seconds: f64,
    /// From the first delivery to the last reply.
    pub reply_seconds: f64,
    /// From the delivery of an update to its reply.
    pub from_delivery: Latencies,
    /// From its writing, with the time in which it waited to be fetched.
    pub from_writing: Latencies,
}

/// Percentiles, in microseconds, and a histogram.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Latencies {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
    /// How many lie below each bound (microseconds; the bounds double) and not below the one
    /// before.
    pub histogram: Vec<(u64, usize)>,
}

impl Latencies {
    pub(super) fn of(nanoseconds: impl Iterator<Item = u64>) -> Self {
        let mut all: Vec<u64> = nanoseconds.collect();
        all.sort_unstable();
        let Some(last) = all.last() else {
            return Self::default();
        };
        let at = |share: f64| {
            let index = ((all.len() - 1) as f64 * share).round() as usize;
            all.get(index).map_or(0.0, |ns| *ns as f64 / 1_000.0)
        };
        let mut histogram = Vec::new();
        let (mut from, mut bound) = (0, 64_u64);
        while from < all.len() {
            let to = all.partition_point(|ns| *ns < bound * 1_000);
            if to > from || !histogram.is_empty() {
                histogram.push((bound, to - from));
            }
            from = to;
            bound *= 2;
        }
        Self {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: *last as f64 / 1_000.0,
            histogram,
        }
    }
}

impl Report {
    /// Every update was handed out and has exactly one reply, in order.
    pub fn is_clean(&self) -> bool {
        [self.missing, self.reordered, self.more, self.strange] == [0; 4]
    }

    pub fn updates_per_second(&self) -> f64 {
        rate(self.handed_out, self.delivery_seconds)
    }

    pub fn replies_per_second(&self) -> f64 {
        rate(self.replied, self.reply_seconds)
    }
}

fn rate(count: usize, seconds: f64) -> f64 {
    if seconds > 0.0 {
        count as f64 / seconds
    } else {
        0.0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} updates from {} chats, written in {:.2} s",
            self.updates, self.chats, self.written_seconds
        )?;
        writeln!(
            f,
            "handed out   {:>9}   {:>9.0} /s   again {}",
            self.handed_out,
            self.updates_per_second(),
            self.handed_out_again
        )?;
        writeln!(
            f,
            "replied      {:>9}   {:>9.0} /s   missing {}, out of order {}, more than one {}, \
             answering nothing {}",
            self.replied,
            self.replies_per_second(),
            self.missing,
            self.reordered,
            self.more,
            self.strange
        )?;
        for (name, latencies) in [
            ("from delivery to reply", &self.from_delivery),
            ("from writing to reply", &self.from_writing),
        ] {
            writeln!(f, "{name}: {latencies}")?;
        }
        let most = self.from_delivery.histogram.iter().map(|(_, count)| *count);
        let most = most.max().unwrap_or(0).max(1);
        for (bound, count) in &self.from_delivery.histogram {
            let bar = "█".repeat((count * 40).div_ceil(most));
            writeln!(f, "  < {:>9}  {count:>9}  {bar}", shown(*bound as f64))?;
        }
        Ok(())
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "p50 {}, p90 {}, p99 {}, p99.9 {}, longest {}",
            shown(self.p50),
            shown(self.p90),
            shown(self.p99),
            shown(self.p999),
            shown(self.max)
        )
    }
}

fn shown(microseconds: f64) -> String {
    match microseconds {
        us if us < 1_000.0 => format!("{us:.0} µs"),
        us if us < 1_000_000.0 => format!("{:.1} ms", us / 1_000.0),
        us => format!("{:.2} s", us / 1_000_000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_and_the_histogram_count_every_update() {
        let latencies = Latencies::of((1..=1_000).map(|us| us * 1_000));
        assert_eq!((latencies.p50, latencies.max), (501.0, 1_000.0));
        assert_eq!(latencies.p99, 990.0);
        let counted: usize = latencies.histogram.iter().map(|(_, count)| count).sum();
        assert_eq!(counted, 1_000);
        assert_eq!(latencies.histogram[0], (64, 63));
    }
}
