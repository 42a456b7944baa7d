//! Reactions to messages: by whom, and what the bot hears of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::State;
use crate::types::{ReactionChange, Update};

/// Reactions of a chat by message, then by who reacted.
pub(crate) type Reactions = BTreeMap<i64, BTreeMap<i64, Vec<Value>>>;

impl State {
    /// Sets somebody's reactions to a message; an empty list takes them away. The bot hears of
    /// others' if it asked for `message_reaction`.
    pub(crate) fn react(&mut self, chat_id: i64, message_id: i64, by: i64, new: Vec<Value>) {
        let date = self.now();
        let cursor = self.touch();
        let user = self.user(by);
        let Some(chat) = self.chats.get_mut(&chat_id) else {
            return;
        };
        let of_message = chat.reactions.entry(message_id).or_default();
        let old = of_message.remove(&by).unwrap_or_default();
        if !new.is_empty() {
            of_message.insert(by, new.clone());
        }
        if of_message.is_empty() {
            chat.reactions.remove(&message_id);
        }
        if let Some(message) = chat.history.get(message_id).cloned() {
            // Shown anew, so that whoever watches the chat looks again.
            chat.history.put(cursor, message);
        }
        chat.changed.notify_waiters();
        let head = chat.head.clone();
        self.signals.changes.notify_waiters();
        let Some(user) = user.filter(|_| !self.is_bot(by)) else {
            return;
        };
        let change = Update::MessageReaction(ReactionChange {
            chat: head,
            message_id,
            user,
            date,
            old_reaction: json!(old),
            new_reaction: json!(new),
        });
        self.tell_admins(chat_id, &change);
    }
}
