//! One run: a fresh source, a fresh bot, a fresh database.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;

use super::build::Binaries;
use super::contender::{Bot, Contender, STOP, database_name};
use super::database::{Rows, Server};
use super::process::{self, Child};
use crate::http;
use crate::source::{Report, Shape};

/// What all runs of a comparison share.
pub(crate) struct Setting<'a> {
    pub(crate) binaries: &'a Binaries,
    pub(crate) server: &'a Server,
    pub(crate) folder: &'a Path,
}

/// One contender, once.
#[derive(Debug, Default, Clone, Serialize)]
pub(crate) struct Run {
    pub(crate) report: Report,
    /// CPU from the start of the load until a second after the last reply; the database's own
    /// processes are extra.
    pub(crate) cpu_seconds: f64,
    pub(crate) database_cpu_seconds: f64,
    pub(crate) source_cpu_seconds: f64,
    /// What others used of the machine meanwhile: the noise in this run.
    pub(crate) others_cpu_seconds: f64,
    pub(crate) rss_peak_mib: f64,
    /// What Vahta stored.
    pub(crate) rows: Option<Rows>,
    /// Did it end within the grace when asked?
    pub(crate) stopped: bool,
}

/// Without a new reply for so long, the rest is missing.
const SILENCE: Duration = Duration::from_secs(20);
/// After the last reply: repeats arrive, logs are written.
const SETTLE: Duration = Duration::from_secs(1);

struct Cpu {
    bot: f64,
    database: f64,
    source: f64,
    machine: f64,
}

impl Setting<'_> {
    /// `name` is unique and becomes part of paths.
    pub(crate) async fn run(&self, contender: &Contender, shape: Shape, name: &str) -> Result<Run> {
        let folder = self.folder.join(name);
        std::fs::create_dir_all(&folder)?;
        let run = self.in_folder(contender, shape, &folder).await;
        let run = run.with_context(|| format!("{} ({name})", contender.name()));
        if *contender == Contender::Vahta {
            self.server.drop(&database_name(&folder)).await?;
        }
        std::fs::remove_dir_all(&folder)?;
        run
    }

    async fn in_folder(&self, contender: &Contender, shape: Shape, folder: &Path) -> Result<Run> {
        let mut source = Child::spawn(process::own()?.args(["source"]).stdout(Stdio::piped()))?;
        let address: SocketAddr = source.first_line().await?.parse()?;
        let mut bot = Bot::start(contender, self.binaries, self.server, address, folder).await?;

        let before = self.cpu(&bot, &source)?;
        let Shape {
            mode,
            updates,
            chats,
            warm_up,
        } = shape;
        let mode = mode.name();
        http::get(
            address,
            &format!("/bench/start?mode={mode}&updates={updates}&chats={chats}&warm_up={warm_up}"),
        )
        .await?;
        let report = watch(&mut bot, address)
            .await
            .with_context(|| bot.last_words())?;
        let after = self.cpu(&bot, &source)?;
        let rss_peak_mib = bot.process.usage()?.rss_peak_mib;

        let stopped = bot.process.end(STOP).await?;
        let rows = match &bot.database {
            Some(database) => Some(database.rows().await?),
            None => None,
        };
        let cpu_seconds = after.bot - before.bot;
        // A server that nobody of this run uses may have work left over.
        let database_cpu_seconds = if rows.is_some() {
            after.database - before.database
        } else {
            0.0
        };
        let source_cpu_seconds = after.source - before.source;
        let ours = cpu_seconds + database_cpu_seconds + source_cpu_seconds;
        Ok(Run {
            report,
            cpu_seconds,
            database_cpu_seconds,
            source_cpu_seconds,
            others_cpu_seconds: (after.machine - before.machine - ours).max(0.0),
            rss_peak_mib,
            rows,
            stopped,
        })
    }

    fn cpu(&self, bot: &Bot, source: &Child) -> Result<Cpu> {
        Ok(Cpu {
            bot: bot.process.usage()?.cpu_seconds,
            database: self.server.cpu_seconds()?,
            source: source.usage()?.cpu_seconds,
            machine: process::machine_cpu_seconds()?,
        })
    }
}

/// Until each update has its reply, or nothing comes any more.
async fn watch(bot: &mut Bot, source: SocketAddr) -> Result<Report> {
    const TICK: Duration = Duration::from_millis(200);
    let mut replies = 0;
    let mut silent = Duration::ZERO;
    loop {
        tokio::time::sleep(TICK).await;
        bot.process.is_alive()?;
        let report = report(source).await?;
        silent = if report.replies > replies {
            Duration::ZERO
        } else {
            silent + TICK
        };
        replies = report.replies;
        if report.missing == 0 || silent >= SILENCE {
            break;
        }
    }
    tokio::time::sleep(SETTLE).await;
    let report = report(source).await?;
    ensure!(report.replies > 0, "not one reply");
    Ok(report)
}

async fn report(source: SocketAddr) -> Result<Report> {
    Ok(serde_json::from_slice(
        &http::get(source, "/bench/report").await?,
    )?)
}
