//! Dialogs: a state of the plugin's own type, kept by the core for one person in one chat.

use std::marker::PhantomData;
use std::sync::Mutex;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Ctx, Error};

/// A dialog with the actor of a delivery. While it is open, messages that are no commands come to
/// the plugin with [`route::dialog`](crate::route::dialog).
pub struct Dialogue<S> {
    ctx: Ctx,
    /// The version last read or written: a newer one is never overwritten.
    version: Mutex<Option<i32>>,
    state: PhantomData<fn() -> S>,
}

#[derive(Deserialize)]
struct Open {
    state: serde_json::Value,
    version: i32,
}

#[derive(Deserialize)]
struct Written {
    version: i32,
}

#[derive(Serialize)]
struct Set<'a, S> {
    state: &'a S,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
}

impl<S> Dialogue<S> {
    pub(crate) fn new(ctx: Ctx) -> Self {
        Self {
            ctx,
            version: Mutex::new(None),
            state: PhantomData,
        }
    }

    fn version(&self) -> std::sync::MutexGuard<'_, Option<i32>> {
        self.version
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Ends the dialog; also when none is open.
    ///
    /// # Errors
    /// When the host cannot.
    pub async fn exit(&self) -> Result<(), Error> {
        self.ctx
            .call("session.clear", &())
            .await
            .map(|_: serde_json::Value| ())
    }
}

impl<S: Serialize + DeserializeOwned> Dialogue<S> {
    /// The state, or none when no dialog of this plugin is open.
    ///
    /// # Errors
    /// When the host cannot, or when the state was written by a version with another type.
    pub async fn get(&self) -> Result<Option<S>, Error> {
        let open: Option<Open> = self.ctx.call("session.get", &()).await?;
        let Some(open) = open else {
            return Ok(None);
        };
        *self.version() = Some(open.version);
        Ok(Some(serde_json::from_value(open.state)?))
    }

    /// Opens the dialog or moves it on; it closes by itself after half an hour.
    ///
    /// # Errors
    /// `conflict` when it was moved on since [`Self::get`]; or when the host cannot.
    pub async fn set(&self, state: &S) -> Result<(), Error> {
        self.write(state, None).await
    }

    /// As [`Self::set`], closing by itself after `ttl`.
    ///
    /// # Errors
    /// As [`Self::set`].
    pub async fn set_for(&self, state: &S, ttl: Duration) -> Result<(), Error> {
        self.write(state, Some(ttl.as_secs())).await
    }

    async fn write(&self, state: &S, ttl_s: Option<u64>) -> Result<(), Error> {
        let version = *self.version();
        let written: Written = self
            .ctx
            .call(
                "session.set",
                &Set {
                    state,
                    ttl_s,
                    version,
                },
            )
            .await?;
        *self.version() = Some(written.version);
        Ok(())
    }
}
