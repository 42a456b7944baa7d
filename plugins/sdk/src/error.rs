//! Errors of handlers and of host calls.

use serde::{Deserialize, Serialize};
use vahta_rows::DbError;

/// What a handler returns when it cannot go on. The host logs it and tells the person that
/// something went wrong; what a person should read, the handler sends itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("cannot read or write JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Any other error, or a text.
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

    /// The same delivery may succeed later: the database or the host is away for the moment.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Db(error) => error.is_transient(),
            Self::Call(error) => matches!(error.code.as_str(), "later" | "busy"),
            Self::Json(_) | Self::Other(_) => false,
        }
    }

    /// The object that crosses the border.
    pub(crate) fn to_call_error(&self) -> CallError {
        match self {
            Self::Call(error) => error.clone(),
            error if error.is_transient() => CallError::new("later", error.to_string()),
            Self::Db(error) => CallError::new("database", error.to_string()),
            error => CallError::new("handler", error.to_string()),
        }
    }
}

/// A host call that was refused or failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {message}")]
pub struct CallError {
    /// For programs: `refused`, `denied`, `deadline`, `closed`, `busy`, `later`, `telegram:400`, …
    pub code: String,
    /// For people; for `telegram:…` Telegram's own text.
    #[serde(default)]
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<serde_json::Value>,
}

impl CallError {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            detail: None,
        }
    }

    pub(crate) fn closed() -> Self {
        Self::new("closed", "the host has ended this plugin")
    }

    /// The message already says what it should say: for an edit that is success.
    pub fn is_not_modified(&self) -> bool {
        self.code == "telegram:400" && self.message.contains("message is not modified")
    }

    /// The person blocked the bot, or the bot may not write in this chat.
    pub fn is_forbidden(&self) -> bool {
        self.code == "telegram:403"
    }
}
