//! Why an update could not be handled to its end.

use std::any::Any;

use vahta_rows::DbError;

use crate::outbound::CallError;

/// What dispatch has to know: run it again later, count a crash, or note a failure.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Call(#[from] CallError),
    /// A plugin cannot take it now although it runs: its database is away.
    #[error("plugin {plugin} asks to try again: {message}")]
    Later { plugin: String, message: String },
    /// The handler's code broke; after three times the update is parked.
    #[error("the handler crashed: {0}")]
    Crashed(String),
    #[error("plugin {plugin} failed: {message}")]
    Plugin { plugin: String, message: String },
    #[error("{0}")]
    Other(String),
}

impl FlowError {
    pub(crate) fn crashed(panic: &(dyn Any + Send)) -> Self {
        let text = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned());
        Self::Crashed(text.unwrap_or_else(|| "panic".into()))
    }

    /// Would the same update succeed later?
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Db(error) => error.is_transient(),
            Self::Later { .. } => true,
            _ => false,
        }
    }

    pub fn is_crash(&self) -> bool {
        matches!(self, Self::Crashed(_))
    }
}
