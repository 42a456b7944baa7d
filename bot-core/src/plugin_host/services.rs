//! What the rest of the core gives to plugins, seen from the border.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use tracing::Level;

use super::Envelope;

/// Answers plugins' calls. One implementation serves all plugins.
#[async_trait]
pub trait HostServices: Send + Sync + 'static {
    /// Carries out `method` (such as `telegram.SendMessage`) for `caller`; `body` and the answer
    /// are JSON. It was checked already that the manifest declares the method's capability and
    /// that the delivery it belongs to is still wanted.
    ///
    /// The future is dropped when the plugin instance ends before it is done.
    async fn call(&self, caller: Caller, method: &str, body: Bytes) -> Result<Bytes, CallError>;

    /// A plugin wrote a log line.
    fn log(&self, plugin: &str, level: Level, target: &str, message: &str);

    /// A plugin called a method whose capability it did not declare; for the audit log.
    fn refused(&self, plugin: &str, method: &str) {
        let _ = (plugin, method);
    }
}

/// Who calls, and in the name of which delivery.
#[derive(Clone, Debug)]
pub struct Caller {
    pub plugin: Arc<str>,
    /// The envelope of the delivery; none for work that the plugin does by itself.
    pub envelope: Option<Arc<Envelope>>,
    /// The delivery's number, unique in this process; 0 for none.
    pub delivery: u64,
    /// Cancelled when nobody waits for the delivery any more: what takes long ends by it.
    pub given_up: CancellationToken,
}

/// A refusal or failure as the plugin gets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {message}")]
pub struct CallError {
    /// For programs: `refused`, `denied`, `deadline`, `closed`, `busy`, `telegram:400`, …
    pub code: String,
    /// For people.
    #[serde(default)]
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<serde_json::Value>,
}

impl CallError {
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            detail: None,
        }
    }

    /// The error object that crosses the border.
    pub(super) fn to_bytes(&self) -> Bytes {
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}
