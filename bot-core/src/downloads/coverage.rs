//! Which bytes of a file were sent: merged ranges, in any order, from any number of answers.

use serde::{Deserialize, Serialize};

/// Ranges from here to before there, in order, with gaps between them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    pub(super) fn add(&mut self, from: u64, to: u64) {
        if from >= to {
            return;
        }
        // Those that touch it become one with it.
        let begin = self.0.partition_point(|range| range.1 < from);
        let end = self.0.partition_point(|range| range.0 <= to);
        let touched = self.0.get(begin..end).unwrap_or_default();
        let from = touched.first().map_or(from, |first| first.0.min(from));
        let to = touched.last().map_or(to, |last| last.1.max(to));
        self.0.splice(begin..end, [(from, to)]);
    }

    /// Is everything of a file of this size in it? Of an empty one always.
    pub(super) fn is_whole(&self, size: u64) -> bool {
        size == 0 || self.0 == [(0, size)]
    }

    /// How many pieces it is in.
    pub(super) fn pieces(&self) -> usize {
        self.0.len()
    }
}

/// What one answer may have sent, from here to before there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claim(pub(super) i64, pub(super) u64, pub(super) u64);

/// What is known of a grant's bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Coverage {
    /// Handed to a connection.
    pub(super) covered: Ranges,
    /// By the number of the answer. Whoever ends in order takes its own away, so what is left of
    /// one that is over is what a crash leaves in doubt.
    pub(super) claims: Vec<Claim>,
}

impl Coverage {
    /// Replaces an answer's claim; an empty one is none.
    pub(super) fn claim(&mut self, epoch: i64, from: u64, to: u64) {
        self.claims.retain(|claim| claim.0 != epoch);
        if from < to {
            self.claims.push(Claim(epoch, from, to));
        }
    }

    /// May somebody have the whole file? Only asked when no answer is under way any more.
    pub(super) fn may_be_whole(&self, size: u64) -> bool {
        let mut all = self.covered.clone();
        for Claim(_, from, to) in &self.claims {
            all.add(*from, *to);
        }
        all.is_whole(size)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_that_touch_become_one() {
        let mut ranges = Ranges::default();
        for (from, to) in [(10, 20), (30, 40), (5, 5), (20, 25), (0, 3)] {
            ranges.add(from, to);
        }
        assert_eq!(ranges.0, [(0, 3), (10, 25), (30, 40)]);
        ranges.add(3, 30);
        assert_eq!(ranges.0, [(0, 40)]);
        assert!(ranges.is_whole(40) && !ranges.is_whole(41));
        assert!(Ranges::default().is_whole(0) && !Ranges::default().is_whole(1));
    }

    #[test]
    fn what_a_crash_leaves_in_doubt_counts_as_sent() {
        let mut coverage = Coverage::default();
        coverage.claim(1, 0, 50);
        coverage.claim(1, 10, 60);
        assert_eq!(coverage.claims, [Claim(1, 10, 60)]);
        coverage.covered.add(60, 100);
        assert!(!coverage.may_be_whole(100));
        coverage.covered.add(0, 10);
        assert!(coverage.may_be_whole(100) && !coverage.covered.is_whole(100));
        coverage.claim(1, 60, 60);
        assert!(!coverage.may_be_whole(100));
    }

    proptest! {
        #[test]
        fn ranges_hold_exactly_what_was_added(added in prop::collection::vec((0_u64..64, 0_u64..64), 0..24)) {
            let mut ranges = Ranges::default();
            let mut bytes = [false; 64];
            for (from, to) in added {
                ranges.add(from, to);
                (from..to).for_each(|n| bytes[usize::try_from(n).unwrap()] = true);
            }
            let holds = |n: u64| ranges.0.iter().any(|(from, to)| (*from..*to).contains(&n));
            for n in 0..64 {
                prop_assert_eq!(holds(n), bytes[usize::try_from(n).unwrap()]);
            }
            prop_assert!(ranges.0.windows(2).all(|two| two[0].1 < two[1].0));
            prop_assert_eq!(ranges.is_whole(64), bytes.iter().all(|sent| *sent));
        }
    }
}
