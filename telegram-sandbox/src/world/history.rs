//! What a chat shows: its messages by id, and the order in which they last changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::types::Message;

/// Messages and deletions kept per chat; the oldest are forgotten.
const KEPT: usize = 10_000;

#[derive(Debug)]
pub(crate) struct History {
    next_id: i64,
    /// With the change counter of each message's last change.
    messages: BTreeMap<i64, (u64, Arc<Message>)>,
    /// Change counter → id of a message that is there.
    changes: BTreeMap<u64, i64>,
    /// Change counter → id of a message that was deleted. Bounded by itself: deletions must not
    /// push out what is there.
    deleted: BTreeMap<u64, i64>,
}

/// What changed in a chat after some value of the counter, oldest change first.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) messages: Vec<Arc<Message>>,
    pub(crate) deleted: Vec<i64>,
}

impl History {
    pub(crate) fn new(first_id: i64) -> Self {
        Self {
            next_id: first_id,
            messages: BTreeMap::new(),
            changes: BTreeMap::new(),
            deleted: BTreeMap::new(),
        }
    }

    /// Moves the ids forward; never back.
    pub(crate) fn start_at(&mut self, first_id: i64) {
        self.next_id = self.next_id.max(first_id);
    }

    pub(crate) fn next_id(&self) -> i64 {
        self.next_id
    }

    pub(crate) fn take_id(&mut self) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// Shows a message, new or changed.
    pub(crate) fn put(&mut self, cursor: u64, message: Arc<Message>) {
        let id = message.message_id;
        if let Some((before, _)) = self.messages.insert(id, (cursor, message)) {
            self.changes.remove(&before);
        }
        self.changes.insert(cursor, id);
        while self.changes.len() > KEPT {
            if let Some((_, oldest)) = self.changes.pop_first() {
                self.messages.remove(&oldest);
            }
        }
    }

    pub(crate) fn remove(&mut self, cursor: u64, id: i64) -> Option<Arc<Message>> {
        let (before, message) = self.messages.remove(&id)?;
        self.changes.remove(&before);
        self.deleted.insert(cursor, id);
        while self.deleted.len() > KEPT {
            self.deleted.pop_first();
        }
        Some(message)
    }

    pub(crate) fn get(&self, id: i64) -> Option<&Arc<Message>> {
        self.messages.get(&id).map(|(_, message)| message)
    }

    /// Whether anything changed after `cursor`; cheap enough to ask for every chat.
    pub(crate) fn changed_after(&self, cursor: u64) -> bool {
        let last = |of: &BTreeMap<u64, i64>| of.last_key_value().map(|(last, _)| *last);
        last(&self.changes).max(last(&self.deleted)) > Some(cursor)
    }

    pub(crate) fn after(&self, cursor: u64) -> Changes {
        let after = || cursor.saturating_add(1)..;
        let changed = self.changes.range(after());
        let deleted = self.deleted.range(after());
        Changes {
            messages: changed
                .filter_map(|(_, id)| self.get(*id).cloned())
                .collect(),
            deleted: deleted.map(|(_, id)| *id).collect(),
        }
    }

    /// The newest `most` messages below the id `before`, oldest first.
    pub(crate) fn before(&self, before: i64, most: usize) -> Vec<Arc<Message>> {
        let older = self.messages.range(..before).rev().take(most);
        let mut older: Vec<_> = older.map(|(_, (_, message))| message.clone()).collect();
        older.reverse();
        older
    }

    /// The newest message, for lists of chats.
    pub(crate) fn latest(&self) -> Option<&Arc<Message>> {
        self.messages
            .last_key_value()
            .map(|(_, (_, message))| message)
    }
}
