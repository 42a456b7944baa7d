//! The host, as the plugin calls it for itself.

use std::future::Future;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use vahta_rows::{Db, InstanceId};

use crate::bot::Bot;
use crate::config::Config;
use crate::ffi::RawHost;
use crate::{CallError, Error, db};

/// Cheap to clone. For calls in the name of a delivery use [`Ctx`](crate::Ctx): they stop when the
/// delivery is given up, and they know its chat.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

struct Inner {
    raw: RawHost,
    plugin: String,
    config: Config,
    db: OnceLock<Db>,
}

/// Connections of one plugin; the core counts on no more.
const CONNECTIONS: usize = 2;

impl Host {
    pub(crate) fn new(raw: RawHost, plugin: String, config: Config) -> Self {
        Self(Arc::new(Inner {
            raw,
            plugin,
            config,
            db: OnceLock::new(),
        }))
    }

    pub(crate) fn raw(&self) -> RawHost {
        self.0.raw
    }

    /// The plugin's name, as its manifest says it.
    pub fn plugin(&self) -> &str {
        &self.0.plugin
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// This run of this server process.
    pub fn instance(&self) -> InstanceId {
        InstanceId(self.0.config.instance_id)
    }

    /// A bot that sends in nobody's name, for work that no update caused.
    pub fn bot(&self) -> Bot {
        Bot::new(self.clone(), 0)
    }

    /// The database. Within a delivery its transactions commit only while the delivery is wanted.
    ///
    /// # Errors
    /// When the manifest does not declare the capability `database`.
    pub fn db(&self) -> Result<Db, Error> {
        if let Some(db) = self.0.db.get() {
            return Ok(db.clone());
        }
        let Some(url) = &self.0.config.database_url else {
            return Err(Error::other(
                "the manifest does not declare the capability `database`",
            ));
        };
        let db = db::open(self, &url.0, CONNECTIONS)?;
        Ok(self.0.db.get_or_init(|| db).clone())
    }

    /// Calls a method of the host, JSON for JSON.
    ///
    /// # Errors
    /// What the host answered, or that the answer has another shape.
    pub async fn call<B, A>(&self, method: &str, body: &B) -> Result<A, Error>
    where
        B: Serialize + ?Sized,
        A: DeserializeOwned,
    {
        self.call_in(0, method, body).await
    }

    pub(crate) async fn call_in<B, A>(&self, ctx: u64, method: &str, body: &B) -> Result<A, Error>
    where
        B: Serialize + ?Sized,
        A: DeserializeOwned,
    {
        let body = serde_json::to_vec(body)?;
        let answer = self.call_raw(ctx, method, &body).await?;
        // An empty answer is "done, nothing to say".
        let answer: &[u8] = if answer.is_empty() { b"null" } else { &answer };
        Ok(serde_json::from_slice(answer)?)
    }

    pub(crate) fn call_raw(
        &self,
        ctx: u64,
        method: &str,
        body: &[u8],
    ) -> impl Future<Output = Result<Bytes, CallError>> + Send + use<> {
        let answer = self.0.raw.call(ctx, method, body);
        async move { answer.await.unwrap_or_else(|_| Err(CallError::closed())) }
    }

    pub(crate) fn close_db(&self) {
        if let Some(db) = self.0.db.get() {
            db.close();
        }
    }
}
