//! The goals of `docs/BENCH.md` and whether they are met.

use super::contender::Contender;
use super::database::Kind;
use super::measure::Run;
use super::pairs::{Outcome, Pair, Work};

/// G1: of the bare bot's updates a second.
pub(crate) const GOAL_SQLITE: f64 = 0.75;
pub(crate) const GOAL_POSTGRES: f64 = 0.6;
/// Below this nothing is published.
const BLOCK: f64 = 0.4;
/// G1: with ten thousand people known.
const RSS_MIB: f64 = 60.0;
/// G2: over the bare bot's median, and the 99th percentile, both on SQLite.
const OVER_P50_MS: f64 = 1.0;
const P99_MS: f64 = 5.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grade {
    Met,
    /// Reported, but no gate.
    Missed,
    /// Somebody else's: to be known when comparing.
    Noted,
    /// A gate.
    Failed,
}

/// One goal, in words and figures.
pub(crate) struct Verdict {
    pub(crate) grade: Grade,
    pub(crate) text: String,
}

/// The middle one, or the mean of the two; 0 of none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

impl Outcome {
    pub(crate) fn median_of(&self, figure: impl Fn(&Pair) -> f64) -> f64 {
        median(&self.pairs.iter().map(figure).collect::<Vec<_>>())
    }

    pub(crate) fn ratio(&self) -> f64 {
        self.median_of(|p| p.vahta.report.updates_per_second / p.other.report.updates_per_second)
    }

    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let mut verdicts = match (self.work, &self.other) {
            (Work::G1, Contender::Bare) => self.throughput(),
            (Work::G1, peer) => self.beside(peer),
            (Work::G2, _) => self.latency(),
        };
        verdicts.extend(self.answers());
        verdicts
    }

    /// The gates that were missed.
    pub(crate) fn failures(&self) -> Vec<String> {
        let failed = self
            .verdicts()
            .into_iter()
            .filter(|v| v.grade == Grade::Failed);
        failed.map(|verdict| verdict.text).collect()
    }

    fn throughput(&self) -> Vec<Verdict> {
        let goal = if self.kind == Kind::Sqlite {
            GOAL_SQLITE
        } else {
            GOAL_POSTGRES
        };
        let ratio = self.ratio();
        let grade = match ratio {
            ratio if ratio >= goal => Grade::Met,
            ratio if ratio >= BLOCK => Grade::Missed,
            _ => Grade::Failed,
        };
        let kind = self.kind.name();
        let rss = self.median_of(|p| p.vahta.rss_peak_mib);
        vec![
            Verdict {
                grade,
                text: format!(
                    "G1 {kind}: {ratio:.2} of the bare bot's updates/s (goal {goal}, blocks below {BLOCK})"
                ),
            },
            Verdict {
                grade: if rss <= RSS_MIB {
                    Grade::Met
                } else {
                    Grade::Missed
                },
                text: format!("G1 {kind}: {rss:.0} MiB at its peak (goal {RSS_MIB})"),
            },
        ]
    }

    fn beside(&self, peer: &Contender) -> Vec<Verdict> {
        let goal = if peer.name().starts_with("grammY") {
            1.2
        } else {
            6.0
        };
        let ratio = self.ratio();
        let grade = if ratio >= goal {
            Grade::Met
        } else {
            Grade::Missed
        };
        let text = format!(
            "G1 {}: {ratio:.2} of {} (goal {goal})",
            self.kind.name(),
            peer.name()
        );
        vec![Verdict { grade, text }]
    }

    fn latency(&self) -> Vec<Verdict> {
        // On PostgreSQL a reply waits for two commits; SQLite's goal has them in it.
        let commits = if self.kind == Kind::Postgres {
            2.0 * self.commit_ms
        } else {
            0.0
        };
        let plus = match self.kind {
            Kind::Sqlite => String::new(),
            Kind::Postgres => format!(" + two commits of {:.2} ms", self.commit_ms),
        };
        let kind = self.kind.name();
        let over = self.median_of(|p| (p.vahta.report.p50_us - p.other.report.p50_us) / 1e3);
        let p99 = self.median_of(|p| p.vahta.report.p99_us / 1e3);
        let grade = |good| if good { Grade::Met } else { Grade::Failed };
        vec![
            Verdict {
                grade: grade(over <= OVER_P50_MS + commits),
                text: format!(
                    "G2 {kind}: p50 {over:.2} ms over the bare bot's (goal {OVER_P50_MS}{plus})"
                ),
            },
            Verdict {
                grade: grade(p99 <= P99_MS + commits),
                text: format!("G2 {kind}: p99 {p99:.2} ms (goal {P99_MS}{plus})"),
            },
        ]
    }

    /// Each update of each run has exactly one reply, in order, and Vahta has the rows to show.
    fn answers(&self) -> Option<Verdict> {
        let vahta = self.pairs.iter().map(|pair| ("Vahta", &pair.vahta));
        let other = self
            .pairs
            .iter()
            .map(|pair| (self.other.name(), &pair.other));
        let wrong: Vec<String> = vahta
            .chain(other)
            .filter_map(|(who, run)| fault(who, run))
            .collect();
        let (work, kind) = (self.work, self.kind.name());
        // A peer's faults are its own; ours fail the run.
        let ours = wrong.iter().any(|text| text.starts_with("Vahta"));
        (!wrong.is_empty()).then(|| Verdict {
            grade: if ours { Grade::Failed } else { Grade::Noted },
            text: format!("{work:?} {kind}: {}", wrong.join("; ")),
        })
    }
}

fn fault(who: &str, run: &Run) -> Option<String> {
    let report = &run.report;
    if !report.is_clean() {
        return Some(format!(
            "{who}: {} missing, {} reordered, {} repeated, {} strange replies",
            report.missing, report.reordered, report.duplicates, report.strange
        ));
    }
    let rows = run.rows?;
    let count = i64::try_from(report.updates).unwrap_or(i64::MAX);
    let complete = rows.updates_done == count
        && [rows.messages_in, rows.messages_out, rows.calls]
            .iter()
            .all(|n| *n >= count);
    (!complete).then(|| format!("{who}: {count} updates left {rows:?}"))
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn one_wild_run_does_not_move_the_median() {
        assert_eq!(median(&[0.8, 0.7, 9.0]), 0.8);
        assert_eq!(median(&[1.0, 2.0]), 1.5);
    }
}
