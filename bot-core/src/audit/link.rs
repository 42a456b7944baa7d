//! What a link says, and how it is bound to its row and to the link before.

use vahta_rows::{Micros, UserId};

use super::Key;

/// A row of `audit_log`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    pub id: i64,
    /// `None`: the program itself, or somebody at its console.
    pub actor: Option<UserId>,
    /// "telegram", "web", "api", "cli", "plugin" or "core".
    pub source: String,
    pub action: String,
    pub object: String,
    /// JSON, as it was written.
    pub detail: String,
    pub correlation: String,
    pub at: Micros,
}

/// A row of `audit_chain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// 1, 2, 3 …
    pub position: i64,
    pub audit_id: i64,
    /// A keyed hash of the row's content: tells nothing of it once that is erased.
    pub payload: String,
    pub mac: String,
    pub linked_at: Micros,
}

/// What a row holds whose content was taken away; it has no actor.
pub(super) const BLANK_OBJECT: &str = "erased";
pub(super) const BLANK_DETAIL: &str = "{}";

impl AuditRow {
    pub(super) fn is_blank(&self) -> bool {
        self.actor.is_none() && self.object == BLANK_OBJECT && self.detail == BLANK_DETAIL
    }

    /// The keyed hash of everything in the row.
    pub fn payload(&self, key: &Key) -> String {
        let mut bytes = b"row".to_vec();
        bytes.extend(self.id.to_be_bytes());
        match self.actor {
            None => bytes.push(0),
            Some(actor) => {
                bytes.push(1);
                bytes.extend(actor.0.to_be_bytes());
            }
        }
        for text in [
            &self.source,
            &self.action,
            &self.object,
            &self.detail,
            &self.correlation,
        ] {
            text_into(&mut bytes, text);
        }
        bytes.extend(self.at.0.to_be_bytes());
        key.sign(&bytes)
    }
}

impl Link {
    /// The link of a row, behind `before`.
    pub fn after(before: Option<&Link>, row: &AuditRow, now: Micros, key: &Key) -> Self {
        let mut link = Self {
            position: before.map_or(0, |link| link.position) + 1,
            audit_id: row.id,
            payload: row.payload(key),
            mac: String::new(),
            linked_at: now,
        };
        link.mac = link.expected_mac(before.map_or("", |link| &link.mac), key);
        link
    }

    /// The MAC that this link has behind one with the MAC `before`, which is empty for the first.
    pub(super) fn expected_mac(&self, before: &str, key: &Key) -> String {
        let mut bytes = b"link".to_vec();
        bytes.extend(self.position.to_be_bytes());
        bytes.extend(self.audit_id.to_be_bytes());
        bytes.extend(self.linked_at.0.to_be_bytes());
        text_into(&mut bytes, &self.payload);
        text_into(&mut bytes, before);
        key.sign(&bytes)
    }
}

/// With its length, so that no two different rows give the same bytes.
fn text_into(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u64).to_be_bytes());
    bytes.extend(text.as_bytes());
}
