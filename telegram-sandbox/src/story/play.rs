//! Playing a story against a bot.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::client::{Control, Upload};
use super::diff;
use super::event::{Body, Event, FileNote, Story, Target, Verb};
use super::pattern::{Names, filled};
use super::stage::Stage;

/// How often it is looked whether the bot has answered.
const LOOK: Duration = Duration::from_millis(15);

/// Plays stories in a sandbox to whose bot they are.
#[derive(Clone, Debug)]
pub struct Player {
    control: Control,
    patience: Duration,
    settle: Duration,
    folder: Option<PathBuf>,
}

/// How a story went.
#[derive(Debug)]
pub struct Outcome {
    pub passed: bool,
    /// What happened, as a story of its own.
    pub actual: Story,
    /// What could not be played, and in which line it stands.
    pub refused: Vec<(usize, String)>,
    /// The story with `-` before what did not happen and `+` before what happened instead.
    pub diff: String,
}

/// Why a story cannot be played at all.
#[derive(Debug)]
pub enum PlayError {
    /// The sandbox cannot be reached, or says what nobody understands.
    Sandbox(String),
    /// The sandbox refuses something.
    Refused(String),
}

impl fmt::Display for PlayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sandbox(reason) => write!(f, "the sandbox: {reason}"),
            Self::Refused(reason) => write!(f, "the sandbox refuses it: {reason}"),
        }
    }
}

impl std::error::Error for PlayError {}

impl Player {
    /// For the sandbox at `http://host:port`.
    pub fn new(sandbox: &str) -> Self {
        Self {
            control: Control::new(sandbox),
            patience: Duration::from_secs(10),
            settle: Duration::from_millis(250),
            folder: None,
        }
    }

    /// How long the bot may take for what it should do after an act; 10 s.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How long it is watched at the end whether it does more than it should; 250 ms.
    #[must_use]
    pub fn settle(mut self, settle: Duration) -> Self {
        self.settle = settle;
        self
    }

    /// Where the files lie that people send; others are made up.
    #[must_use]
    pub fn files_in(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Plays a story: people and groups that are not there yet come, everybody does what the
    /// story says, and before the next act the bot gets time for what it should do.
    ///
    /// # Errors
    /// If the sandbox cannot be reached. What a bot does wrong is in the [`Outcome`].
    pub async fn play(&self, story: &Story) -> Result<Outcome, PlayError> {
        self.cast(story).await?;
        let begun = self.nothing_new().await?;
        let mut stage = Stage::new(story, begun["until"].as_i64().unwrap_or_default());
        let mut on_time = true;
        for (at, event) in story.events.iter().enumerate() {
            if event.by_bot() {
                continue;
            }
            // The bot is given time for everything before this act.
            on_time = self.wait(&mut stage, at).await?;
            if !on_time {
                break;
            }
            match self.act(&mut stage, event).await {
                Ok(()) => {}
                Err(PlayError::Refused(reason)) => {
                    stage.refused.push((event.line, reason));
                    break;
                }
                Err(lost) => return Err(lost),
            }
        }
        if on_time && stage.refused.is_empty() {
            self.wait(&mut stage, story.events.len()).await?;
        }
        tokio::time::sleep(self.settle).await;
        self.look(&mut stage).await?;
        let passed = stage.refused.is_empty() && diff::passed(story, &stage.actual, &stage.labels);
        let diff = diff::diff(story, &stage.actual, &stage.labels);
        Ok(Outcome {
            passed,
            actual: stage.actual,
            refused: stage.refused,
            diff,
        })
    }

    /// Waits until a bot fetches updates or has set a webhook.
    ///
    /// # Errors
    /// If none does in time, or the sandbox cannot be reached.
    pub async fn bot_listens(&self, patience: Duration) -> Result<(), PlayError> {
        let deadline = Instant::now() + patience;
        loop {
            let now = self.nothing_new().await?;
            if now["listening"] == Value::Bool(true) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let seconds = patience.as_secs();
                let reason = format!("no bot has asked for updates within {seconds} s");
                return Err(PlayError::Sandbox(reason));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What has happened so far, in one chat or in all.
    ///
    /// # Errors
    /// If the sandbox cannot be reached.
    pub async fn record(&self, chat: Option<i64>) -> Result<Story, PlayError> {
        let chat = chat.map_or(String::new(), |chat| format!("&chat={chat}"));
        let mut answer = self.control.get(&format!("story?as=json{chat}")).await?;
        read(&mut answer)
    }

    /// Sets the bot's webhook for it.
    ///
    /// # Errors
    /// If the sandbox refuses it.
    pub async fn set_webhook(&self, token: &str, url: &str) -> Result<(), PlayError> {
        self.control
            .bot_api(token, "setWebhook", &json!({"url": url}))
            .await
            .map(drop)
    }

    async fn nothing_new(&self) -> Result<Value, PlayError> {
        let path = format!("story?as=json&after={}", i64::MAX);
        self.control.get(&path).await
    }

    /// People and groups.
    async fn cast(&self, story: &Story) -> Result<(), PlayError> {
        let users = self.control.get("users").await?;
        let chats = self.control.get("chats").await?;
        let ids = |list: &Value| -> HashSet<i64> {
            let list = list.as_array().into_iter().flatten();
            list.filter_map(|one| one["id"].as_i64()).collect()
        };
        let (users, chats) = (ids(&users["users"]), ids(&chats["chats"]));
        for person in &story.people {
            if !users.contains(&person.id) {
                let mut user = json!({
                    "id": person.id,
                    "first_name": person.full_name.as_ref().unwrap_or(&person.name),
                });
                if let Some(username) = &person.username {
                    user["username"] = json!(username);
                }
                if let Some(language) = &person.language {
                    user["language_code"] = json!(language);
                }
                self.control.post("users", &user).await?;
            }
        }
        let people: HashMap<&str, i64> = story
            .people
            .iter()
            .map(|person| (person.name.as_str(), person.id))
            .collect();
        for group in &story.groups {
            if !chats.contains(&group.id) {
                let members: Vec<_> = group
                    .members
                    .iter()
                    .filter_map(|name| people.get(name.as_str()))
                    .collect();
                let chat = json!({
                    "id": group.id,
                    "type": group.kind,
                    "title": group.title.as_ref().unwrap_or(&group.name),
                    "is_forum": group.is_forum,
                    "members": members,
                    // It was there before the story: the bot is not to talk of it.
                    "quiet": true,
                });
                self.control.post("chats", &chat).await?;
            }
        }
        Ok(())
    }

    /// Waits until the bot has done as much in each chat as it should have before the event at
    /// `until`; `false`: it has not.
    async fn wait(&self, stage: &mut Stage<'_>, until: usize) -> Result<bool, PlayError> {
        let deadline = Instant::now() + self.patience;
        loop {
            self.look(stage).await?;
            if stage.is_abreast(until) {
                return Ok(true);
            }
            if Instant::now() > deadline {
                return Ok(false);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Fetches what has happened, and finds labels and names in it.
    async fn look(&self, stage: &mut Stage<'_>) -> Result<(), PlayError> {
        let path = format!("story?as=json&after={}", stage.since);
        let mut answer = self.control.get(&path).await?;
        stage.actual = read(&mut answer)?;
        diff::rename(&mut stage.actual, stage.story);
        stage.learn();
        Ok(())
    }

    /// The message that a line is about. It may still be on its way: an imported story says nothing
    /// of what the bot does, so nothing else was waited for.
    async fn target(
        &self,
        stage: &mut Stage<'_>,
        event: &Event,
        target: &Target,
    ) -> Result<i64, PlayError> {
        let deadline = Instant::now() + self.patience;
        loop {
            match stage.message(event, target) {
                Err(PlayError::Refused(_)) if Instant::now() < deadline => {
                    tokio::time::sleep(LOOK).await;
                    self.look(stage).await?;
                }
                found => return found,
            }
        }
    }

    async fn act(&self, stage: &mut Stage<'_>, event: &Event) -> Result<(), PlayError> {
        let from = stage.chat(&event.who)?;
        let raw = matches!(event.verb, Verb::Raw(_));
        let chat = if raw {
            0
        } else {
            stage.chat(&event.place.chat)?
        };
        match &event.verb {
            Verb::Raw(update) => self.control.post("raw", update).await.map(drop),
            Verb::Says { replies_to, body } => {
                let mut fields = json!({"from": from, "chat": chat});
                if let Some(name) = &event.place.thread {
                    fields["thread"] = json!(stage.topic(event, name)?);
                }
                if let Some(target) = replies_to {
                    fields["reply_to"] = json!(self.target(stage, event, target).await?);
                }
                let said = self.say(fields, body, &stage.names).await?;
                if let (Some(label), Some(id)) = (&event.label, said["message_id"].as_i64()) {
                    stage.labels.insert(label.clone(), id);
                }
                Ok(())
            }
            Verb::Edits { target, body } => {
                let id = self.target(stage, event, target).await?;
                let text = filled(&body.text, &stage.names);
                let edit = json!({"from": from, "chat": chat, "message_id": id, "text": text});
                self.control.post("edits", &edit).await.map(drop)
            }
            Verb::Presses {
                button,
                by_data,
                target,
                ..
            } => {
                let id = self.target(stage, event, target).await?;
                let mut press = json!({"from": from, "chat": chat, "message_id": id, "wait": 0});
                let caption = filled(button, &stage.names);
                if *by_data {
                    press["data"] = json!(caption);
                    press["force"] = json!(true);
                } else {
                    press["text"] = json!(caption);
                }
                self.control.post("clicks", &press).await.map(drop)
            }
            Verb::Reacts { target, emoji } => {
                let id = self.target(stage, event, target).await?;
                let mut reaction = json!({"from": from, "chat": chat, "message_id": id});
                if let Some(emoji) = emoji {
                    reaction["emoji"] = json!(emoji);
                }
                self.control.post("reactions", &reaction).await.map(drop)
            }
            Verb::Opens { topic, title } => {
                let opened = json!({"from": from, "chat": chat, "name": title});
                let opened = self.control.post("topics", &opened).await?;
                let id = opened["message_thread_id"].as_i64().unwrap_or_default();
                let place = (event.place.chat.clone(), topic.clone());
                stage.topics.insert(place, id);
                Ok(())
            }
            Verb::Joins => self.member(chat, from, "join", None).await,
            Verb::Leaves => self.member(chat, from, "leave", None).await,
            Verb::Adds(whom) | Verb::Removes(whom) => {
                let adds = matches!(event.verb, Verb::Adds(_));
                let whom = match whom.as_str() {
                    super::event::BOT => {
                        let bot = self.control.get("bot").await?;
                        bot["user"]["id"].as_i64().unwrap_or_default()
                    }
                    name => stage.chat(name)?,
                };
                let action = if adds { "join" } else { "leave" };
                self.member(chat, whom, action, Some(from)).await
            }
            Verb::Blocks | Verb::Unblocks => {
                let blocked = matches!(event.verb, Verb::Blocks);
                let block = json!({"user": from, "blocked": blocked});
                self.control.post("blocks", &block).await.map(drop)
            }
            Verb::Deletes(target) | Verb::Pins(target) => {
                let id = self.target(stage, event, target).await?;
                let what = json!({"from": from, "chat": chat, "message_id": id});
                let call = match &event.verb {
                    Verb::Pins(_) => "pins",
                    _ => "deletions",
                };
                self.control.post(call, &what).await.map(drop)
            }
        }
    }

    async fn say(&self, mut fields: Value, body: &Body, names: &Names) -> Result<Value, PlayError> {
        let text = filled(&body.text, names);
        let Some(file) = body.files.first() else {
            fields["text"] = json!(text);
            return self.control.post("messages", &fields).await;
        };
        if let Some((kind, shared)) = shared(file) {
            fields[kind] = shared;
            return self.control.post("messages", &fields).await;
        }
        if !text.is_empty() {
            fields["caption"] = json!(text);
        }
        let file = self.file(file).await;
        self.control.upload("messages", &fields, &file).await
    }

    /// The file of this name beside the story, or one that is as long.
    async fn file(&self, note: &FileNote) -> Upload {
        let name = note
            .name
            .clone()
            .unwrap_or_else(|| match note.kind.as_str() {
                "photo" => "photo.png".to_owned(),
                kind => kind.to_owned(),
            });
        let beside = match &self.folder {
            // A name, not a way to somewhere else.
            Some(folder) if !name.contains(['/', '\\']) && name != ".." => {
                tokio::fs::read(folder.join(&name)).await.ok()
            }
            _ => None,
        };
        let made_up = || match note.kind.as_str() {
            "photo" => PIXEL.to_vec(),
            _ => vec![b'x'; usize::try_from(note.bytes.unwrap_or(16)).unwrap_or(16)],
        };
        Upload {
            kind: note.kind.clone(),
            bytes: beside.unwrap_or_else(made_up),
            name,
        }
    }

    async fn member(
        &self,
        chat: i64,
        user: i64,
        action: &str,
        by: Option<i64>,
    ) -> Result<(), PlayError> {
        let mut member = json!({"chat": chat, "user": user, "action": action});
        if let Some(by) = by {
            member["by"] = json!(by);
        }
        self.control.post("members", &member).await.map(drop)
    }
}

/// A place (`52.5 13.4`) or a contact (`+49301 Desk`): what is no file.
fn shared(note: &FileNote) -> Option<(&str, Value)> {
    let (first, second) = note.about.as_deref()?.split_once(' ')?;
    let shared = match note.kind.as_str() {
        "location" => {
            let (latitude, longitude) = (first.parse::<f64>().ok()?, second.parse::<f64>().ok()?);
            json!({"latitude": latitude, "longitude": longitude})
        }
        "contact" => json!({"phone_number": first, "first_name": second}),
        _ => return None,
    };
    Some((&note.kind, shared))
}

fn read(answer: &mut Value) -> Result<Story, PlayError> {
    let story = serde_json::from_value(answer["story"].take());
    story.map_err(|reason| PlayError::Sandbox(reason.to_string()))
}

/// A PNG of one transparent pixel.
const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0,
    0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T',
    0x78, 0x9c, 0x63, 0, 1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E', b'N',
    b'D', 0xae, 0x42, 0x60, 0x82,
];
