//! The bot in the test, and people who talk to it through the sandbox.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bot_core::app::App;
use bot_core::config::Config;
use bot_core::health::Health;
use bot_core::start;
use serde_json::{Value, json};
use telegram_sandbox::{Options, Sandbox};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::bed::Bed;

const PATIENCE: Duration = Duration::from_secs(15);

pub struct Talk {
    pub app: App,
    pub bed: Bed,
    sandbox: Sandbox,
    http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
    folder: PathBuf,
}

/// A message as a chat shows it.
#[derive(Debug, Clone)]
pub struct Shown {
    pub id: i64,
    pub text: String,
    /// Caption and data.
    pub buttons: Vec<(String, String)>,
}

impl Talk {
    /// Starts the bot on a bed; Ada is admin.
    pub async fn start(bed: Bed, variables: &[(&str, &str)]) -> Self {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let folder = std::env::temp_dir().join(format!("vahta_commands_{}", sandbox.addr.port()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = |name: &str| folder.join(name).display().to_string();
        let mut all: Vec<(String, String)> = [
            ("TELEGRAM_BOT_TOKEN", "1:sandbox".to_string()),
            ("TELEGRAM_API_URL", sandbox.url()),
            ("VAHTA_OUTBOUND", "unlimited".to_string()),
            ("DATABASE_URL", bed.url.clone()),
            ("VAHTA_PLUGIN_DIR", path("plugins")),
            ("VAHTA_PLUGIN_RUN_DIR", path("run")),
            ("BLOB_URL", path("blobs")),
            ("VAHTA_AUDIT_KEY_FILE", path("audit.key")),
            ("VAHTA_ADMINS", "1001".to_string()),
        ]
        .map(|(name, value)| (name.to_string(), value))
        .to_vec();
        all.retain(|(name, _)| !variables.iter().any(|(other, _)| other == name));
        all.extend(
            variables
                .iter()
                .map(|(n, v)| (n.to_string(), v.to_string())),
        );
        let config = Config::from_variables(&all).unwrap();
        let bot = Box::pin(start::start(config, Health::default()))
            .await
            .unwrap();
        let app = bot.app.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            Box::pin(bot.run(shutdown)).await.unwrap();
        });
        let http = reqwest::Client::new();
        Self {
            app,
            bed,
            sandbox,
            http,
            stop: Some(stop),
            running,
            folder,
        }
    }

    pub async fn end(mut self) {
        let _ = self.stop.take().unwrap().send(());
        self.running.await.unwrap();
        let _ = std::fs::remove_dir_all(&self.folder);
        self.sandbox.stop().await;
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "people's side of the sandbox, not the bot's"
    )]
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/sandbox/api/{path}", self.sandbox.url());
        let response = self.http.post(url).json(&body).send().await.unwrap();
        assert!(
            response.status().is_success(),
            "{path}: {}",
            response.text().await.unwrap()
        );
        response.json().await.unwrap()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "people's side of the sandbox, not the bot's"
    )]
    pub async fn get(&self, path: &str) -> Value {
        let url = format!("{}/sandbox/api/{path}", self.sandbox.url());
        self.http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// Writes, and waits for a message of the bot that contains `answer`.
    pub async fn asks(&self, from: i64, text: &str, answer: &str) -> Shown {
        let message = self.says(from, from, text).await;
        self.sees(from, message, answer).await
    }

    /// Writes in a chat; answers the message's id.
    pub async fn says(&self, from: i64, chat: i64, text: &str) -> i64 {
        let message = json!({ "from": from, "chat": chat, "text": text });
        self.post("messages", message).await["message_id"]
            .as_i64()
            .unwrap()
    }

    /// The newest message behind `after` (or changed since) that contains `text`.
    pub async fn sees(&self, chat: i64, after: i64, text: &str) -> Shown {
        let until = Instant::now() + PATIENCE;
        loop {
            let shown = self.shown(chat).await;
            if let Some(found) = shown
                .iter()
                .rev()
                .find(|m| m.id > after && m.text.contains(text))
            {
                return found.clone();
            }
            assert!(
                Instant::now() < until,
                "nobody saw `{text}`; the chat shows {shown:#?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The newest message with such a button; waits for one.
    pub async fn finds(&self, chat: i64, caption: &str) -> Shown {
        let until = Instant::now() + PATIENCE;
        loop {
            let shown = self.shown(chat).await;
            let has = |m: &&Shown| m.buttons.iter().any(|(text, _)| text.contains(caption));
            if let Some(found) = shown.iter().rev().find(has) {
                return found.clone();
            }
            assert!(
                Instant::now() < until,
                "no `{caption}`; the chat shows {shown:#?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn shown(&self, chat: i64) -> Vec<Shown> {
        let view = self.get(&format!("chats/{chat}/messages")).await;
        let messages = view["messages"].as_array().cloned().unwrap_or_default();
        messages.iter().map(shown).collect()
    }

    /// Presses the button whose caption contains `caption`; answers the text that was shown.
    pub async fn presses(&self, from: i64, chat: i64, on: &Shown, caption: &str) -> String {
        let (_, data) = on
            .buttons
            .iter()
            .find(|(text, _)| text.contains(caption))
            .unwrap_or_else(|| panic!("no button `{caption}` on {on:#?}"));
        self.presses_data(from, chat, on.id, data).await
    }

    /// A press that no button of the message offers; answers what the bot tells.
    pub async fn forges(&self, from: i64, data: &str) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let id = format!("forged-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let chat = json!({ "id": from, "type": "private", "first_name": "X" });
        let press = json!({ "callback_query": {
            "id": id, "chat_instance": "1", "data": data,
            "from": { "id": from, "is_bot": false, "first_name": "X" },
            "message": {
                "message_id": 1, "date": 1_790_000_001, "chat": chat,
                "from": { "id": 1, "is_bot": true, "first_name": "Vahta" }, "text": "x",
            },
        }});
        self.post("raw", press).await;
        let until = Instant::now() + PATIENCE;
        loop {
            let calls = self.get("calls?method=AnswerCallbackQuery").await;
            let calls = calls["calls"].as_array().cloned().unwrap_or_default();
            if let Some(call) = calls
                .iter()
                .find(|c| c["request"]["callback_query_id"] == *id)
            {
                return call["request"]["text"]
                    .as_str()
                    .unwrap_or_default()
                    .to_string();
            }
            assert!(Instant::now() < until, "nobody answered `{data}`");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Presses a button by its data.
    pub async fn presses_data(&self, from: i64, chat: i64, message: i64, data: &str) -> String {
        let click = json!({ "from": from, "chat": chat, "message_id": message, "data": data });
        let answer = self.post("clicks", click).await;
        find_text(&answer).unwrap_or_default()
    }
}

fn find_text(answer: &Value) -> Option<String> {
    let direct = answer.get("text").and_then(Value::as_str);
    direct
        .or_else(|| answer.pointer("/answer/text")?.as_str())
        .map(str::to_string)
}

fn shown(message: &Value) -> Shown {
    let rows = message
        .pointer("/reply_markup/inline_keyboard")
        .and_then(Value::as_array);
    let buttons = rows
        .iter()
        .flat_map(|rows| rows.iter())
        .flat_map(|row| row.as_array().cloned().unwrap_or_default())
        .map(|button| {
            let text = |key: &str| button[key].as_str().unwrap_or_default().to_string();
            (text("text"), text("callback_data"))
        })
        .collect();
    Shown {
        id: message["message_id"].as_i64().unwrap_or_default(),
        text: message["text"].as_str().unwrap_or_default().to_string(),
        buttons,
    }
}
