//! The report: Markdown for people, JSON for comparisons.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

use super::machine::Machine;
use super::measure::Run;
use super::pairs::{Outcome, Pair, Work};
use super::verdict::Grade;

pub(crate) fn render(outcomes: &[Outcome], servers: &[String], quick: bool) -> String {
    let mut text = String::from("# Benchmark\n\n");
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}; {}.\n", Machine::look(), servers.join("; "));
    text.push_str(
        "Vahta with everything on (durable inbox, access, limits, message and API log, dispatch to \
         a plugin through the border, outbound scheduler) beside bots without any of it; one reply \
         an update, the same load source, a fresh process and database each run, A B B A. \
         Medians; CPU is of the bot and its database, `others` is what the rest of the machine \
         used meanwhile.\n\n",
    );
    if quick {
        text.push_str("**Quick run: one pair and a tenth of the load. No figures to quote.**\n\n");
    }
    throughput(&mut text, outcomes);
    latency(&mut text, outcomes);
    for verdict in outcomes.iter().flat_map(Outcome::verdicts) {
        let grade = match verdict.grade {
            Grade::Met => "met",
            Grade::Missed => "MISSED",
            Grade::Noted => "note",
            Grade::Failed => "FAILED",
        };
        let _ = writeln!(text, "- {grade}: {}", verdict.text);
    }
    text
}

/// One side's run of a pair.
type Side = fn(&Pair) -> &Run;

/// Both sides of an outcome.
fn sides(outcome: &Outcome) -> [(&str, Side); 2] {
    [
        ("Vahta", |p| &p.vahta),
        (outcome.other.name(), |p| &p.other),
    ]
}

fn throughput(text: &mut String, outcomes: &[Outcome]) {
    let ours: Vec<_> = outcomes.iter().filter(|o| o.work == Work::G1).collect();
    let Some(first) = ours.first() else { return };
    let updates = first.pairs.first().map_or(0, |p| p.vahta.report.updates);
    let _ = writeln!(
        text,
        "## G1: {updates} updates at once, {} pair(s), load {} before\n\n\
         | Database | Bot | updates/s | ratio | CPU µs an update | source's | RSS peak MiB | others' cores |\n\
         |---|---|--:|--:|--:|--:|--:|--:|",
        first.pairs.len(),
        first.load,
    );
    for outcome in ours {
        for (name, side) in sides(outcome) {
            let each = |figure: fn(&Run) -> f64| outcome.median_of(|p| figure(side(p)));
            let ratio = if name == "Vahta" {
                format!("{:.2}", outcome.ratio())
            } else {
                "1".into()
            };
            let _ = writeln!(
                text,
                "| {} | {name} | {:.0} | {ratio} | {:.0} | {:.0} | {:.1} | {:.2} |",
                outcome.kind.name(),
                each(|r| r.report.updates_per_second),
                each(|r| (r.cpu_seconds + r.database_cpu_seconds) * 1e6 / r.report.updates as f64),
                each(|r| r.source_cpu_seconds * 1e6 / r.report.updates as f64),
                each(|r| r.rss_peak_mib),
                each(others),
            );
        }
    }
    text.push('\n');
}

fn latency(text: &mut String, outcomes: &[Outcome]) {
    let ours: Vec<_> = outcomes.iter().filter(|o| o.work == Work::G2).collect();
    let Some(first) = ours.first() else { return };
    let _ = writeln!(
        text,
        "## G2: one update at a time, {} pair(s), load {} before\n\n\
         | Database | Bot | p50 ms | p99 ms | slowest ms | CPU µs an update | a commit ms | others' cores |\n\
         |---|---|--:|--:|--:|--:|--:|--:|",
        first.pairs.len(),
        first.load,
    );
    for outcome in ours {
        for (name, side) in sides(outcome) {
            let each = |figure: fn(&Run) -> f64| outcome.median_of(|p| figure(side(p)));
            let _ = writeln!(
                text,
                "| {} | {name} | {:.2} | {:.2} | {:.1} | {:.0} | {:.2} | {:.2} |",
                outcome.kind.name(),
                each(|r| r.report.p50_us / 1e3),
                each(|r| r.report.p99_us / 1e3),
                each(|r| r.report.max_us / 1e3),
                each(|r| (r.cpu_seconds + r.database_cpu_seconds) * 1e6 / r.report.updates as f64),
                outcome.commit_ms,
                each(others),
            );
        }
    }
    text.push('\n');
}

/// How many cores' worth the rest of the machine used.
fn others(run: &Run) -> f64 {
    run.others_cpu_seconds / (run.report.seconds + 1.0)
}

/// Everything measured, each run of it.
pub(crate) fn save(outcomes: &[Outcome], servers: &[String], target: &Path) -> Result<PathBuf> {
    let path = target.join("bench/report.json");
    let report = json!({ "machine": Machine::look(), "databases": servers, "outcomes": outcomes });
    std::fs::write(&path, serde_json::to_vec_pretty(&report)?)?;
    Ok(path)
}
