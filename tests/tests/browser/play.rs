//! What the checks are told, and running them.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bot_core::accounts::Accounts;
use bot_core::accounts::sessions::{Browser, Login};
use serde_json::{Map, Value, json};
use vahta_rows::UserId;
use vahta_tests::stage::{ADA, GUS, LIM};
use vahta_tests::{Process, Stage};
use xtask::deps::{self, Need};

/// All checks of a suite together; each of them has a shorter patience of its own.
const PATIENCE: Duration = Duration::from_secs(240);

/// A stage with a site on it, as the checks see it.
pub(crate) struct Play<'a> {
    stage: &'a Stage,
    sessions: Map<String, Value>,
    told: Map<String, Value>,
}

/// Where the site of a program is.
pub(crate) async fn site_of(process: &mut Process) -> Result<String> {
    let started = process
        .logs_line(|line| line["message"] == "web site")
        .await?;
    let address = started["address"].as_str().context("an address")?;
    Ok(format!("http://{address}"))
}

pub(crate) fn sandbox(stage: &Stage) -> Result<String> {
    let mut variables = stage.variables().into_iter();
    let url = variables.find(|(name, _)| name == "TELEGRAM_API_URL");
    Ok(url.context("the sandbox has an address")?.1)
}

impl<'a> Play<'a> {
    /// With a session for each of the three whom every sandbox has.
    pub(crate) async fn on(stage: &'a Stage, process: &mut Process) -> Result<Self> {
        let mut told = Map::new();
        told.insert("base".into(), site_of(process).await?.into());
        told.insert("sandbox".into(), sandbox(stage)?.into());
        let mut play = Self {
            stage,
            sessions: Map::new(),
            told,
        };
        for (name, telegram_id) in [("ada", ADA), ("lim", LIM), ("gus", GUS)] {
            play.person(name, telegram_id).await?;
        }
        Ok(play)
    }

    /// A session for one more person.
    pub(crate) async fn person(&mut self, name: &str, telegram_id: i64) -> Result<()> {
        let sql = format!("SELECT id AS number FROM bot_users WHERE telegram_id = {telegram_id}");
        let user = UserId(self.stage.database.number(&sql).await?);
        let token = Accounts::new(self.stage.database.db().clone(), None)
            .open_session(user, Login::Link, &Browser::default())
            .await?;
        self.sessions.insert(name.into(), token.expose().into());
        Ok(())
    }

    pub(crate) fn set(&mut self, name: &str, value: Value) {
        self.told.insert(name.into(), value);
    }

    /// Plays `tests/browser/<suite>.mjs`; what this machine lacks for it is installed first.
    pub(crate) async fn plays(mut self, suite: &str) -> Result<()> {
        self.set("sessions", self.sessions.clone().into());
        plays(suite, self.told).await
    }
}

/// Plays a suite with what it is told.
pub(crate) async fn plays(suite: &str, mut told: Map<String, Value>) -> Result<()> {
    deps::ensure(&[Need::Chromium, Need::Node, Need::Npm])?;
    xtask::browser::install()?;
    let chromium = xtask::browser::chromium().context("no chromium")?;
    told.insert("suite".into(), json!(suite));
    told.insert("chromium".into(), json!(chromium));
    told.insert("screenshots".into(), json!(screenshots(suite)?));
    let ran = async_process::Command::new("node")
        .arg("run.mjs")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("browser"))
        .env("PLAY", Value::from(told).to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ran = tokio::time::timeout(PATIENCE, ran)
        .await
        .context("the browser's checks do not end")??;
    let said = String::from_utf8_lossy(&ran.stdout);
    println!("{said}");
    ensure!(
        ran.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    Ok(())
}

/// `target/screenshots/<suite>`, emptied.
fn screenshots(suite: &str) -> Result<PathBuf> {
    // target/<profile>/deps/<this test>
    let test = std::env::current_exe()?;
    let target = test
        .ancestors()
        .nth(3)
        .context("a test lies in a target folder")?;
    let folder = target.join("screenshots").join(suite);
    if folder.is_dir() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
