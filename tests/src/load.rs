//! Many messages at once, and what must hold afterwards.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

use crate::Stage;
use crate::sandbox::Message;
use crate::stage::ADA;

/// Ids of the people of a crowd begin here.
const FIRST: i64 = 5001;

/// People who write `/task <number>`, each in a private chat of their own.
#[derive(Debug, Clone)]
pub struct Crowd {
    chats: Vec<i64>,
    /// Titles by chat, in the order in which they were written.
    written: BTreeMap<i64, Vec<String>>,
    next: usize,
}

/// What became of a crowd's messages.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Answers beyond the first to a message.
    pub repeats: usize,
    /// Messages that were answered by a card.
    pub tasks: usize,
    /// Messages that were told that the plugin is away.
    pub turned_away: usize,
    /// First answers that came after an answer to a later message of the chat.
    pub overtaken: usize,
}

impl Stage {
    /// Lets this many people in, and nobody writes too much. Call before the bot starts.
    pub async fn with_crowd(self, people: usize) -> Result<(Self, Crowd)> {
        let chats: Vec<i64> = (FIRST..).take(people).collect();
        for id in &chats {
            self.control.add_person(*id, &format!("Crowd{id}")).await?;
        }
        let ids: Vec<String> = [ADA]
            .iter()
            .chain(&chats)
            .map(ToString::to_string)
            .collect();
        let stage = self
            .with("VAHTA_ADMINS", ids.join(","))
            .without_inbound_limits();
        Ok((
            stage,
            Crowd {
                chats,
                written: BTreeMap::new(),
                next: 0,
            },
        ))
    }
}

impl Crowd {
    pub fn chats(&self) -> &[i64] {
        &self.chats
    }

    pub fn count(&self) -> usize {
        self.written.values().map(Vec::len).sum()
    }

    /// Writes so many messages, round the chats, one batch of a round after another.
    pub async fn writes(&mut self, stage: &Stage, messages: usize, pause: Duration) -> Result<()> {
        let mut left = messages;
        while left > 0 {
            let batch: Vec<Value> = (0..left.min(self.chats.len()))
                .map(|_| self.message())
                .collect();
            left -= batch.len();
            stage.control.post("messages", Value::Array(batch)).await?;
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }

    fn message(&mut self) -> Value {
        let chat = self.chats[self.next % self.chats.len()];
        let title = format!("N{}", self.next);
        self.next += 1;
        let message = json!({"from": chat, "chat": chat, "text": format!("/task {title}")});
        self.written.entry(chat).or_default().push(title);
        message
    }

    /// Every message has exactly one answer or more, and exactly one task if the answer is a card;
    /// tasks are in the order of the messages of their chat.
    ///
    /// # Errors
    /// The first chat where that does not hold.
    pub async fn check(&self, stage: &Stage) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        for (chat, written) in &self.written {
            let sql =
                format!("SELECT title AS text FROM task_tasks WHERE chat_id = {chat} ORDER BY id");
            let tasks = stage.database.texts(&sql).await?;
            let messages = stage.person(*chat).messages().await?;
            let cards: Vec<&str> = messages
                .iter()
                .filter(|message| message.is_bots)
                .filter_map(|message| message.text.strip_prefix("⬜ #")?.split_once(' '))
                .map(|(_, title)| title)
                .collect();
            let away = messages
                .iter()
                .filter(|message| {
                    message.is_bots && message.text.contains("switched off or not well")
                })
                .count();
            ensure!(
                is_subsequence(&tasks, written),
                "chat {chat}: tasks are lost, doubled or out of order:\n  written {written:?}\n  tasks   {tasks:?}"
            );
            if tasks.len() + away < written.len() {
                let shown: Vec<String> = messages.iter().map(Message::line).collect();
                let faults =
                    "SELECT id || ': ' || error AS text FROM updates WHERE error IS NOT NULL";
                bail!(
                    "chat {chat}: {} messages, {} tasks, {away} turned away; faults of updates: {:?}; \
                     the chat shows:\n{}",
                    written.len(),
                    tasks.len(),
                    stage.database.texts(faults).await?,
                    shown.join("\n")
                );
            }
            for title in &tasks {
                let answers = cards.iter().filter(|card| *card == title).count();
                ensure!(
                    answers > 0,
                    "chat {chat}: no answer to {title}; there are {cards:?}"
                );
                outcome.repeats += answers - 1;
            }
            outcome.tasks += tasks.len();
            outcome.turned_away += away;
            outcome.overtaken += overtaken(&cards, written);
        }
        Ok(outcome)
    }
}

fn is_subsequence(part: &[String], whole: &[String]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|wanted| rest.any(|there| there == wanted))
}

fn overtaken(cards: &[&str], written: &[String]) -> usize {
    let mut latest = 0;
    let mut seen = Vec::new();
    let mut overtaken = 0;
    for card in cards {
        let place = written.iter().position(|title| title == card).unwrap_or(0);
        if !seen.contains(&place) {
            seen.push(place);
            overtaken += usize::from(place < latest);
            latest = latest.max(place);
        }
    }
    overtaken
}

/// How often outbox rows changed hands: each time, a message of a dead run may have been sent
/// twice. Rows begin at epoch 0, in the hands of whoever wrote them.
///
/// # Errors
/// If the database does not answer.
pub async fn in_doubt(stage: &Stage) -> Result<i64> {
    let sql = "SELECT CAST(COALESCE(sum(epoch), 0) AS BIGINT) AS number FROM outbox";
    stage.database.number(sql).await
}
