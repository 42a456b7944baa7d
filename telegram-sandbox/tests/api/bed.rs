//! A sandbox of its own for each test, and short ways to call it.

#![allow(
    clippy::disallowed_methods,
    reason = "the calls go to the sandbox, which is what is tested"
)]

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use telegram_sandbox::{Options, Sandbox};

pub(crate) const ADA: i64 = 1001;
pub(crate) const LIM: i64 = 1002;
pub(crate) const GUS: i64 = 1003;
pub(crate) const OPS: i64 = -1001;
pub(crate) const BOT: i64 = 1;

pub(crate) struct Bed {
    pub(crate) sandbox: Sandbox,
    http: reqwest::Client,
}

impl Bed {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self {
            sandbox: Sandbox::start(options).await.unwrap(),
            http: reqwest::Client::new(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url())
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Status and body of a Bot API call with a JSON body.
    pub(crate) async fn call(&self, method: &str, params: Value) -> (u16, Value) {
        self.call_as("1:sandbox", method, params).await
    }

    /// As another bot.
    pub(crate) async fn call_as(&self, token: &str, method: &str, params: Value) -> (u16, Value) {
        let url = self.url(&format!("/bot{token}/{method}"));
        let response = self.http.post(url).json(&params).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap())
    }

    /// The result of a call that must succeed.
    pub(crate) async fn ok(&self, method: &str, params: Value) -> Value {
        let (status, mut body) = self.call(method, params).await;
        assert_eq!(
            (status, &body["ok"]),
            (200, &json!(true)),
            "{method}: {body}"
        );
        body["result"].take()
    }

    /// "code description" of a call that must be refused.
    pub(crate) async fn refused(&self, method: &str, params: Value) -> String {
        let (status, body) = self.call(method, params).await;
        assert_eq!(body["ok"], json!(false), "{method}: {body}");
        assert_eq!(body["error_code"], json!(status));
        format!("{status} {}", body["description"].as_str().unwrap())
    }

    pub(crate) async fn multipart(&self, method: &str, form: Form) -> (u16, Value) {
        let url = self.url(&format!("/bot1:sandbox/{method}"));
        let response = self.http.post(url).multipart(form).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap())
    }

    /// Status and body of a control call.
    pub(crate) async fn control(&self, call: &str, params: Value) -> (u16, Value) {
        let url = self.url(&format!("/sandbox/api/{call}"));
        let response = self.http.post(url).json(&params).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap())
    }

    /// The answer of a control call that must succeed.
    pub(crate) async fn post(&self, call: &str, params: Value) -> Value {
        let (status, body) = self.control(call, params).await;
        assert_eq!(status, 200, "{call}: {body}");
        body
    }

    /// Uploads as a person.
    pub(crate) async fn upload(&self, form: Form) -> (u16, Value) {
        let url = self.url("/sandbox/api/messages");
        let response = self.http.post(url).multipart(form).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap())
    }

    pub(crate) async fn get(&self, call: &str) -> Value {
        let url = self.url(&format!("/sandbox/api/{call}"));
        let response = self.http.get(url).send().await.unwrap();
        assert_eq!(response.status(), 200, "{call}");
        response.json().await.unwrap()
    }

    /// Bytes and status of a plain GET.
    pub(crate) async fn fetch(&self, path: &str) -> (u16, Vec<u8>) {
        let response = self.http.get(self.url(path)).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.bytes().await.unwrap().to_vec())
    }

    /// Somebody writes; answers the message.
    pub(crate) async fn write(&self, from: i64, chat: i64, text: &str) -> Value {
        self.post(
            "messages",
            json!({"from": from, "chat": chat, "text": text}),
        )
        .await
    }

    /// Sends as the bot; answers the message.
    pub(crate) async fn send(&self, chat: i64, text: &str) -> Value {
        self.ok("sendMessage", json!({"chat_id": chat, "text": text}))
            .await
    }

    /// The unconfirmed updates, at once.
    pub(crate) async fn updates(&self) -> Vec<Value> {
        let updates = self.ok("getUpdates", json!({})).await;
        updates.as_array().unwrap().clone()
    }

    /// The unconfirmed updates, which are confirmed then.
    pub(crate) async fn take_updates(&self) -> Vec<Value> {
        let updates = self.updates().await;
        if let Some(last) = updates.last() {
            let offset = last["update_id"].as_i64().unwrap() + 1;
            self.ok("getUpdates", json!({"offset": offset})).await;
        }
        updates
    }

    /// The unconfirmed updates of another bot.
    pub(crate) async fn updates_as(&self, token: &str) -> Vec<Value> {
        let (_, body) = self.call_as(token, "getUpdates", json!({})).await;
        body["result"].as_array().unwrap().clone()
    }

    /// Asks for kinds of updates that are not told unless asked for.
    pub(crate) async fn listen_to(&self, kinds: &[&str]) {
        self.ok("getUpdates", json!({"allowed_updates": kinds}))
            .await;
    }

    /// Puts the world's clock forward.
    pub(crate) async fn advance(&self, seconds: i64) {
        self.post("clock", json!({"advance_ms": seconds * 1000}))
            .await;
    }

    /// What a control call refuses with.
    pub(crate) async fn not_done(&self, call: &str, params: Value) -> String {
        let (status, body) = self.control(call, params).await;
        assert_eq!(status, 400, "{call}: {body}");
        body["description"].as_str().unwrap().to_owned()
    }

    /// What a chat shows.
    pub(crate) async fn shown(&self, chat: i64) -> Vec<Value> {
        let view = self.get(&format!("chats/{chat}/messages?after=0")).await;
        view["messages"].as_array().unwrap().clone()
    }
}

/// The kinds of updates, in order.
pub(crate) fn kinds(updates: &[Value]) -> Vec<String> {
    updates
        .iter()
        .flat_map(|update| update.as_object().unwrap().keys())
        .filter(|key| *key != "update_id")
        .cloned()
        .collect()
}

pub(crate) fn file(name: &str, bytes: &[u8]) -> Part {
    Part::bytes(bytes.to_vec()).file_name(name.to_owned())
}

/// The smallest PNG: 1 × 1, transparent.
pub(crate) const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0,
    0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T',
    0x78, 0x9c, 0x63, 0, 1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E', b'N',
    b'D', 0xae, 0x42, 0x60, 0x82,
];
