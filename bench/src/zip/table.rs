//! Figures and goals of one work.

use std::fmt;

use super::Work;
use super::corpus::Corpus;
use super::packer::{Packer, Run};
use crate::runner::median;

/// Times as fast, at least.
const BESIDE_ZIP_1: f64 = 3.0;
const BESIDE_ZIP_6: f64 = 8.0;
const BESIDE_PIGZ: f64 = 1.5;
/// Times the size of those that deflate as fast, at most.
const SIZE: f64 = 1.02;
const RSS_MIB: f64 = 32.0;

pub(super) struct Outcome {
    work: Work,
    files: usize,
    bytes: u64,
    /// Ours is the first.
    packers: Vec<Packer>,
    /// One of each packer.
    rounds: Vec<Vec<Run>>,
}

struct Goal {
    met: bool,
    text: String,
}

impl Outcome {
    pub(super) fn new(work: Work, corpus: &Corpus, packers: &[Packer]) -> Self {
        Self {
            work,
            files: corpus.files.len(),
            bytes: corpus.bytes,
            packers: packers.to_vec(),
            rounds: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, runs: Vec<Run>) {
        self.rounds.push(runs);
    }

    pub(super) fn missed(&self) -> usize {
        self.goals().iter().filter(|goal| !goal.met).count()
    }

    fn median(&self, figure: impl Fn(&[Run]) -> f64) -> f64 {
        median(
            &self
                .rounds
                .iter()
                .map(|runs| figure(runs))
                .collect::<Vec<_>>(),
        )
    }

    /// How many times as fast ours is; the median of the rounds' ratios.
    fn times(&self, place: usize) -> f64 {
        self.median(|runs| runs[place].seconds / runs[0].seconds)
    }

    fn goals(&self) -> Vec<Goal> {
        let mut goals = Vec::new();
        for (place, packer) in self.packers.iter().enumerate() {
            let (least, checks_size) = match packer {
                Packer::Ours => continue,
                // Opening thousands of files costs everybody the same, whatever the level: to be
                // known, no goal.
                Packer::Zip(6) if self.work == Work::Files => continue,
                Packer::Zip(6) => (BESIDE_ZIP_6, false),
                Packer::Zip(_) => (BESIDE_ZIP_1, true),
                Packer::Pigz => (BESIDE_PIGZ, true),
            };
            let times = self.times(place);
            goals.push(Goal {
                met: times >= least,
                text: format!("{times:.2} times as fast as {packer} (goal {least})"),
            });
            if checks_size {
                let size = self.median(|runs| runs[0].size as f64 / runs[place].size as f64);
                goals.push(Goal {
                    met: size <= SIZE,
                    text: format!("{size:.3} of {packer}'s size (goal {SIZE})"),
                });
            }
        }
        let grown = self.median(|runs| runs[0].grown_mib);
        goals.push(Goal {
            met: grown <= RSS_MIB,
            text: format!("{grown:.1} MiB above idle at its peak (goal {RSS_MIB})"),
        });
        goals
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (work, files, bytes) = (self.work, self.files, self.bytes);
        let rounds = self.rounds.len();
        writeln!(
            f,
            "## {work:?}: {files} file(s), {bytes} bytes, {rounds} round(s)\n"
        )?;
        writeln!(f, "| Packer | MB/s | share of the size |\n|---|--:|--:|")?;
        for (place, packer) in self.packers.iter().enumerate() {
            let speed = self.median(|runs| bytes as f64 / 1e6 / runs[place].seconds);
            let share = self.median(|runs| runs[place].size as f64 / bytes as f64);
            writeln!(f, "| {packer} | {speed:.0} | {share:.4} |")?;
        }
        writeln!(f)?;
        for goal in self.goals() {
            let met = if goal.met { "met" } else { "MISSED" };
            writeln!(f, "- {met}: {}", goal.text)?;
        }
        Ok(())
    }
}
