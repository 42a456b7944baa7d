//! For tests of plugins: a host in the same process that records what the plugin asks of it.
//!
//! ```ignore
//! let world = Harness::<Echo>::start(include_str!("../manifest.json"), json!({})).await?;
//! world.command("/echo hello").await?;
//! assert_eq!(world.calls()[0].body["text"], "hello");
//! ```
//!
//! Nothing is loaded, so these tests say nothing about the border itself; the stories do.
//!
//! With the feature `stories`, a [`StoryBot`] puts the plugin into a sandbox and plays story files.

#[cfg(any(test, feature = "stories"))]
mod route;
#[cfg(any(test, feature = "stories"))]
mod story_bot;

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::ready;
use serde_json::{Value, json};
use vahta_plugin_abi::{Kind, VAHTA_ABI};

use crate::actor::Actor;
use crate::ffi::fake::{self, Answers, FakeHost};
use crate::{CallError, Plugin};

#[cfg(any(test, feature = "stories"))]
pub use story_bot::StoryBot;

/// A call that the plugin made.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The delivery in whose name, 0 for none.
    pub delivery: u64,
    pub method: String,
    pub body: Value,
}

/// A running plugin and its fake host.
pub struct Harness<P> {
    actor: Arc<Actor<P>>,
    host: &'static FakeHost,
    numbers: AtomicU64,
    plugin: PhantomData<P>,
}

impl<P: Plugin> Harness<P> {
    /// Starts the plugin with a configuration (`settings`, `database_url`, …) and waits until it
    /// is well. The fake host answers as [`answers_like_telegram`].
    ///
    /// # Errors
    /// Why it did not start.
    pub async fn start(manifest: &str, config: Value) -> Result<Self, CallError> {
        Self::start_with(manifest, config, answers_like_telegram).await
    }

    /// As [`Self::start`], with answers of the test's own.
    ///
    /// # Errors
    /// Why it did not start.
    pub async fn start_with(
        manifest: &str,
        config: Value,
        answers: impl Fn(&str, &Value) -> Result<Value, CallError> + Send + Sync + 'static,
    ) -> Result<Self, CallError> {
        let answers = move |_, method: &str, body: &Value| ready(answers(method, body)).boxed();
        Self::start_on(manifest, config, Box::new(answers)).await
    }

    async fn start_on(
        manifest: &str,
        config: Value,
        answers: Box<Answers>,
    ) -> Result<Self, CallError> {
        let (raw, host) = FakeHost::leak(answers);
        let config = with_defaults(manifest, config).to_string();
        crate::logging::keep_printing();
        let actor = Actor::start(raw, &section(manifest), config.as_bytes())
            .map_err(|reason| CallError::new("start", reason))?;
        let harness = Self {
            actor: Arc::new(actor),
            host,
            numbers: AtomicU64::new(1),
            plugin: PhantomData,
        };
        harness
            .deliver(Kind::Health, json!({}), &Value::Null)
            .await?;
        Ok(harness)
    }

    /// Delivers and waits for the answer.
    ///
    /// # Errors
    /// What the plugin answered.
    pub async fn deliver(
        &self,
        kind: Kind,
        envelope: Value,
        body: &Value,
    ) -> Result<Bytes, CallError> {
        let (_, answered) = self.hand_over(kind, envelope, body);
        answered.await.unwrap_or_else(|_| Err(CallError::closed()))
    }

    /// Delivers; returns the delivery's number and where its answer arrives.
    pub fn hand_over(
        &self,
        kind: Kind,
        envelope: Value,
        body: &Value,
    ) -> (
        u64,
        tokio::sync::oneshot::Receiver<Result<Bytes, CallError>>,
    ) {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let (reply, answered) = fake::reply();
        let (envelope, body) = (envelope.to_string().into(), body.to_string().into());
        let actor = Arc::clone(&self.actor);
        self.host
            .on_gate(move || actor.handle(number, kind as u32, envelope, body, reply));
        (number, answered)
    }

    /// Ada writes a command in her private chat.
    ///
    /// # Errors
    /// What the plugin answered.
    pub async fn command(&self, line: &str) -> Result<Bytes, CallError> {
        let update = self.numbers.load(Ordering::Relaxed);
        let (envelope, body) = command(update, line);
        self.deliver(Kind::Update, envelope, &body).await
    }

    /// Gives a delivery up, as the host does at its deadline.
    pub fn cancel(&self, number: u64) {
        let actor = Arc::clone(&self.actor);
        self.host.on_gate(move || actor.cancel(number));
    }

    /// What the plugin asked of the host so far.
    pub fn calls(&self) -> Vec<Call> {
        let record = self.host.record();
        let calls = record.calls.iter().cloned();
        calls
            .map(|(delivery, method, body)| Call {
                delivery,
                method,
                body,
            })
            .collect()
    }

    /// What it logged so far, `<level> <target>: <message>` each.
    pub fn lines(&self) -> Vec<String> {
        self.host.record().lines.clone()
    }

    /// Stops the plugin and waits until all its threads have ended.
    ///
    /// # Errors
    /// When some have not.
    pub async fn stop(self) -> Result<(), CallError> {
        self.end().await
    }

    /// Stops the plugin and then looks at what it did: nothing is under way any more.
    ///
    /// # Panics
    /// When some of its threads have not ended.
    pub async fn stop_and(self, look: impl FnOnce(&Self)) {
        if let Err(error) = self.end().await {
            panic!("{error}");
        }
        look(&self);
    }

    async fn end(&self) -> Result<(), CallError> {
        let (reply, answered) = fake::reply();
        let actor = Arc::clone(&self.actor);
        self.host
            .on_gate(move || actor.stop(Duration::from_secs(5), reply));
        answered
            .await
            .unwrap_or_else(|_| Err(CallError::closed()))
            .map(drop)
    }
}

/// Grants tickets, accepts every message, has no dialogs open, knows nobody, and says null to everything else.
///
/// # Errors
/// Never.
pub fn answers_like_telegram(method: &str, body: &Value) -> Result<Value, CallError> {
    Ok(match method {
        "telegram.SendMessage" | "telegram.EditMessageText" => json!({
            "message_id": 7, "date": 1_700_000_000, "text": body["text"],
            "chat": {"id": body["chat_id"], "type": "private", "first_name": "Ada"},
        }),
        name if name.starts_with("telegram.") => json!(true),
        "db.ticket" => json!({"ticket": 1}),
        "session.set" => json!({"version": 1}),
        "users.find" => json!([]),
        _ => Value::Null,
    })
}

/// The envelope and the update of Ada writing a command in her private chat.
pub fn command(update: u64, line: &str) -> (Value, Value) {
    let (name, args) = line.split_once(' ').unwrap_or((line, ""));
    let envelope = json!({
        "deadline_ms": 10_000, "now": 1_700_000_000_000_000_i64, "correlation": format!("u{update}"),
        "route": {"kind": "command", "command": name.trim_start_matches('/'), "args": args},
        "actor": {"user_id": 7, "telegram_id": 1001, "name": "Ada", "username": "ada",
                  "language": "en", "time_zone": "UTC", "permissions": []},
        "chat": {"id": 1001, "type": "private"}, "update_id": update,
    });
    let body = json!({
        "update_id": update,
        "message": {
            "message_id": update, "date": 1_700_000_000, "text": line,
            "chat": {"id": 1001, "type": "private", "first_name": "Ada"},
            "from": {"id": 1001, "is_bot": false, "first_name": "Ada", "username": "ada"},
            "entities": [{"type": "bot_command", "offset": 0, "length": name.len()}],
        }
    });
    (envelope, body)
}

/// The settings' defaults, as the host fills them in (it does so in nested objects as well).
fn with_defaults(manifest: &str, mut config: Value) -> Value {
    let manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
    if config["settings"].is_null() {
        config["settings"] = json!({});
    }
    let properties = manifest["settings_schema"]["properties"].as_object();
    for (name, property) in properties.into_iter().flatten() {
        if config["settings"].get(name).is_none() && !property["default"].is_null() {
            config["settings"][name] = property["default"].clone();
        }
    }
    config
}

/// The section that `export_plugin!` would make.
fn section(manifest: &str) -> Vec<u8> {
    let mut section = vahta_plugin_abi::MAGIC.to_vec();
    section.extend(VAHTA_ABI.to_le_bytes());
    section.extend(
        u32::try_from(manifest.len())
            .unwrap_or(u32::MAX)
            .to_le_bytes(),
    );
    section.extend(manifest.as_bytes());
    section
}
