//! What a bot needs around it: a sandbox, a database, plugins, settings.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use telegram_sandbox::{Options, Sandbox};
use tempfile::TempDir;
use vahta_rows::{Micros, migrate};

use crate::sandbox::{Call, Control};
use crate::{Database, Ground, Person, artifacts};

/// The people and the group that every sandbox begins with.
pub const ADA: i64 = 1001;
pub const LIM: i64 = 1002;
pub const GUS: i64 = 1003;
pub const OPS: i64 = -1001;

pub struct Stage {
    pub control: Control,
    pub database: Database,
    pub(crate) sandbox: Sandbox,
    folder: TempDir,
    variables: BTreeMap<String, String>,
    /// The change counter at somebody's last act, by chat.
    marks: Mutex<HashMap<i64, u64>>,
    /// Processes started so far.
    processes: AtomicU32,
}

impl Stage {
    /// Ada is the admin, the plugin `task` is in its folder, nothing is limited.
    pub async fn on(ground: Ground) -> Result<Self> {
        Self::with_token(ground, "1:sandbox").await
    }

    pub async fn with_token(ground: Ground, token: &str) -> Result<Self> {
        let mut folder = tempfile::Builder::new().prefix("vahta-").tempdir()?;
        if xtask::environment::var("VAHTA_TEST_KEEP").is_some() {
            // For whoever looks for the reason of a failure.
            folder.disable_cleanup(true);
            println!("kept: {}", folder.path().display());
        }
        let options = Options {
            token: token.to_owned(),
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).await?;
        let database = Database::fresh(ground, folder.path()).await?;
        std::fs::create_dir(folder.path().join("plugins"))?;
        let control = Control::new(&sandbox.url())?;
        let at = |name: &str| folder.path().join(name).display().to_string();
        let variables = [
            ("TELEGRAM_BOT_TOKEN", token.to_owned()),
            ("TELEGRAM_API_URL", sandbox.url()),
            ("DATABASE_URL", database.url.clone()),
            ("VAHTA_OUTBOUND", "unlimited".to_owned()),
            ("VAHTA_ADMINS", ADA.to_string()),
            ("VAHTA_ENV", "dev".to_owned()),
            ("VAHTA_WEB_ADDR", "127.0.0.1:0".to_owned()),
            ("VAHTA_PLUGIN_DIR", at("plugins")),
            ("VAHTA_PLUGIN_RUN_DIR", at("run")),
            ("BLOB_URL", at("blobs")),
            ("VAHTA_LOG_DIR", at("logs")),
            ("VAHTA_LOG_JSON", "true".to_owned()),
            ("VAHTA_AUDIT_KEY_FILE", at("audit.key")),
        ];
        let variables = variables
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        let (marks, processes) = (Mutex::default(), AtomicU32::new(0));
        Self {
            control,
            database,
            sandbox,
            folder,
            variables,
            marks,
            processes,
        }
        .with_plugins(&["task"])
    }

    /// Sets a variable of the configuration.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.variables.insert(name.to_owned(), value.to_string());
        self
    }

    /// Nobody writes too much.
    #[must_use]
    pub fn without_inbound_limits(self) -> Self {
        self.with("VAHTA_LIMIT_BURST", 1_000_000)
            .with("VAHTA_LIMIT_PER_SECOND", 1_000_000)
    }

    /// Puts libraries into the plugin folder: those of `plugins/`, or fixtures.
    ///
    /// # Errors
    /// If one is not there and cannot be built.
    pub fn with_plugins(self, names: &[&str]) -> Result<Self> {
        for name in names {
            artifacts::place(&artifacts::library(name)?, &self.plugin_folder())?;
        }
        Ok(self)
    }

    /// An empty plugin folder.
    ///
    /// # Errors
    /// If it cannot be emptied.
    pub fn without_plugins(self) -> Result<Self> {
        for file in std::fs::read_dir(self.plugin_folder())? {
            std::fs::remove_file(file?.path())?;
        }
        Ok(self)
    }

    pub fn plugin_folder(&self) -> PathBuf {
        self.folder().join("plugins")
    }

    /// What operators create is open at once: for stories that tell of something else than approval.
    /// The setting stands in the database before the bot starts.
    ///
    /// # Errors
    /// The database's.
    pub async fn with_tasks_open_at_once(self) -> Result<Self> {
        migrate::run(self.database.db(), bot_core::storage::migrations()).await?;
        let row = "INSERT INTO plugins \
             (name, enabled, generation, settings, updated_at, settings_version) \
             VALUES ('task', TRUE, 0, '{\"approval\": \"nobody\"}', 0, 1)";
        self.database.change(row).await?;
        Ok(self)
    }

    /// A folder of this story alone; it goes away with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The configuration as the environment would give it.
    pub fn variables(&self) -> Vec<(String, String)> {
        self.variables.clone().into_iter().collect()
    }

    /// The administrator.
    pub fn ada(&self) -> Person<'_> {
        self.person(ADA)
    }

    /// Nobody yet, an operator in most stories.
    pub fn lim(&self) -> Person<'_> {
        self.person(LIM)
    }

    /// A guest.
    pub fn gus(&self) -> Person<'_> {
        self.person(GUS)
    }

    pub fn person(&self, id: i64) -> Person<'_> {
        Person::new(self, id)
    }

    /// Ada makes Lim an operator.
    pub async fn lim_is_operator(&self) -> Result<()> {
        self.ada().says(&format!("/grant {LIM} operator")).await?;
        self.ada().sees("has the role operator").await.map(drop)
    }

    /// Bot API calls of one method.
    pub async fn calls(&self, method: &str) -> Result<Vec<Call>> {
        self.control.calls(method).await
    }

    pub(crate) fn next_process(&self) -> u32 {
        self.processes.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) async fn mark(&self, chat: i64) -> Result<()> {
        let cursor = self.control.cursor().await?;
        self.marks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(chat, cursor);
        Ok(())
    }

    pub(crate) fn marked(&self, chat: i64) -> u64 {
        let marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks.get(&chat).copied().unwrap_or(0)
    }

    /// Waits until every update that was sent is taken, finished and answered.
    ///
    /// # Errors
    /// If that takes longer than a minute; says what is left.
    pub async fn idle(&self) -> Result<()> {
        self.idle_within(Duration::from_secs(60)).await
    }

    pub async fn idle_within(&self, patience: Duration) -> Result<()> {
        let until = Instant::now() + patience;
        loop {
            let left = self.left().await?;
            if left.is_empty() {
                return Ok(());
            }
            if Instant::now() > until {
                bail!("the bot is not idle after {} s: {left}", patience.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until messages that show tasks and archives have been looked after: a job does that a
    /// second after they went out, and a stop in the middle of it would leave edits for the next
    /// start. So with what the core tells plugins of files.
    ///
    /// # Errors
    /// The database's.
    pub async fn cards_have_followed(&self) -> Result<()> {
        self.cards_follow().await?;
        self.idle().await
    }

    async fn cards_follow(&self) -> Result<()> {
        let tables = "SELECT count(*) AS number FROM jobs";
        if self.database.number(tables).await.is_err() {
            // The story's bot never had a database.
            return Ok(());
        }
        for _ in 0..200 {
            let soon = Micros::now().plus(Duration::from_millis(1_500)).0;
            let jobs = format!(
                "SELECT count(*) AS number FROM jobs \
                 WHERE kind IN ('task.card', 'archive.card', 'archive.build', 'download', 'upload') \
                 AND state IN (0, 1, 5) AND due_at < {soon}"
            );
            if self.database.number(&jobs).await? == 0 {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // A story in which jobs cannot run: what is left over is its own affair.
        Ok(())
    }

    /// What the bot has still to do, in words; empty: nothing.
    async fn left(&self) -> Result<String> {
        let stats = self.control.get("stats").await?;
        let pending = stats["pending_updates"]
            .as_i64()
            .context("stats count updates")?;
        let open = "SELECT count(*) AS number FROM updates WHERE state = 0";
        let queued = "SELECT count(*) AS number FROM outbox WHERE state = 0";
        // Before the messages: a notice that is delivered becomes one.
        let due = format!(
            "SELECT count(*) AS number FROM notices WHERE due_at <= {}",
            Micros::now().0
        );
        let (open, due, queued) = (
            self.database.number(open).await?,
            self.database.number(&due).await?,
            self.database.number(queued).await?,
        );
        if (pending, open, due, queued) == (0, 0, 0, 0) {
            return Ok(String::new());
        }
        Ok(format!(
            "{pending} updates not fetched, {open} not finished, {due} notices not delivered, \
             {queued} messages not sent"
        ))
    }

    pub(crate) async fn clear(self) -> Result<()> {
        self.sandbox.stop().await;
        self.database.remove().await
    }
}
