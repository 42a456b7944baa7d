//! Posting, editing and deleting messages: every change goes through here, so that each is
//! numbered and wakes those who watch the chat.

use std::sync::Arc;

use super::State;
use crate::error::ApiError;
use crate::types::{Content, InlineKeyboard, Message, Origin, Update, User};

/// A message before it has an id.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) content: Content,
    pub(crate) reply_to: Option<Arc<Message>>,
    pub(crate) thread: Option<i64>,
    pub(crate) keyboard: Option<InlineKeyboard>,
    pub(crate) origin: Option<Origin>,
    pub(crate) album: Option<String>,
    pub(crate) protected: bool,
}

impl From<Content> for Draft {
    fn from(content: Content) -> Self {
        Self {
            content,
            reply_to: None,
            thread: None,
            keyboard: None,
            origin: None,
            album: None,
            protected: false,
        }
    }
}

impl State {
    /// Shows a new message in a chat.
    pub(crate) fn post(
        &mut self,
        chat_id: i64,
        from: Arc<User>,
        draft: Draft,
    ) -> Result<Arc<Message>, ApiError> {
        let date = self.now();
        let cursor = self.touch();
        let by_bot = from.id == self.bot.me.id;
        let chat = self
            .chats
            .get_mut(&chat_id)
            .ok_or_else(|| ApiError::bad_request("chat not found"))?;
        if by_bot {
            // What it was typing is here now.
            chat.action = None;
        }
        let message = Arc::new(Message {
            message_id: chat.history.take_id(),
            message_thread_id: draft.thread,
            from: Some(from),
            date,
            chat: chat.head.clone(),
            forward_origin: draft.origin,
            is_topic_message: draft.thread.is_some() && chat.head.is_forum,
            reply_to_message: draft.reply_to.map(without_reply),
            edit_date: None,
            has_protected_content: draft.protected,
            media_group_id: draft.album,
            content: draft.content,
            reply_markup: draft.keyboard,
        });
        chat.history.put(cursor, message.clone());
        chat.changed.notify_waiters();
        self.signals.changes.notify_waiters();
        Ok(message)
    }

    /// Somebody writes: the message is shown, and the bot hears of it if it is in the chat.
    pub(crate) fn post_as_person(
        &mut self,
        chat_id: i64,
        from: Arc<User>,
        draft: Draft,
    ) -> Result<Arc<Message>, ApiError> {
        let message = self.post(chat_id, from, draft)?;
        if self.bot_is_in(chat_id) {
            self.tell_bot(Update::Message(message.clone()));
        }
        Ok(message)
    }

    /// Puts a changed message in the place of the old one.
    pub(crate) fn replace(&mut self, message: Message) -> Arc<Message> {
        let cursor = self.touch();
        let message = Arc::new(message);
        if let Some(chat) = self.chats.get_mut(&message.chat.id) {
            chat.history.put(cursor, message.clone());
            chat.changed.notify_waiters();
        }
        self.signals.changes.notify_waiters();
        message
    }

    /// Takes a message away.
    pub(crate) fn delete(&mut self, chat_id: i64, message_id: i64) -> Option<Arc<Message>> {
        let cursor = self.touch();
        let chat = self.chats.get_mut(&chat_id)?;
        let message = chat.history.remove(cursor, message_id)?;
        chat.pinned.retain(|pinned| *pinned != message_id);
        chat.changed.notify_waiters();
        self.signals.changes.notify_waiters();
        Some(message)
    }

    pub(crate) fn message(&self, chat_id: i64, message_id: i64) -> Option<&Arc<Message>> {
        self.chats.get(&chat_id)?.history.get(message_id)
    }

    pub(crate) fn bot_is_in(&self, chat_id: i64) -> bool {
        self.chats
            .get(&chat_id)
            .is_some_and(|chat| chat.is_private() || chat.has(self.bot.me.id))
    }
}

/// `reply_to_message` goes one level deep.
fn without_reply(message: Arc<Message>) -> Arc<Message> {
    if message.reply_to_message.is_none() {
        return message;
    }
    Arc::new(Message {
        reply_to_message: None,
        ..Message::clone(&message)
    })
}
