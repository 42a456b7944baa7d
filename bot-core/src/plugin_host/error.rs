//! Why something at the border did not happen.

use super::info::PluginState;
use super::inspect::Refusal;

/// Why a plugin could not be loaded, started, stopped or reloaded.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HostError {
    #[error("there is no plugin {name:?} in {dir}")]
    Unknown { name: String, dir: String },
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("plugin {name} did not start: {reason}")]
    Start { name: String, reason: String },
    /// The new version did not answer well; the old one goes on.
    #[error("plugin {name} failed its probe and the running version stays: {reason}")]
    Probe { name: String, reason: String },
    #[error("the plugin host is shutting down")]
    ShuttingDown,
}

/// Why a delivery has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliverError {
    #[error("the plugin is not available: {state}")]
    Unavailable { state: PluginState },
    #[error("the plugin has too many deliveries under way")]
    Busy,
    #[error("the plugin did not answer within its deadline")]
    Deadline,
    #[error("the plugin answered {code}: {message}")]
    Failed { code: String, message: String },
    /// Its code panicked, or the instance ended before it answered; the log has the reason.
    #[error("the plugin crashed")]
    Crashed,
}
