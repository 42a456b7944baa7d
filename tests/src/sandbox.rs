//! The sandbox's control API (telegram-sandbox/README.md): what people do, what goes wrong, what was called.

mod message;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

pub use message::Message;

/// The sandbox, as seen by whoever plays with it; cheap to clone.
#[derive(Clone)]
pub struct Control {
    http: reqwest::Client,
    url: String,
}

/// A Bot API call that the sandbox received.
#[derive(Debug, Clone)]
pub struct Call {
    pub id: u64,
    pub method: String,
    pub status: u64,
    pub chat: Option<i64>,
    /// Arrival, Unix milliseconds.
    pub at: i64,
    pub request: Value,
}

impl Control {
    pub(crate) fn new(sandbox: &str) -> Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(150))
            .build()?;
        Ok(Self {
            http,
            url: format!("{sandbox}/sandbox/api"),
        })
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        answer(self.http.get(format!("{}/{path}", self.url)), path).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        answer(
            self.http.post(format!("{}/{path}", self.url)).json(&body),
            path,
        )
        .await
    }

    /// With one file, as multipart.
    pub async fn upload(
        &self,
        path: &str,
        fields: &Value,
        kind: &str,
        name: &str,
        bytes: &[u8],
    ) -> Result<Value> {
        let mut form = Form::new();
        for (field, value) in fields.as_object().into_iter().flatten() {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            form = form.text(field.clone(), text);
        }
        let part = Part::bytes(bytes.to_vec()).file_name(name.to_owned());
        self.post_form(path, form.part(kind.to_owned(), part)).await
    }

    /// As [`Self::post`], with files.
    pub async fn post_form(&self, path: &str, form: Form) -> Result<Value> {
        let request = self.http.post(format!("{}/{path}", self.url));
        answer(request.multipart(form), path).await
    }

    /// The world's change counter: what happens from now on is behind it.
    pub async fn cursor(&self) -> Result<u64> {
        let stats = self.get("stats").await?;
        stats["cursor"].as_u64().context("stats have a cursor")
    }

    /// What changed in a chat behind a cursor; waits up to `wait` for something.
    pub async fn changes(
        &self,
        chat: i64,
        after: u64,
        wait: Duration,
    ) -> Result<(Vec<Message>, u64)> {
        let wait = wait.as_millis();
        let view = self
            .get(&format!("chats/{chat}/messages?after={after}&wait={wait}"))
            .await?;
        let messages = view["messages"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let cursor = view["cursor"].as_u64().context("a view has a cursor")?;
        Ok((messages.iter().map(Message::read).collect(), cursor))
    }

    /// Calls of one method, oldest first; the sandbox keeps the last 10,000.
    pub async fn calls(&self, method: &str) -> Result<Vec<Call>> {
        self.calls_after(method, 0).await
    }

    pub async fn calls_after(&self, method: &str, after: u64) -> Result<Vec<Call>> {
        let found = self
            .get(&format!("calls?method={method}&after={after}"))
            .await?;
        let calls = found["calls"].as_array().context("calls are a list")?;
        let read = |call: &Value| Call {
            id: call["id"].as_u64().unwrap_or_default(),
            method: call["method"].as_str().unwrap_or_default().to_owned(),
            status: call["status"].as_u64().unwrap_or_default(),
            chat: call["chat_id"].as_i64(),
            at: call["at"].as_i64().unwrap_or_default(),
            request: call["request"].clone(),
        };
        Ok(calls.iter().map(read).collect())
    }

    /// A person and their private chat.
    pub async fn add_person(&self, id: i64, name: &str) -> Result<()> {
        let person = json!({"id": id, "first_name": name, "username": name.to_lowercase()});
        self.post("users", person).await.map(drop)
    }

    /// Something goes wrong; see telegram-sandbox/README.md for the fields.
    pub async fn fault(&self, fault: Value) -> Result<()> {
        self.post("faults", fault).await.map(drop)
    }

    pub async fn no_faults(&self) -> Result<()> {
        answer(self.http.delete(format!("{}/faults", self.url)), "faults")
            .await
            .map(drop)
    }

    pub async fn enforce_flood_limits(&self, enforce: bool) -> Result<()> {
        self.post("limits", json!({"enforce": enforce}))
            .await
            .map(drop)
    }

    /// An update as Telegram might send it one day; answers its id.
    pub async fn raw(&self, update: Value) -> Result<i64> {
        let answer = self.post("raw", update).await?;
        answer["update_id"].as_i64().context("an update has an id")
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "people's side of the sandbox, not the bot's"
)]
async fn answer(request: reqwest::RequestBuilder, what: &str) -> Result<Value> {
    let response = request
        .send()
        .await
        .with_context(|| format!("sandbox: {what}"))?;
    let status = response.status();
    let body: Value = response
        .json()
        .await
        .with_context(|| format!("sandbox: {what}"))?;
    if !status.is_success() {
        bail!("sandbox: {what}: {status} {}", body["description"]);
    }
    Ok(body)
}
