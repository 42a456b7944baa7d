//! What the journal writes.

use bytes::Bytes;
use tokio::sync::oneshot;
use vahta_rows::outbox::OutboxState;
use vahta_rows::{DbError, Micros, OutboxId, UpdateId};

use crate::flow::{Place, Sender};

/// `updates.state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum UpdateState {
    /// Stored, not finished.
    Open = 0,
    Done = 1,
    /// teloxide's types could not read it; the raw body is kept.
    Unparsed = 2,
    /// It crashed its handler three times; the raw body is kept for a retry.
    Parked = 3,
}

/// An update as it arrived.
#[derive(Debug, Clone)]
pub struct RawUpdate {
    pub id: UpdateId,
    /// The chat (or, without one, the person) within which order is kept.
    pub chat_key: i64,
    /// The Bot API's name of the update's kind, such as "message".
    pub kind: String,
    pub raw: Bytes,
    pub received_at: Micros,
}

/// The answer to a store.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Whether each update of the batch was new, in the batch's order.
    pub fresh: Vec<bool>,
    /// `access.version` as of the same transaction: no second round trip to notice a change.
    pub access_version: i64,
}

pub(super) struct Store {
    pub(super) updates: Vec<RawUpdate>,
    pub(super) answer: oneshot::Sender<Result<Stored, DbError>>,
}

/// What must be written, now or later.
#[derive(Debug, Clone)]
pub enum Mark {
    Update(Finished),
    Outbox(OutboxMark),
}

/// How an update ended.
#[derive(Debug, Clone)]
pub struct Finished {
    pub id: UpdateId,
    pub state: UpdateState,
    pub error: Option<String>,
    pub at: Micros,
}

/// What became of an outbox row; written only while its epoch is still `epoch`.
#[derive(Debug, Clone)]
pub struct OutboxMark {
    pub id: OutboxId,
    pub epoch: i32,
    pub state: OutboxState,
    pub attempts: i32,
    /// The next try, for a row that stays queued.
    pub due_at: Micros,
    pub message_id: Option<i64>,
    pub error: Option<String>,
    pub at: Micros,
}

pub(super) enum Log {
    Message(MessageLog),
    Api(ApiLog),
    Seen(Seen),
}

/// One message in either direction.
#[derive(Debug, Clone)]
pub struct MessageLog {
    pub outgoing: bool,
    pub chat_id: i64,
    pub telegram_id: Option<i64>,
    pub message_id: Option<i64>,
    pub update_id: Option<i64>,
    /// "message", "edited_message", "callback_query", or the method of an outgoing one.
    pub kind: String,
    pub text: Option<String>,
    /// Further facts as JSON.
    pub meta: Option<String>,
    pub at: Micros,
}

/// One call to Telegram.
#[derive(Debug, Clone)]
pub struct ApiLog {
    pub method: String,
    pub chat_id: Option<i64>,
    pub plugin: String,
    pub lane: i16,
    /// HTTP status, or 0 when there was none.
    pub status: i32,
    pub error: Option<String>,
    pub attempt: i32,
    /// In the scheduler's queue.
    pub waited_us: i64,
    /// From request to answer.
    pub elapsed_us: i64,
    pub at: Micros,
}

/// Somebody was there: keeps names and `last_seen` current.
#[derive(Debug, Clone)]
pub struct Seen {
    pub sender: Option<Sender>,
    pub place: Option<Place>,
    pub at: Micros,
}
