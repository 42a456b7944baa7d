//! A plugin that chats in a sandbox, without the core around it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use serde_json::{Value, json};
use telegram_sandbox::story::{Player, Story};
use telegram_sandbox::{Options, Sandbox};
use vahta_plugin_abi::Kind;
use vahta_rows::Micros;

use super::route::{Dialogs, Wants};
use super::{Harness, answers_like_telegram};
use crate::{CallError, Plugin};

/// Plays story files with a plugin: people write and press in a sandbox, and the plugin hears of it
/// as its manifest says.
///
/// ```ignore
/// let bot = StoryBot::<Echo>::start(include_str!("../manifest.json"), json!({})).await?;
/// bot.plays(include_str!("echo.story")).await?;
/// ```
///
/// What the core does is left out: refusals of strangers, limits, jobs, approvals, notices. Whoever
/// has not the permission of a command gets no answer.
pub struct StoryBot<P> {
    harness: Harness<P>,
    world: Arc<World>,
    sandbox: Sandbox,
}

/// What the fake host knows.
struct World {
    api: Api,
    wants: Wants,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    dialogs: Dialogs,
    /// By delivery: the chat and the person.
    places: HashMap<u64, (i64, i64)>,
    /// By person: what differs from all of the plugin's permissions.
    permissions: HashMap<i64, Vec<String>>,
    /// Updates below it were handled.
    offset: i64,
    faults: Vec<String>,
}

impl<P: Plugin> StoryBot<P> {
    /// Starts a sandbox and the plugin in it, with a configuration (`settings`, `database_url`, …).
    ///
    /// # Errors
    /// Why the plugin did not start.
    pub async fn start(manifest: &str, config: Value) -> Result<Self, CallError> {
        let fault = |error: String| CallError::new("start", error);
        let wants = serde_json::from_str(manifest).map_err(|error| fault(error.to_string()))?;
        let options = Options::default();
        let started = Sandbox::start(options).await;
        let sandbox = started.map_err(|error| fault(error.to_string()))?;
        let world = Arc::new(World {
            api: Api::new(&sandbox.url()),
            wants,
            state: Mutex::default(),
        });
        let answers = {
            // The host lives as long as the process; the world need not.
            let world = Arc::downgrade(&world);
            move |delivery, method: &str, body: &Value| answer(&world, delivery, method, body)
        };
        let harness = Harness::start_on(manifest, config, Box::new(answers)).await?;
        Ok(Self {
            harness,
            world,
            sandbox,
        })
    }

    /// What this person may do; without it they have all of the plugin's permissions.
    pub fn lets(&self, telegram_id: i64, permissions: &[&str]) {
        let permissions = permissions.iter().map(|&key| key.to_owned()).collect();
        let mut state = self.world.state();
        state.permissions.insert(telegram_id, permissions);
    }

    /// Plays a story file.
    ///
    /// # Errors
    /// Where the plugin does something else than the story says, with the difference, and what
    /// its handlers failed with.
    pub async fn plays(&self, story: &str) -> Result<(), CallError> {
        let fault = |error: String| CallError::new("story", error);
        let story = Story::parse(story).map_err(|error| fault(error.to_string()))?;
        let player = Player::new(&self.sandbox.url());
        let outcome = tokio::select! {
            outcome = player.play(&story) => outcome,
            error = self.listens() => return Err(error),
        };
        let outcome = outcome.map_err(|error| fault(error.to_string()))?;
        let faults = std::mem::take(&mut self.world.state().faults);
        if outcome.passed && faults.is_empty() {
            return Ok(());
        }
        let told = faults.join("\n");
        let refused = outcome.refused;
        Err(fault(format!(
            "{}: {refused:?} {told}\n{}",
            story.title, outcome.diff
        )))
    }

    /// The plugin and its host, to look at what it called and logged.
    pub fn harness(&self) -> &Harness<P> {
        &self.harness
    }

    /// Stops the plugin and the sandbox.
    ///
    /// # Errors
    /// When the plugin's threads do not end.
    pub async fn stop(self) -> Result<(), CallError> {
        self.harness.stop().await?;
        self.sandbox.stop().await;
        Ok(())
    }

    /// Fetches updates and hands them to the plugin, one after another; ends with an error only.
    async fn listens(&self) -> CallError {
        let me = match self.world.api.call("getMe", &json!({})).await {
            Ok(me) => me["username"].as_str().unwrap_or_default().to_owned(),
            Err(error) => return error,
        };
        loop {
            let offset = self.world.state().offset;
            let body = json!({"offset": offset, "timeout": 5});
            let updates = match self.world.api.call("getUpdates", &body).await {
                Ok(updates) => updates,
                Err(error) => return error,
            };
            for update in updates.as_array().into_iter().flatten() {
                self.hears(update, &me).await;
                let id = update["update_id"].as_i64().unwrap_or_default();
                self.world.state().offset = id + 1;
            }
        }
    }

    async fn hears(&self, update: &Value, me: &str) {
        let Some(envelope) = self.world.envelope(update, me) else {
            return;
        };
        let place = (
            envelope["chat"]["id"].as_i64().unwrap_or_default(),
            envelope["actor"]["telegram_id"]
                .as_i64()
                .unwrap_or_default(),
        );
        let (number, answered) = {
            let mut state = self.world.state();
            // The plugin's first call waits for the place to be known.
            let (number, answered) = self.harness.hand_over(Kind::Update, envelope, update);
            state.places.insert(number, place);
            (number, answered)
        };
        let answered = answered.await.unwrap_or_else(|_| Err(CallError::closed()));
        let mut state = self.world.state();
        state.places.remove(&number);
        if let Err(error) = answered {
            state.faults.push(format!("a handler failed: {error}"));
        }
    }
}

impl World {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// None for an update that the plugin does not hear of.
    fn envelope(&self, update: &Value, me: &str) -> Option<Value> {
        let what = update.as_object()?.values().find(|what| what.is_object())?;
        let message = if what["message"].is_object() {
            &what["message"]
        } else {
            what
        };
        let (chat, from) = (&message["chat"], &what["from"]);
        let (chat_id, person) = (chat["id"].as_i64()?, from["id"].as_i64()?);
        let state = self.state();
        let known = state.permissions.get(&person).cloned();
        let may = known.unwrap_or_else(|| self.wants.permissions());
        let dialog = state.dialogs.open((chat_id, person));
        let route = self.wants.route(update, dialog.is_some(), &may, me)?;
        // Other supergroups have threads to which nobody may write.
        let is_topic = message["is_topic_message"] == true;
        let topic = is_topic.then(|| &message["message_thread_id"]);
        Some(json!({
            "deadline_ms": 10_000,
            "now": Micros::now().0,
            "correlation": format!("u{}", update["update_id"]),
            "route": route,
            "actor": {
                "user_id": person, "telegram_id": person, "name": from["first_name"],
                "username": from["username"], "language": from["language_code"],
                "time_zone": "UTC", "permissions": may,
            },
            "chat": {
                "id": chat_id, "type": chat["type"], "thread_id": topic,
            },
            "update_id": update["update_id"],
            "dialog": dialog,
        }))
    }

    fn session(&self, delivery: u64, method: &str, body: &Value) -> Result<Value, CallError> {
        let mut state = self.state();
        let place = state.places.get(&delivery).copied();
        let place = place.ok_or_else(|| CallError::new("no_chat", "a dialog needs an update"))?;
        state
            .dialogs
            .call(method, place, body)
            .map_err(|found| CallError::new("conflict", format!("the open version is {found:?}")))
    }
}

/// The host's answer: dialogs from memory, calls to Telegram from the sandbox, and for the rest
/// what the harness says.
fn answer(
    world: &Weak<World>,
    delivery: u64,
    method: &str,
    body: &Value,
) -> BoxFuture<'static, Result<Value, CallError>> {
    let Some(world) = world.upgrade() else {
        return ready(Err(CallError::closed())).boxed();
    };
    if method.starts_with("session.") {
        return ready(world.session(delivery, method, body)).boxed();
    }
    let (method, body) = (method.to_owned(), body.clone());
    async move {
        if let Some(name) = method.strip_prefix("telegram.") {
            return world.api.call(name, &body).await;
        }
        if method == "outbox.committed" {
            for row in body["rows"].as_array().into_iter().flatten() {
                let name = row["method"].as_str().unwrap_or_default();
                if let Err(error) = world.api.call(name, &row["payload"]).await {
                    let fault = format!("a message was not sent: {error}");
                    world.state().faults.push(fault);
                }
            }
        }
        answers_like_telegram(&method, &body)
    }
    .boxed()
}

/// The sandbox's Bot API.
struct Api {
    http: reqwest::Client,
    base: String,
}

impl Api {
    fn new(sandbox: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            base: format!("{sandbox}/bot1:sandbox"),
        }
    }

    /// Source: Bot API, "Making requests".
    async fn call(&self, method: &str, body: &Value) -> Result<Value, CallError> {
        let lost = |error: reqwest::Error| CallError::new("telegram:0", error.to_string());
        let url = format!("{}/{method}", self.base);
        let request = self
            .http
            .post(url)
            .timeout(Duration::from_secs(30))
            .json(body);
        #[expect(clippy::disallowed_methods, reason = "to a sandbox, in a test")]
        let response = request.send().await.map_err(lost)?;
        let mut answer: Value = response.json().await.map_err(lost)?;
        if answer["ok"] == true {
            return Ok(answer["result"].take());
        }
        Err(CallError {
            code: format!("telegram:{}", answer["error_code"]),
            message: answer["description"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            detail: Some(answer["parameters"].take()),
        })
    }
}
