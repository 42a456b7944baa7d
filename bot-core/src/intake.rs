//! Raw updates in: fetched or posted, stored in one transaction, and only then acknowledged.

mod envelope;
pub mod polling;
pub mod webhook;

use std::time::Instant;

use bytes::Bytes;
use serde_json::value::RawValue;
use vahta_rows::{DbError, Micros, UpdateId};

pub use envelope::{Envelope, EnvelopeError};

use crate::access::Access;
use crate::dispatch::Dispatcher;
use crate::dispatch::Waiting;
use crate::storage::journal::{Journal, RawUpdate};

/// Every kind that the core or a plugin can use; `chat_member` is only sent when asked for.
pub const ALLOWED_UPDATES: &[&str] = &[
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "message_reaction",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
];

/// Stores batches and hands them to the dispatcher; cheap to clone.
#[derive(Clone)]
pub struct Intake {
    pub(crate) journal: Journal,
    pub(crate) access: Access,
    pub(crate) dispatcher: Dispatcher,
}

impl Intake {
    /// Stores a batch; when this returns `Ok` it may be acknowledged, up to the highest id, which is
    /// the answer. Updates that were handled before (Telegram repeats what was not acknowledged) are
    /// not handled again.
    pub async fn accept(&self, batch: &[&RawValue]) -> Result<Option<UpdateId>, DbError> {
        let received = Instant::now();
        let rows: Vec<RawUpdate> = batch.iter().filter_map(|raw| row(raw)).collect();
        let Some(last) = rows.iter().map(|row| row.id).max() else {
            return Ok(None);
        };
        let stored = self.journal.store(rows.clone()).await?;
        self.access.see_version(stored.access_version).await?;
        for (row, fresh) in rows.into_iter().zip(stored.fresh) {
            if fresh {
                self.dispatcher.accept(Waiting::fresh(row, received));
            } else {
                // Stored before, but was it ever taken up? Its first answer may have been lost.
                self.dispatcher.look_again(row.chat_key, row.id);
            }
        }
        Ok(Some(last))
    }
}

/// An update without an `update_id` cannot be acknowledged or kept apart from others; Telegram
/// never sends one, so it is logged and passed over.
fn row(raw: &RawValue) -> Option<RawUpdate> {
    match Envelope::read(raw.get().as_bytes()) {
        Ok(envelope) => Some(RawUpdate {
            id: envelope.id,
            chat_key: envelope.chat_key,
            kind: envelope.kind,
            raw: Bytes::copy_from_slice(raw.get().as_bytes()),
            received_at: Micros::now(),
        }),
        Err(error) => {
            tracing::warn!(%error, "not an update");
            None
        }
    }
}
