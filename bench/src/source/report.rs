//! What the source says about a run.

use serde::{Deserialize, Serialize};

use super::load::Shape;
use super::world::Counts;

/// `GET /bench/report`.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) updates: usize,
    /// Updates with a reply.
    pub(crate) replies: usize,
    pub(crate) missing: usize,
    /// Replies that arrived after the reply to a newer update of their chat.
    pub(crate) reordered: usize,
    pub(crate) duplicates: usize,
    /// Messages that are no reply to an update of ours.
    pub(crate) strange: usize,
    /// Updates handed out more than once: the bot asked with an old offset.
    pub(crate) handed_out_again: usize,
    /// Answers with updates.
    pub(crate) polls: usize,
    /// From the first delivery to the last reply.
    pub(crate) seconds: f64,
    pub(crate) updates_per_second: f64,
    /// From the update's bytes written to the reply's bytes read; ping-pong only.
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) max_us: f64,
}

impl Report {
    pub(super) fn new(
        shape: Shape,
        counts: Counts,
        seconds: f64,
        mut latencies_ns: Vec<u64>,
    ) -> Self {
        latencies_ns.sort_unstable();
        let at = |share: f64| {
            let last = latencies_ns.len().saturating_sub(1);
            let index = (last as f64 * share).round() as usize;
            latencies_ns
                .get(index)
                .map_or(0.0, |ns| *ns as f64 / 1000.0)
        };
        Self {
            updates: shape.updates,
            replies: counts.replies,
            missing: shape.updates - counts.replies,
            reordered: counts.reordered,
            duplicates: counts.duplicates,
            strange: counts.strange,
            handed_out_again: counts.handed_out_again,
            polls: counts.polls,
            seconds,
            updates_per_second: if seconds > 0.0 {
                counts.replies as f64 / seconds
            } else {
                0.0
            },
            p50_us: at(0.5),
            p99_us: at(0.99),
            max_us: at(1.0),
        }
    }

    /// Each update has exactly one reply, in order.
    pub(crate) fn is_clean(&self) -> bool {
        [self.missing, self.reordered, self.duplicates, self.strange] == [0; 4]
    }
}
