//! Starting a bot for one run.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use async_process::Command;
use serde::Serialize;

use super::build::Binaries;
use super::database::{Database, Server};
use super::process::{Child, own};
use crate::http;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) enum Contender {
    /// Everything on.
    Vahta,
    /// teloxide's dispatcher and nothing else.
    Bare,
    /// Another library's bot: its name with versions, and the command that starts it; the source's
    /// address is appended.
    Peer { name: String, command: Vec<PathBuf> },
}

impl Contender {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Vahta => "Vahta",
            Self::Bare => "bare teloxide",
            Self::Peer { name, .. } => name,
        }
    }
}

/// A bot that polls the source.
pub(crate) struct Bot {
    pub(crate) process: Child,
    pub(crate) database: Option<Database>,
    log: PathBuf,
}

/// How long a bot may take until its first poll waits.
const START: Duration = Duration::from_secs(60);

impl Bot {
    /// Returns when the bot waits for updates. `folder` is empty and of this run only.
    pub(crate) async fn start(
        contender: &Contender,
        binaries: &Binaries,
        server: &Server,
        source: SocketAddr,
        folder: &Path,
    ) -> Result<Self> {
        let log = folder.join("output");
        let api = format!("http://{source}");
        let mut database = None;
        let mut web = None;
        let mut command = match contender {
            Contender::Bare => Command::new(&binaries.bare),
            Contender::Peer { command, .. } => {
                let (program, rest) = command.split_first().context("a command")?;
                let mut command = Command::new(program);
                command.args(rest);
                command
            }
            Contender::Vahta => {
                let copy = server.create(folder, &database_name(folder)).await?;
                let address = free_address()?;
                let command = vahta(binaries, &binaries.echo, folder, &copy, &api, address)?;
                (database, web) = (Some(copy), Some(address));
                command
            }
        };
        command.arg(if web.is_some() { "run" } else { &api });
        let output = File::options().create(true).append(true).open(&log)?;
        command
            .current_dir(folder)
            .stdout(output.try_clone()?)
            .stderr(output);
        let mut bot = Self {
            process: Child::spawn(&mut command)?,
            database,
            log,
        };
        bot.wait(source, web)
            .await
            .with_context(|| bot.last_words())?;
        Ok(bot)
    }

    /// Vahta on a database of the caller's, with administrators; and where its site is.
    pub(crate) async fn vahta(
        binaries: &Binaries,
        database: &Database,
        source: SocketAddr,
        folder: &Path,
        admins: &str,
    ) -> Result<(Self, SocketAddr)> {
        let (log, web) = (folder.join("output"), free_address()?);
        let api = format!("http://{source}");
        let mut command = vahta(binaries, &binaries.echo, folder, database, &api, web)?;
        let output = File::create(&log)?;
        command
            .arg("run")
            .env("VAHTA_ADMINS", admins)
            .stdout(output.try_clone()?)
            .stderr(output);
        let mut bot = Self {
            process: Child::spawn(&mut command)?,
            database: None,
            log,
        };
        bot.wait(source, Some(web))
            .await
            .with_context(|| bot.last_words())?;
        Ok((bot, web))
    }

    async fn wait(&mut self, source: SocketAddr, web: Option<SocketAddr>) -> Result<()> {
        const TICK: Duration = Duration::from_millis(50);
        for _ in 0..START.as_millis() / TICK.as_millis() {
            tokio::time::sleep(TICK).await;
            self.process.is_alive()?;
            let polls: usize = serde_json::from_slice(&http::get(source, "/bench/waiting").await?)?;
            let ready = match web {
                Some(web) => http::get(web, "/readyz").await.is_ok(),
                None => true,
            };
            if ready && polls > 0 {
                return Ok(());
            }
        }
        anyhow::bail!("not ready after {START:?}")
    }

    /// The end of what it printed.
    pub(crate) fn last_words(&self) -> String {
        format!("the bot said: {}", tail(&self.log))
    }
}

/// `DATABASE_URL` names it, so the folder's name, which is unique, will do.
pub(crate) fn database_name(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    format!("bench_{}_{}", std::process::id(), name.replace('-', "_"))
}

/// Makes what each run's database is a copy of: the tables, `people` with a grant each, and all
/// that Vahta does once for them, such as their command menus.
pub(crate) async fn prepare(
    binaries: &Binaries,
    server: &mut Server,
    people: usize,
    folder: &Path,
) -> Result<()> {
    const TICK: Duration = Duration::from_secs(3);
    std::fs::create_dir_all(folder)?;
    let mut source = Child::spawn(own()?.args(["source"]).stdout(Stdio::piped()))?;
    let address: SocketAddr = source.first_line().await?.parse()?;
    let database = server.create(folder, &database_name(folder)).await?;
    let api = format!("http://{address}");
    let web = free_address()?;
    let mut migrate = vahta(binaries, &binaries.echo, folder, &database, &api, web)?;
    let log = folder.join("output");
    let output = File::create(&log)?;
    let status = migrate
        .arg("migrate")
        .stdout(output.try_clone()?)
        .stderr(output)
        .status()
        .await?;
    ensure!(status.success(), "vahta migrate failed: {}", tail(&log));
    database.seed(people).await?;
    server.copy_from(database);

    // A server whose template is in use cannot copy it, so this is the last time it is.
    let database = server.template().context("just set")?;
    let (bot, _) = Bot::vahta(binaries, database, address, folder, "").await?;
    let mut calls = 0;
    for _ in 0..100 {
        tokio::time::sleep(TICK).await;
        let now: usize = serde_json::from_slice(&http::get(address, "/bench/others").await?)?;
        if now == calls {
            let stopped = bot.process.end(STOP).await?;
            ensure!(stopped, "it did not stop");
            return database.settle();
        }
        calls = now;
    }
    anyhow::bail!("still at work after {:?}", TICK * 100)
}

/// How long a bot may take to end when asked.
pub(crate) const STOP: Duration = Duration::from_secs(15);

/// Vahta with everything on and one plugin; nothing of the caller's own settings reaches it.
pub(crate) fn vahta(
    binaries: &Binaries,
    plugin: &Path,
    folder: &Path,
    database: &Database,
    api: &str,
    web: SocketAddr,
) -> Result<Command> {
    let plugins = folder.join("plugins");
    std::fs::create_dir_all(&plugins)?;
    let file = plugin.file_name().context("a file")?;
    std::fs::copy(plugin, plugins.join(file)).with_context(|| plugin.display().to_string())?;
    let mut command = Command::new(&binaries.vahta);
    command
        .current_dir(folder)
        .env_clear()
        .env("TELEGRAM_BOT_TOKEN", "1:bench")
        .env("TELEGRAM_API_URL", api)
        .env("DATABASE_URL", &database.url)
        .env("VAHTA_PLUGIN_DIR", plugins)
        .env("VAHTA_PLUGIN_RUN_DIR", folder.join("run"))
        .env("VAHTA_LOG_DIR", folder.join("logs"))
        .env("VAHTA_AUDIT_KEY_FILE", folder.join("audit.key"))
        .env("VAHTA_WEB_ADDR", web.to_string())
        .env("VAHTA_TRUSTED_PROXIES", "127.0.0.1")
        .env("VAHTA_ENV", "dev")
        .env("VAHTA_OUTBOUND", "unlimited")
        .env("VAHTA_LOG", "warn")
        .env("VAHTA_ADMINS", "");
    Ok(command)
}

pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn tail(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.trim().lines().rev().take(10).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
