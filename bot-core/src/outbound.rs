//! Every call to Telegram goes through here: queued per chat, by lane, within Telegram's limits.
//!
//! Order within a chat is kept; a chat that must wait (its limit, `retry_after`) does not delay
//! another. Replies overtake notices, notices overtake bulk. Failures are classified once, in
//! [`failure`], and every call lands in `api_logs`.

mod attach;
mod client;
pub mod failure;
mod pace;
mod queue;
mod scheduler;
mod split;
mod trace;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};
use vahta_rows::ChatId;
use vahta_rows::outbox::{Lane, OutboxRow};

pub use client::Client;
pub use failure::CallError;
use failure::Verdict;

use crate::closed_chats::ClosedChats;
use crate::config::OutboundProfile;
use crate::storage::journal::Journal;

/// One call to the Bot API.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method's name, such as "SendMessage"; Telegram ignores its case.
    pub method: Cow<'static, str>,
    pub payload: Payload,
    /// The chat whose order and limits it keeps; `None` for calls without one.
    pub chat: Option<ChatId>,
    pub lane: Lane,
    /// Who asked: "core" or a plugin's name.
    pub origin: Arc<str>,
    /// The text holds a one-time link or another secret: logged without it.
    pub secret: bool,
}

impl Call {
    /// A reply of the core; the chat is the payload's.
    pub fn reply(method: &'static str, payload: Value) -> Self {
        let chat = payload.get("chat_id").and_then(Value::as_i64).map(ChatId);
        Self {
            method: Cow::Borrowed(method),
            payload: Payload::Json(payload),
            chat,
            lane: Lane::Reply,
            origin: "core".into(),
            secret: false,
        }
    }

    pub fn lane(self, lane: Lane) -> Self {
        Self { lane, ..self }
    }

    pub fn secret(self) -> Self {
        Self {
            secret: true,
            ..self
        }
    }
}

/// A call's parameters.
#[derive(Debug, Clone)]
pub enum Payload {
    Json(Value),
    /// JSON that somebody else has written already.
    Raw(bytes::Bytes),
}

impl From<Value> for Payload {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

/// The `result` of a successful call, not parsed further.
pub type Answer = Box<RawValue>;

/// Calls between their callers and the scheduler; then callers wait, and durable rows stay in
/// their table.
const WAITING: usize = 16_384;

/// The handle that everyone has; cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    requests: mpsc::Sender<scheduler::Event>,
    stats: Arc<Stats>,
    closed: ClosedChats,
}

/// What the scheduler did so far.
#[derive(Debug, Default)]
pub struct Stats {
    pub calls: AtomicU64,
    pub failed: AtomicU64,
    pub retried: AtomicU64,
    pub flooded: AtomicU64,
    pub queued: AtomicU64,
    /// Sends repeated although the first try may have arrived.
    pub in_doubt: AtomicU64,
}

/// The id of the message that a call made or changed, if its answer is a `Message`.
pub fn message_id(answer: &RawValue) -> Option<i64> {
    #[derive(serde::Deserialize)]
    struct Message {
        message_id: i64,
    }
    serde_json::from_str::<Message>(answer.get())
        .ok()
        .map(|message| message.message_id)
}

/// How a durable message ended; the outbox runner writes it down.
#[derive(Debug)]
pub struct Delivery {
    pub row: OutboxRow,
    pub attempts: i32,
    pub result: Result<Answer, CallError>,
}

impl Outbound {
    /// Starts the scheduler task. `delivered` hears the end of every outbox row.
    pub fn start(
        client: Client,
        profile: OutboundProfile,
        closed: ClosedChats,
        journal: Journal,
        delivered: mpsc::Sender<Delivery>,
    ) -> Self {
        let (requests, events) = mpsc::channel(WAITING);
        let stats = Arc::new(Stats::default());
        let scheduler = scheduler::Scheduler::new(
            client,
            profile,
            closed.clone(),
            journal,
            delivered,
            requests.clone(),
            stats.clone(),
        );
        tokio::spawn(scheduler.run(events));
        Self {
            requests,
            stats,
            closed,
        }
    }

    /// Chats that cannot be written to.
    pub fn closed(&self) -> &ClosedChats {
        &self.closed
    }

    /// Sends a call when its turn comes and waits for the answer. Texts over Telegram's limit are
    /// split first; the answer is that of the last part.
    pub async fn call(&self, call: Call) -> Result<Answer, CallError> {
        let mut parts = split::parts(call).into_iter().peekable();
        while let Some(part) = parts.next() {
            let answer = self.call_one(part).await?;
            if parts.peek().is_none() {
                return Ok(answer);
            }
        }
        Err(CallError::Stopped)
    }

    async fn call_one(&self, call: Call) -> Result<Answer, CallError> {
        let (reply, answered) = oneshot::channel();
        let chat = call.chat.filter(|_| pace::is_counted(&call.method));
        let job = scheduler::Job::new(call, 0, scheduler::End::Caller(reply));
        self.stats.queued.fetch_add(1, Ordering::Relaxed);
        // A dropped job answers its caller with `Stopped`.
        let _ = self.requests.send(scheduler::Event::Queue(vec![job])).await;
        let answer = answered.await.unwrap_or(Err(CallError::Stopped));
        if let (Some(chat), Err(error)) = (chat, &answer)
            && error.verdict() == Verdict::DisableChat
            && let Err(error) = self.closed.close(chat, &error.to_string()).await
        {
            tracing::warn!(%error, %chat, "a chat could not be disabled");
        }
        answer
    }

    /// Queues a durable message; its end is told to the outbox runner. `false` when there is no
    /// room: the row stays in its table.
    pub fn deliver(&self, row: OutboxRow) -> bool {
        let call = Call {
            method: Cow::Owned(row.method.clone()),
            payload: Payload::Json(row.payload.clone()),
            chat: Some(row.chat_id),
            lane: row.lane,
            origin: row.plugin.as_str().into(),
            secret: false,
        };
        let attempt = row.attempts;
        let mut parts = split::parts(call);
        // Only the last part ends the row; the ones before it keep its place in the chat.
        let last = parts.pop();
        let shared = scheduler::Parts::default();
        let mut jobs: Vec<_> = parts
            .into_iter()
            .map(|call| scheduler::Job::new(call, attempt, scheduler::End::Part(shared.clone())))
            .collect();
        let end = scheduler::End::Outbox {
            row: Box::new(row),
            parts: shared.clone(),
        };
        jobs.extend(last.map(|call| scheduler::Job::new(call, attempt, end)));
        let count = jobs.len() as u64;
        let taken = self
            .requests
            .try_send(scheduler::Event::Queue(jobs))
            .is_ok();
        if taken {
            self.stats.queued.fetch_add(count, Ordering::Relaxed);
        }
        taken
    }

    /// Waits until nothing is queued or under way, at most `patience`.
    pub async fn settle(&self, patience: Duration) {
        let end = Instant::now() + patience;
        while self.stats.queued.load(Ordering::Relaxed) > 0 && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub fn stats(&self) -> &Stats {
        &self.stats
    }
}
