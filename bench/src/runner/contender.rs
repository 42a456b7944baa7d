//! Starting a bot for one run.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;
use tokio::process::Command;

use super::build::Binaries;
use super::database::{Database, Server};
use super::process::Child;
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
        people: usize,
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
                let fresh = server.create(folder, &database_name(folder)).await?;
                let address = free_address()?;
                let settings = settings(folder, &fresh.url, &api, address);
                let mut migrate = Command::new(&binaries.vahta);
                migrate
                    .current_dir(folder)
                    .env_clear()
                    .envs(settings.clone())
                    .arg("migrate");
                let output = File::create(&log)?;
                let status = migrate
                    .stdout(output.try_clone()?)
                    .stderr(output)
                    .status()
                    .await?;
                ensure!(status.success(), "vahta migrate failed: {}", tail(&log));
                fresh.seed(people).await?;
                let plugins = folder.join(PLUGINS);
                std::fs::create_dir(&plugins)?;
                let file = binaries.echo.file_name().context("a file")?;
                std::fs::copy(&binaries.echo, plugins.join(file)).context("the echo plugin")?;
                (database, web) = (Some(fresh), Some(address));
                let mut command = Command::new(&binaries.vahta);
                // Nothing of the caller's own settings reaches it.
                command.env_clear().envs(settings).arg("run");
                command
            }
        };
        if *contender != Contender::Vahta {
            command.arg(&api);
        }
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

/// Libraries, in the folder of the run.
const PLUGINS: &str = "plugins";

/// Everything on.
fn settings(
    folder: &Path,
    database: &str,
    api: &str,
    web: SocketAddr,
) -> Vec<(&'static str, String)> {
    let below = |name| folder.join(name).display().to_string();
    vec![
        ("TELEGRAM_BOT_TOKEN", "1:bench".into()),
        ("TELEGRAM_API_URL", api.into()),
        ("DATABASE_URL", database.into()),
        ("VAHTA_PLUGIN_DIR", below(PLUGINS)),
        ("VAHTA_PLUGIN_RUN_DIR", below("run")),
        ("VAHTA_LOG_DIR", below("logs")),
        ("VAHTA_WEB_ADDR", web.to_string()),
        ("VAHTA_ENV", "dev".into()),
        ("VAHTA_OUTBOUND", "unlimited".into()),
        ("VAHTA_LOG", "warn".into()),
        ("VAHTA_ADMINS", String::new()),
    ]
}

fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn tail(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.trim().lines().rev().take(10).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
