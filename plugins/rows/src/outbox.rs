//! Messages to Telegram, written in the same transaction as the change that causes them.
//!
//! A row carries its method (a Bot API method name), its JSON payload and a key that makes writing
//! it twice harmless: an update that runs again after a crash finds its reply already there. The
//! row belongs to the instance that wrote it, which is handed the row in memory after commit;
//! polling the table is for recovery.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema::outbox;
use crate::{ChatId, DbError, InstanceId, Micros, OutboxId, PgConn, SqliteConn, UpdateId};

/// Which queue a message waits in: replies overtake notices, notices overtake bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum Lane {
    Reply = 0,
    Notice = 1,
    Bulk = 2,
}

impl Lane {
    pub fn from_i16(value: i16) -> Self {
        match value {
            0 => Self::Reply,
            1 => Self::Notice,
            _ => Self::Bulk,
        }
    }
}

/// `outbox.state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum OutboxState {
    Queued = 0,
    Sent = 1,
    Failed = 2,
}

/// A message to write into the outbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outgoing {
    /// Writing the same key again writes nothing: see [`Outgoing::reply_key`].
    pub dedup_key: String,
    /// Who wrote it: a plugin's name, or "core".
    pub plugin: String,
    pub chat_id: ChatId,
    /// A Bot API method, such as "SendMessage".
    pub method: String,
    pub payload: Value,
    pub lane: Lane,
    /// Not before this instant; `None` is at once.
    pub due_at: Option<Micros>,
}

impl Outgoing {
    /// The key of the n-th reply to an update: a re-run of the update finds the same key.
    pub fn reply_key(update: UpdateId, plugin: &str, ordinal: u32) -> String {
        format!("u:{update}:{plugin}:{ordinal}")
    }
}

/// A row that was just written or claimed, as the scheduler wants it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutboxRow {
    pub id: OutboxId,
    pub plugin: String,
    pub chat_id: ChatId,
    pub method: String,
    pub payload: Value,
    pub lane: Lane,
    pub due_at: Micros,
    pub attempts: i32,
    pub epoch: i32,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = outbox)]
struct NewRow {
    dedup_key: String,
    plugin: String,
    chat_id: i64,
    method: String,
    payload: String,
    lane: i16,
    state: i16,
    due_at: i64,
    attempts: i32,
    owner: Option<i64>,
    epoch: i32,
    created_at: i64,
}

impl NewRow {
    fn of(out: &Outgoing, owner: InstanceId) -> Result<Self, DbError> {
        let now = Micros::now();
        let due_at = out.due_at.unwrap_or(now);
        Ok(Self {
            dedup_key: out.dedup_key.clone(),
            plugin: out.plugin.clone(),
            chat_id: out.chat_id.0,
            method: out.method.clone(),
            payload: serde_json::to_string(&out.payload)?,
            lane: out.lane as i16,
            state: OutboxState::Queued as i16,
            due_at: due_at.0,
            attempts: 0,
            // What is due later belongs to nobody yet: whoever is there then sends it.
            owner: (due_at <= now).then_some(owner.0),
            epoch: 0,
            created_at: now.0,
        })
    }
}

/// Writing outbox rows on either connection; used inside [`transaction!`](crate::transaction).
#[async_trait::async_trait]
pub trait PutOutbox {
    /// Writes the message, or `None` when its key is already there.
    async fn put_outbox(
        &mut self,
        out: &Outgoing,
        owner: InstanceId,
    ) -> Result<Option<OutboxRow>, DbError>;
}

macro_rules! put_outbox {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl PutOutbox for $conn {
            async fn put_outbox(
                &mut self,
                out: &Outgoing,
                owner: InstanceId,
            ) -> Result<Option<OutboxRow>, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                let row = NewRow::of(out, owner)?;
                let due_at = Micros(row.due_at);
                let id: Option<i64> = diesel::insert_into(outbox::table)
                    .values(row)
                    .on_conflict(outbox::dedup_key)
                    .do_nothing()
                    .returning(outbox::id)
                    .get_result(self)
                    .await
                    .optional()?;
                Ok(id.map(|id| OutboxRow {
                    id: OutboxId(id),
                    plugin: out.plugin.clone(),
                    chat_id: out.chat_id,
                    method: out.method.clone(),
                    payload: out.payload.clone(),
                    lane: out.lane,
                    due_at,
                    attempts: 0,
                    epoch: 0,
                }))
            }
        }
    };
}
put_outbox!(SqliteConn);
put_outbox!(PgConn);
