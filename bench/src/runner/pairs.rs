//! A B B A …: Vahta and one other, alternating, so that slow changes of the machine hit both.

use anyhow::Result;
use serde::Serialize;

use super::Options;
use super::contender::Contender;
use super::database::Kind;
use super::measure::{Run, Setting};
use super::verdict::median;
use crate::source::{Mode, Shape};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Work {
    /// Throughput: everything at once.
    G1,
    /// Latency: one update at a time.
    G2,
}

/// People who may use the echo.
pub(crate) fn people(quick: bool) -> usize {
    if quick { 1_000 } else { 10_000 }
}

impl Work {
    fn shape(self, quick: bool) -> Shape {
        match self {
            Self::G1 => Shape {
                mode: Mode::Blast,
                updates: if quick { 10_000 } else { 100_000 },
                chats: people(quick),
                warm_up: 0,
            },
            // Few enough updates a chat for the inbound limit, so many chats that each is warm.
            Self::G2 => Shape {
                mode: Mode::PingPong,
                updates: if quick { 500 } else { 3_200 },
                chats: 200,
                warm_up: 200,
            },
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Pair {
    pub(crate) vahta: Run,
    pub(crate) other: Run,
}

/// All pairs of one work on one database against one other.
#[derive(Serialize)]
pub(crate) struct Outcome {
    pub(crate) work: Work,
    pub(crate) kind: Kind,
    pub(crate) other: Contender,
    pub(crate) pairs: Vec<Pair>,
    /// One commit on this disk: the median of some before each pair.
    pub(crate) commit_ms: f64,
    /// Load average before the first pair.
    pub(crate) load: String,
}

pub(crate) async fn run(
    setting: &Setting<'_>,
    other: Contender,
    work: Work,
    options: &Options,
) -> Result<Outcome> {
    let kind = setting.server.kind;
    let shape = work.shape(options.quick);
    let load = std::fs::read_to_string("/proc/loadavg")?;
    let mut pairs = Vec::new();
    let mut commits = Vec::new();
    let count = if options.quick {
        1
    } else {
        options.pairs.max(1)
    };
    for pair in 0..count {
        commits.extend(setting.server.commits_ms(setting.folder).await?);
        let mut runs = [Contender::Vahta, other.clone()].map(|who| (who, Run::default()));
        if pair % 2 == 1 {
            runs.reverse();
        }
        for (who, run) in &mut runs {
            let side = if *who == Contender::Vahta { "a" } else { "b" };
            let name =
                format!("{work:?}-{kind:?}-{}-{pair}-{side}", pairs_of(&other)).to_lowercase();
            *run = setting.run(who, shape, &name).await?;
            say(work, kind, pair, who, run);
        }
        if pair % 2 == 1 {
            runs.reverse();
        }
        let [(_, vahta), (_, other)] = runs;
        pairs.push(Pair { vahta, other });
    }
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    let commit_ms = median(&commits);
    Ok(Outcome {
        work,
        kind,
        other,
        pairs,
        commit_ms,
        load,
    })
}

/// A short name for paths.
fn pairs_of(other: &Contender) -> &str {
    other.name().split(' ').next().unwrap_or_default()
}

fn say(work: Work, kind: Kind, pair: usize, who: &Contender, run: &Run) {
    let report = &run.report;
    let figures = match work {
        Work::G1 => format!("{:.0} updates/s", report.updates_per_second),
        Work::G2 => format!(
            "p50 {:.2} ms, p99 {:.2} ms",
            report.p50_us / 1e3,
            report.p99_us / 1e3
        ),
    };
    let others = run.others_cpu_seconds;
    let kind = kind.name();
    eprintln!(
        "{work:?} {kind} pair {} {:<13} {figures}, CPU {:.1} s, others {others:.1} s{}",
        pair + 1,
        who.name(),
        run.cpu_seconds + run.database_cpu_seconds,
        if report.is_clean() { "" } else { " NOT CLEAN" },
    );
}
