//! Who writes, presses and reads.
//!
//! A person reads on from their own last act: what was in the chat before they wrote or pressed is
//! no answer to it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::Stage;
use crate::sandbox::Message;

/// How long somebody waits for an answer before the story is given up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody in a chat; cheap to make.
#[derive(Clone, Copy)]
pub struct Person<'a> {
    stage: &'a Stage,
    pub id: i64,
    pub chat: i64,
}

impl<'a> Person<'a> {
    pub(crate) fn new(stage: &'a Stage, id: i64) -> Self {
        Self {
            stage,
            id,
            chat: id,
        }
    }

    /// The same person, in another chat.
    pub fn in_chat(self, chat: i64) -> Self {
        Self { chat, ..self }
    }

    /// Reads on from here: what the chat holds so far is no answer.
    pub async fn reads_on(&self) -> Result<()> {
        self.stage.mark(self.chat).await
    }

    /// Writes; answers the message.
    pub async fn says(&self, text: &str) -> Result<Message> {
        self.writes(json!({"from": self.id, "chat": self.chat, "text": text}))
            .await
    }

    /// Writes as an answer to a message.
    pub async fn replies(&self, to: &Message, text: &str) -> Result<Message> {
        self.writes(json!({"from": self.id, "chat": self.chat, "text": text, "reply_to": to.id}))
            .await
    }

    /// Sends a file: `kind` is the Bot API's field, such as `document`; `more` may name a caption or
    /// an album.
    pub async fn sends(
        &self,
        kind: &str,
        name: &str,
        bytes: &[u8],
        more: Value,
    ) -> Result<Message> {
        self.stage.mark(self.chat).await?;
        let mut fields = more;
        fields["from"] = json!(self.id);
        fields["chat"] = json!(self.chat);
        let control = &self.stage.control;
        let sent = control.upload("messages", &fields, kind, name, bytes);
        Ok(Message::read(&sent.await?))
    }

    async fn writes(&self, message: Value) -> Result<Message> {
        self.stage.mark(self.chat).await?;
        Ok(Message::read(
            &self.stage.control.post("messages", message).await?,
        ))
    }

    /// Presses the newest button with this caption (or one that contains it); answers what the
    /// bot's answer shows.
    pub async fn presses(&self, caption: &str) -> Result<String> {
        let message = self.finds_button(caption).await?;
        self.presses_on(&message, caption).await
    }

    /// The newest message with such a button; waits for one.
    pub async fn finds_button(&self, caption: &str) -> Result<Message> {
        let until = Instant::now() + PATIENCE;
        loop {
            let (messages, cursor) = self
                .stage
                .control
                .changes(self.chat, 0, Duration::ZERO)
                .await?;
            if let Some(found) = messages.iter().rev().find(|m| m.button(caption).is_some()) {
                return Ok(found.clone());
            }
            if Instant::now() > until {
                let chat = self.shown().await?;
                bail!(
                    "{} wants to press “{caption}”; the chat shows:\n{chat}",
                    self.id
                );
            }
            self.stage
                .control
                .changes(self.chat, cursor, Duration::from_secs(1))
                .await?;
        }
    }

    pub async fn presses_on(&self, message: &Message, caption: &str) -> Result<String> {
        let (_, data) = message
            .button(caption)
            .with_context(|| format!("no button “{caption}” on:\n{}", message.line()))?;
        self.presses_data(message, data).await
    }

    /// Presses by data, which need not be on the keyboard: a forged press.
    pub async fn presses_data(&self, message: &Message, data: &str) -> Result<String> {
        self.stage.mark(self.chat).await?;
        let press = json!({
            "from": self.id, "chat": self.chat, "message_id": message.id, "data": data, "force": true,
        });
        let shown = self.stage.control.post("clicks", press).await?;
        Ok(shown["text"].as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the bot has said, or a message of its now says, something with this text.
    pub async fn sees(&self, text: &str) -> Result<Message> {
        self.sees_where(&format!("“{text}”"), |message| {
            message.text.contains(text)
        })
        .await
    }

    /// Writes, and waits for the first answer.
    pub async fn asks(&self, text: &str) -> Result<Message> {
        self.says(text).await?;
        self.sees_where(&format!("an answer to {text}"), |_| true)
            .await
    }

    pub async fn sees_where(&self, what: &str, fits: impl Fn(&Message) -> bool) -> Result<Message> {
        let mark = self.stage.marked(self.chat);
        let until = Instant::now() + PATIENCE;
        let mut after = mark;
        loop {
            let step = Duration::from_secs(2);
            let (messages, cursor) = self.stage.control.changes(self.chat, after, step).await?;
            if let Some(found) = messages.into_iter().find(|m| m.is_bots && fits(m)) {
                return Ok(found);
            }
            if Instant::now() > until {
                let chat = self.shown().await?;
                bail!(
                    "{} waited {} s for {what} in chat {}; it shows:\n{chat}",
                    self.id,
                    PATIENCE.as_secs(),
                    self.chat
                );
            }
            after = cursor;
        }
    }

    /// Waits until the bot has nothing left to do; it must not have said a word here meanwhile.
    pub async fn sees_nothing(&self) -> Result<()> {
        self.stage.idle().await?;
        let said = self.answers().await?;
        if said.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = said.iter().map(Message::line).collect();
        bail!(
            "{} should get no answer in chat {}; there is:\n{}",
            self.id,
            self.chat,
            lines.join("\n")
        )
    }

    /// What the bot said or changed here since this chat's last act.
    pub async fn answers(&self) -> Result<Vec<Message>> {
        let mark = self.stage.marked(self.chat);
        let (messages, _) = self
            .stage
            .control
            .changes(self.chat, mark, Duration::ZERO)
            .await?;
        Ok(messages
            .into_iter()
            .filter(|message| message.is_bots)
            .collect())
    }

    /// The newest message of the chat, whoever wrote it.
    pub async fn last_message(&self) -> Result<Message> {
        let (messages, _) = self
            .stage
            .control
            .changes(self.chat, 0, Duration::ZERO)
            .await?;
        messages
            .into_iter()
            .max_by_key(|message| message.id)
            .context("the chat is empty")
    }

    /// Everything the chat holds.
    pub async fn messages(&self) -> Result<Vec<Message>> {
        let (mut messages, _) = self
            .stage
            .control
            .changes(self.chat, 0, Duration::ZERO)
            .await?;
        messages.sort_by_key(|message| message.id);
        Ok(messages)
    }

    async fn shown(&self) -> Result<String> {
        let messages = self.messages().await?;
        let skipped = messages.len().saturating_sub(12);
        let lines: Vec<String> = messages.iter().skip(skipped).map(Message::line).collect();
        Ok(lines.join("\n"))
    }
}
