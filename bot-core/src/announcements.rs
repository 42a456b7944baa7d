//! Announcements: one text to everybody, to a role or to a group.
//!
//! A draft is shown before it is sent. Sending is one transaction: the draft becomes sent (compare
//! and set) and the outbox gets a row for each chat, in the lane that gives way to everything else.
//! How many have it is counted from those rows, so there is no second truth.

mod rows;
mod target;

use std::time::Duration;

use serde_json::json;
use vahta_rows::events::{Event, PutEvent as _};
use vahta_rows::outbox::{Lane, OutboxRow, Outgoing, PutOutbox as _};
use vahta_rows::{ChatId, Db, DbError, Micros, UserId, transaction, with_db};

use self::rows::AnnouncementRows as _;
pub use self::target::{NoTarget, Target};
use crate::access::{Act, By, RecordAct as _, Snapshot};

/// Telegram's limit of a message. Source: Bot API, sendMessage.
pub const LONGEST: usize = 4096;
/// A draft that is older was forgotten.
const DRAFT: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Draft,
    Sent,
    Dropped,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    pub id: i64,
    pub target: Target,
    pub text: String,
    pub state: State,
    pub created_by: Option<UserId>,
    pub created_at: Micros,
    pub sent_at: Option<Micros>,
    pub counts: Counts,
}

/// What became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Chats that it was sent to.
    pub total: i64,
    pub delivered: i64,
    pub failed: i64,
}

impl Counts {
    pub fn waiting(&self) -> i64 {
        (self.total - self.delivered - self.failed).max(0)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    #[error("the text is empty")]
    Empty,
    #[error("the text has {0} characters; a message holds {LONGEST}")]
    TooLong(usize),
    #[error("nobody would get it")]
    Nobody,
    /// Sent, dropped or too old.
    #[error("it is no draft any more")]
    NoDraft,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The text as it would be sent.
fn checked(text: &str) -> Result<&str, AnnounceError> {
    let text = text.trim();
    let length = text.encode_utf16().count();
    match length {
        0 => Err(AnnounceError::Empty),
        _ if length > LONGEST => Err(AnnounceError::TooLong(length)),
        _ => Ok(text),
    }
}

/// Keeps a draft; answers its id.
pub async fn draft(
    db: &Db,
    target: &Target,
    text: &str,
    by: &By,
    snapshot: &Snapshot,
) -> Result<i64, AnnounceError> {
    let text = checked(text)?;
    let now = Micros::now();
    if target.chats(snapshot, now).is_empty() {
        return Err(AnnounceError::Nobody);
    }
    let target = target.to_string();
    Ok(transaction!(db, c => c.put_draft(&target, text, by.user, now).await)?)
}

/// Sends a draft, once: to whoever belongs to its target now.
pub async fn send(
    db: &Db,
    id: i64,
    by: &By,
    snapshot: &Snapshot,
) -> Result<Vec<OutboxRow>, AnnounceError> {
    let draft = get(db, id).await?.ok_or(AnnounceError::NoDraft)?;
    let now = Micros::now();
    let chats = draft.target.chats(snapshot, now);
    if chats.is_empty() {
        return Err(AnnounceError::Nobody);
    }
    let act = Act {
        action: "announcement.send",
        object: format!("announcement:{id}"),
        detail: json!({
            "target": draft.target.to_string(), "chats": chats.len(), "text": draft.text,
        }),
    };
    let sent = transaction!(db, c => {
        let total = i64::try_from(chats.len()).unwrap_or(i64::MAX);
        if !c.take_draft(id, total, now, now.minus(DRAFT)).await? {
            return Ok(None);
        }
        let mut rows = Vec::with_capacity(chats.len());
        for chat in &chats {
            let out = outgoing(id, *chat, &draft.text);
            if let Some(row) = c.put_outbox(&out, by.instance).await? {
                c.put_message(id, row.id).await?;
                rows.push(row);
            }
        }
        c.put_event(&changed(id)).await?;
        c.audit(by, &act).await?;
        Ok(Some(rows))
    })?;
    sent.ok_or(AnnounceError::NoDraft)
}

/// Throws a draft away; false when it is none any more.
pub async fn drop_draft(db: &Db, id: i64) -> Result<bool, DbError> {
    transaction!(db, c => {
        let dropped = c.drop_draft(id).await?;
        if dropped {
            c.put_event(&changed(id)).await?;
        }
        Ok(dropped)
    })
}

pub async fn get(db: &Db, id: i64) -> Result<Option<Announcement>, DbError> {
    let row = with_db!(db, c => c.announcement(id).await)?;
    match row {
        Some(row) => Ok(Some(counted(db, row).await?)),
        None => Ok(None),
    }
}

/// The newest first, below `before`, without what was dropped; one more than `size` when there are
/// more.
pub async fn list(db: &Db, before: Option<i64>, size: i64) -> Result<Vec<Announcement>, DbError> {
    let rows = with_db!(db, c => c.announcements(before, size + 1).await)?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        all.push(counted(db, row).await?);
    }
    Ok(all)
}

/// Writes down the counts of those that have come to their end, before the outbox forgets them.
pub async fn settle(db: &Db) -> Result<(), DbError> {
    for row in with_db!(db, c => c.unsettled().await)? {
        counted(db, row).await?;
    }
    Ok(())
}

/// With what became of it; kept for good as soon as nothing waits.
async fn counted(db: &Db, row: rows::Row) -> Result<Announcement, DbError> {
    let mut found = Announcement::from(row.clone());
    if found.state != State::Sent || row.delivered.is_some() {
        return Ok(found);
    }
    let (delivered, failed) = with_db!(db, c => c.count_announced(row.id).await)?;
    found.counts = Counts {
        total: row.total,
        delivered,
        failed,
    };
    if found.counts.waiting() == 0 {
        transaction!(db, c => c.keep_counts(row.id, delivered, failed).await)?;
    }
    Ok(found)
}

fn outgoing(id: i64, chat: ChatId, text: &str) -> Outgoing {
    Outgoing {
        dedup_key: format!("announce:{id}:{chat}"),
        plugin: "core".into(),
        chat_id: chat,
        method: "SendMessage".into(),
        payload: json!({ "chat_id": chat.0, "text": text }),
        lane: Lane::Bulk,
        due_at: None,
    }
}

fn changed(id: i64) -> Event {
    Event {
        topic: "announcement.changed".into(),
        object: format!("announcement:{id}"),
        payload: json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_measured_as_telegram_does() {
        assert!(matches!(checked(" \n "), Err(AnnounceError::Empty)));
        assert_eq!(checked(" hello \n").ok(), Some("hello"));
        assert!(checked(&"x".repeat(LONGEST)).is_ok());
        // Two units of UTF-16 each.
        let notes = "𝄞".repeat(LONGEST / 2 + 1);
        assert!(matches!(checked(&notes), Err(AnnounceError::TooLong(4098))));
    }
}
