//! G6: one event to many browsers, over server-sent events, beside nginx with nchan.
//!
//! Both servers carry the same bytes to the same client. Vahta's events are real ones: an
//! administrator changes a setting on the site, which is one commit, one audit row and one event.

mod listener;
mod nchan;
mod site;
mod vahta;

use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::task::spawn_local;

use crate::runner::{Binaries, Folder, Kind, Machine, Server, median};
use listener::{Tally, listen, open};
use site::Site;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Streams at once.
    #[arg(long, default_value_t = 1_000)]
    streams: usize,
    /// Events of the paced part, 20 a second.
    #[arg(long, default_value_t = 400)]
    events: usize,
    #[arg(long, default_value_t = 5)]
    pairs: usize,
    /// Vahta's database.
    #[arg(long, default_value = "sqlite")]
    database: Kind,
    /// A PostgreSQL server on this machine for which we may create databases.
    #[arg(long, env = "VAHTA_TEST_POSTGRES_URL", hide_env_values = true)]
    postgres: Option<String>,
}

/// As nchan was measured.
const A_SECOND: u32 = 20;
/// Events of the blast; less than what either server keeps for one slow stream.
const BLAST: usize = 200;
/// Without a new event for so long, the rest is lost.
const SILENCE: Duration = Duration::from_secs(10);
/// The goals.
const P99_MS: f64 = 24.0;
const KIB: f64 = 32.0;

/// One server, once.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    p50_ms: f64,
    p99_ms: f64,
    /// Events of the blast that arrived, a second, over all streams.
    blast: f64,
    kib: f64,
    lost: usize,
    resumed: usize,
    /// CPU of the server for one event to one stream, in the paced part.
    cpu_us: f64,
}

pub(crate) async fn run(options: &Options) -> Result<()> {
    let binaries = Binaries::find()?;
    let folder = Folder::new(&binaries.target)?;
    let Some(server) = Server::find(options.database, options.postgres.clone()).await? else {
        anyhow::bail!("PostgreSQL is not measured: VAHTA_TEST_POSTGRES_URL is not set");
    };
    let peer = nchan::find().await;
    if let Err(error) = &peer {
        eprintln!("nchan is not measured: {error:#}");
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for pair in 0..options.pairs.max(1) {
        let mut order = vec![true];
        if peer.is_ok() {
            order.push(false);
        }
        if pair % 2 == 1 {
            order.reverse();
        }
        for vahta in order {
            let folder = folder.0.join(format!("sse-{pair}-{vahta}"));
            std::fs::create_dir_all(&folder)?;
            let mut site = if vahta {
                Site::Vahta(vahta::start(&binaries, &server, &folder).await?)
            } else {
                Site::Nchan(nchan::start(&folder).await?)
            };
            let run = measure(&mut site, options).await?;
            site.end().await?;
            eprintln!("pair {} {:<6} {run:?}", pair + 1, site_name(vahta));
            if vahta { &mut ours } else { &mut theirs }.push(run);
        }
    }
    report(options, &server, peer.ok().as_deref(), &ours, &theirs).await
}

fn site_name(vahta: bool) -> &'static str {
    if vahta { "Vahta" } else { "nchan" }
}

async fn measure(site: &mut Site, options: &Options) -> Result<Run> {
    let before = site.resident_kib()?;
    let mut streams = Vec::with_capacity(options.streams);
    for number in 0..options.streams {
        streams.push(open(site.address(), &site.stream(number)?, None).await?);
    }
    // Streams are quiet: what they hold now is what one costs.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let kib = (site.resident_kib()? - before) / options.streams as f64;

    let tally = Rc::new(RefCell::new(Tally::default()));
    for (number, stream) in streams.into_iter().enumerate() {
        // Every tenth is cut twice a minute's worth of events and comes back with the last id.
        let cut = (number % 10 == 0).then_some(options.events / 3);
        let again = (site.address(), site.stream(number)?);
        spawn_local(listen(stream, again, cut, tally.clone()));
    }
    let cpu = site.cpu_seconds()?;
    let mut beat = tokio::time::interval(Duration::from_secs(1) / A_SECOND);
    for number in 0..options.events {
        beat.tick().await;
        site.publish(number).await?;
    }
    heard(&tally, options.events * options.streams).await;
    let cpu_us = (site.cpu_seconds()? - cpu) * 1e6 / (options.events * options.streams) as f64;
    let (p50_ms, p99_ms) = tally.borrow_mut().percentiles_ms();

    let begun = Instant::now();
    site.blast(options.events, BLAST).await?;
    let all = (options.events + BLAST) * options.streams;
    let last = heard(&tally, all).await;
    let blast = (BLAST * options.streams) as f64 / last.duration_since(begun).as_secs_f64();
    let tally = tally.borrow();
    Ok(Run {
        p50_ms,
        p99_ms,
        blast,
        kib,
        lost: all.saturating_sub(tally.heard) + tally.wrong,
        resumed: tally.resumed,
        cpu_us,
    })
}

/// When the last of so many was heard, or nothing came any more.
async fn heard(tally: &Rc<RefCell<Tally>>, all: usize) -> Instant {
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let tally = tally.borrow();
        let last = tally.last.unwrap_or_else(Instant::now);
        if tally.heard >= all || last.elapsed() > SILENCE {
            return last;
        }
    }
}

async fn report(
    options: &Options,
    server: &Server,
    peer: Option<&str>,
    ours: &[Run],
    theirs: &[Run],
) -> Result<()> {
    let of = |runs: &[Run], figure: fn(&Run) -> f64| {
        median(&runs.iter().map(figure).collect::<Vec<_>>())
    };
    let mut text = format!(
        "# Server-sent events\n\n{}; {}.\n\n{} streams, {} events at {A_SECOND}/s, then {BLAST} at \
         once; {} pair(s), medians.\n\n\
         | Server | p50 ms | p99 ms | blast, events/s | KiB a stream | CPU µs an event | lost | resumed |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
        Machine::look(),
        server.describe().await?,
        options.streams,
        options.events,
        ours.len(),
    );
    for (name, runs) in [("Vahta", ours), (peer.unwrap_or_default(), theirs)] {
        if runs.is_empty() {
            continue;
        }
        let sum = |figure: fn(&Run) -> usize| runs.iter().map(figure).sum::<usize>();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {name} | {:.1} | {:.1} | {:.0} | {:.1} | {:.1} | {} | {} |",
            of(runs, |r| r.p50_ms),
            of(runs, |r| r.p99_ms),
            of(runs, |r| r.blast),
            of(runs, |r| r.kib),
            of(runs, |r| r.cpu_us),
            sum(|r| r.lost),
            sum(|r| r.resumed),
        );
    }
    println!("{text}");
    let (p99, kib) = (of(ours, |r| r.p99_ms), of(ours, |r| r.kib));
    println!(
        "- {}: p99 {p99:.1} ms (goal {P99_MS})",
        grade(p99 <= P99_MS)
    );
    println!(
        "- {}: {kib:.1} KiB a stream (goal {KIB})",
        grade(kib <= KIB)
    );
    let lost: usize = ours.iter().map(|run| run.lost).sum();
    ensure!(lost == 0, "{lost} events were lost");
    Ok(())
}

fn grade(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}
