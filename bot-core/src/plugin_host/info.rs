//! What the host tells about a plugin: its state and figures.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::manifest::{Budget, Manifest};
use super::stats::PluginStats;

/// Where a plugin is in its life.
///
/// ```text
/// Found ─▶ Loaded ─▶ Started ⇄ Degraded
///   │         │         │
///   ▼         ▼         ▼
/// Refused   Failed    Stopped ─▶ Loaded …
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "reason")]
pub enum PluginState {
    /// The file is there and well; nobody asked for it yet.
    Found,
    /// The file was not loaded, for this reason.
    Refused(String),
    /// Its code is in the process and `start` has not returned.
    Loaded,
    Started,
    /// It failed so often in a row that deliveries are refused until a trial succeeds.
    Degraded,
    Stopped,
    /// It could not start, or broke in a way that only a reload can mend.
    Failed(String),
}

impl PluginState {
    /// Does it take deliveries, or will it again by itself?
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Started | Self::Degraded)
    }
}

impl fmt::Display for PluginState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found => f.write_str("found"),
            Self::Refused(reason) => write!(f, "refused: {reason}"),
            Self::Loaded => f.write_str("starting"),
            Self::Started => f.write_str("started"),
            Self::Degraded => f.write_str("degraded"),
            Self::Stopped => f.write_str("stopped"),
            Self::Failed(reason) => write!(f, "failed: {reason}"),
        }
    }
}

/// One plugin as admins see it.
#[derive(Clone, Debug, Serialize)]
pub struct PluginInfo {
    /// The manifest's name; for a file without a readable manifest, the file's name.
    pub name: Arc<str>,
    pub version: String,
    #[serde(flatten)]
    pub state: PluginState,
    /// Of the bytes that were checked and, when it runs, loaded; lower-case hex.
    pub sha256: Option<String>,
    /// The file in the plugins' folder, not the copy that was loaded.
    pub path: PathBuf,
    pub manifest: Option<Arc<Manifest>>,
    pub budget: Budget,
    pub stats: PluginStats,
    /// Deliveries under way.
    pub in_flight: usize,
    /// Instances that could not be unloaded and stay in memory until the process ends.
    pub leaked: u64,
    /// Threads of this process that carry the plugin's name.
    pub threads: usize,
}
