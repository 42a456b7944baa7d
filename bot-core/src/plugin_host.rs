//! The plugin border, seen from the core: loads native plugins, delivers to them, carries out their
//! calls, and takes them out again without taking the process along.
//!
//! What crosses the border, who owns what and which thread calls whom is told in
//! `docs/PLUGIN_ABI.md`. Inside:
//!
//! | Module | What |
//! |---|---|
//! | [`manifest`], `inspect` | what a file says of itself, and why it may not be loaded |
//! | `catalogue` | the folder of plugins, the private copies that are loaded |
//! | `slot`, `changes` | one plugin's state; enable, disable, reload |
//! | `instance`, `gate`, `library` | one loaded library, its thread, the unsafe calls |
//! | `deliveries`, `link` | host → plugin answers, plugin → host calls |
//! | [`capability`], [`desk`], [`breaker`] | what a plugin may call, who may write, when it is left alone |
//!
//! Errors: [`HostError`] for changes, [`DeliverError`] for deliveries, [`CallError`] for what a
//! plugin is told.

pub mod breaker;
pub mod capability;
mod catalogue;
mod changes;
mod deliveries;
pub mod desk;
mod envelope;
mod error;
mod gate;
mod info;
mod inspect;
mod instance;
mod library;
mod link;
pub mod manifest;
mod registry;
mod routes;
mod services;
mod slot;
mod starts;
mod stats;
mod threads;
mod web_routes;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::watch;
pub use vahta_plugin_abi::Kind;

pub use desk::{Overdue, WriterDesk, WriterTicket};
pub use envelope::{Actor, Chat, Envelope, Route, RouteKind};
pub use error::{DeliverError, HostError};
pub use info::{PluginInfo, PluginState};
pub use inspect::Refusal;
pub use manifest::Manifest;
pub use routes::{CommandRoute, Routes};
pub use services::{CallError, Caller, HostServices};
pub use stats::PluginStats;
pub use web_routes::{WebFound, WebMatch};

use registry::Registry;

/// How the host treats plugins.
pub struct HostConfig {
    /// Where libraries are looked for.
    pub dir: PathBuf,
    /// Where private copies are kept while they run; this process's own.
    pub run_dir: PathBuf,
    pub approve: Approve,
    /// For plugins whose manifest has no deadline of its own.
    pub default_deadline: Duration,
    /// What every plugin's `start` gets. Two fields are cut to measure: of `settings`, an object by
    /// plugin name, each gets its own entry (see [`PluginHost::set_settings`]); `database_url` is only for those that declare the
    /// capability `database`.
    pub start_config: Value,
    pub unload: UnloadPolicy,
    /// Commands that no plugin may claim: the core's own.
    pub reserved_commands: Vec<String>,
    /// Who may write to the database; the core takes its tickets at the same desk.
    pub desk: WriterDesk,
}

/// Which files may be loaded.
#[derive(Clone)]
pub enum Approve {
    /// Every file in the folder: for development.
    AllInDev,
    /// Those of which this says so, asked with the plugin's name and the SHA-256 (lower-case hex)
    /// of the bytes that would be loaded.
    Sha256(Approved),
}

/// `approved(name, sha256)`.
pub type Approved = Arc<dyn Fn(&str, &str) -> bool + Send + Sync>;

/// Which libraries leave the process when they have stopped cleanly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnloadPolicy {
    /// Those whose publisher is `vahta`; others stay (2–4 MB each) and are counted.
    #[default]
    FirstPartyUnload,
    Always,
    Never,
}

/// All plugins of this process; cheap to clone.
#[derive(Clone)]
pub struct PluginHost {
    inner: Arc<Registry>,
}

impl PluginHost {
    /// Prepares a host; loads nothing yet. Everything else runs inside a tokio runtime.
    pub fn new(config: HostConfig, services: Arc<dyn HostServices>) -> Self {
        catalogue::clean(&config.run_dir);
        Self {
            inner: Arc::new(Registry::new(config, services)),
        }
    }

    /// Finds the libraries in the folder and starts them all, side by side. What is wrong with one
    /// stands in its [`PluginInfo::state`] and touches no other.
    pub async fn load_all(&self) -> Vec<PluginInfo> {
        self.load_where(|_| true).await
    }

    /// As [`Self::load_all`], starting only those whose name is `wanted`; the others are known
    /// (their commands, their permissions) and can be enabled later.
    pub async fn load_where(&self, wanted: impl Fn(&str) -> bool) -> Vec<PluginInfo> {
        self.inner.load_where(wanted).await;
        self.list()
    }

    /// Loads and starts a plugin. One that runs already stays as it is.
    ///
    /// # Errors
    /// [`HostError::Unknown`], [`HostError::Refused`], [`HostError::Start`].
    pub async fn enable(&self, name: &str) -> Result<PluginInfo, HostError> {
        self.inner.enable(name).await
    }

    /// Is there such a plugin? Looks through the folder for one that is not known yet.
    ///
    /// # Errors
    /// [`HostError::Unknown`].
    pub async fn known(&self, name: &str) -> Result<(), HostError> {
        self.inner.known_or_found(name).await.map(drop)
    }

    /// Stops a plugin: what it is doing may end, nothing new begins.
    ///
    /// # Errors
    /// [`HostError::Unknown`].
    pub async fn disable(&self, name: &str) -> Result<PluginInfo, HostError> {
        self.inner.disable(name).await
    }

    /// Loads the file as it is now beside the running version, asks it whether it is well, leads
    /// the routes to it and ends the old version. When anything fails before that, the old version
    /// goes on. A plugin that does not run is enabled.
    ///
    /// # Errors
    /// As [`Self::enable`], and [`HostError::Probe`].
    pub async fn reload(&self, name: &str) -> Result<PluginInfo, HostError> {
        self.inner.reload(name).await
    }

    /// What the plugin gets at its next start or reload: a settings document, laid over the one of
    /// [`HostConfig::start_config`]. One that does not fit its schema keeps it from starting.
    pub fn set_settings(&self, name: &str, settings: Value) {
        self.inner.set_settings(name, settings);
    }

    /// The routes as of now. Take a snapshot for each update, do not keep it.
    pub fn routes(&self) -> Arc<Routes> {
        self.inner.routes()
    }

    /// Hands one thing to a plugin and waits for its answer, at most until its deadline.
    ///
    /// `body` crosses the border as it is: for [`Kind::Update`] one update as Telegram sent it.
    ///
    /// # Errors
    /// See [`DeliverError`]. After [`DeliverError::Deadline`] and [`DeliverError::Crashed`] the
    /// plugin may have acted before; it cannot act on this delivery any more.
    pub async fn deliver(
        &self,
        plugin: &str,
        kind: Kind,
        envelope: Envelope,
        body: Bytes,
    ) -> Result<Bytes, DeliverError> {
        self.inner.deliver(plugin, kind, envelope, body).await
    }

    /// All plugins and all refused files, by name.
    pub fn list(&self) -> Vec<PluginInfo> {
        self.inner.list()
    }

    /// One of [`Self::list`].
    pub fn info(&self, name: &str) -> Option<PluginInfo> {
        self.inner.info(name)
    }

    /// Counts changes of states and routes: what depends on them (the bot's menu of commands, the
    /// `plugins` table) is made anew after each.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes()
    }

    /// Stops all plugins side by side; nothing is enabled any more afterwards.
    pub async fn stop_all(&self, grace: Duration) {
        self.inner.stop_all(grace).await;
    }
}
