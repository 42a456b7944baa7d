//! Posting, editing and deleting messages: every change goes through here, so that each is
//! numbered and wakes those who watch the chat.

use std::sync::Arc;

use serde_json::Value;

use super::State;
use crate::error::ApiError;
use crate::types::{ChatKind, Content, InlineKeyboard, Message, Origin, Quote, Service, User};

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
    pub(crate) external_reply: Option<Value>,
    pub(crate) quote: Option<Quote>,
    pub(crate) via_bot: Option<Arc<User>>,
    /// Comes with a reply keyboard, so it cannot be edited later.
    pub(crate) fixed: bool,
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
            external_reply: None,
            quote: None,
            via_bot: None,
            fixed: false,
        }
    }
}

impl State {
    /// Shows a new message in a chat. In a channel the channel speaks, and an anonymous
    /// administrator speaks as the group.
    pub(crate) fn post(
        &mut self,
        chat_id: i64,
        from: Arc<User>,
        draft: Draft,
    ) -> Result<Arc<Message>, ApiError> {
        let date = self.now();
        let cursor = self.touch();
        let by_bot = self.is_bot(from.id);
        let chat = self
            .chats
            .get_mut(&chat_id)
            .ok_or_else(|| ApiError::bad_request("chat not found"))?;
        let is_service = matches!(draft.content, Content::Service(_));
        if by_bot {
            // What it was typing is here now.
            chat.action = None;
            if !is_service {
                chat.last_bot = Some(from.id);
            }
        }
        let author = from.id;
        let mask = match chat.head.kind {
            ChatKind::Supergroup if !is_service => chat.standing(author).mask(),
            _ => None,
        };
        let (from, sender_chat, author_signature) = match (chat.head.kind, mask) {
            (ChatKind::Channel, _) => (None, Some(chat.head.clone()), None),
            (_, Some(title)) => {
                let anonymous = Arc::new(User::anonymous_admin());
                (Some(anonymous), Some(chat.head.clone()), title)
            }
            _ => (Some(from), None, None),
        };
        // Words in a topic that answer nothing answer the message that opened it.
        let opener = || {
            let topic = chat.topics.by_id.get(&draft.thread?)?;
            chat.history.get(topic.message_thread_id).cloned()
        };
        let reply_to = draft.reply_to.or_else(opener);
        let is_forum = chat.head.is_forum;
        // Where there are no topics, replies are threads of the message that was answered first.
        let replies = reply_to
            .as_ref()
            .filter(|_| chat.head.kind == ChatKind::Supergroup && !is_forum && !is_service)
            .map(|message| message.message_thread_id.unwrap_or(message.message_id));
        let message = Arc::new(Message {
            message_id: chat.history.take_id(),
            message_thread_id: draft.thread.or(replies),
            from,
            sender_chat,
            author_signature,
            via_bot: draft.via_bot,
            date,
            chat: chat.head.clone(),
            forward_origin: draft.origin,
            is_topic_message: draft.thread.is_some() && is_forum,
            reply_to_message: reply_to.map(without_reply),
            external_reply: draft.external_reply,
            quote: draft.quote,
            edit_date: None,
            has_protected_content: draft.protected,
            media_group_id: draft.album,
            content: draft.content,
            reply_markup: draft.keyboard,
            author,
            fixed: draft.fixed,
        });
        chat.history.put(cursor, message.clone());
        chat.changed.notify_waiters();
        self.signals.changes.notify_waiters();
        if by_bot {
            self.probe_reply(&message);
        }
        Ok(message)
    }

    /// Somebody does something to the chat: it is shown, and every bot in it hears of it, the
    /// one that did it too.
    pub(crate) fn announce(
        &mut self,
        chat_id: i64,
        by: Arc<User>,
        draft: Draft,
    ) -> Result<Arc<Message>, ApiError> {
        let message = self.post(chat_id, by, draft)?;
        self.tell_of_message(&message, 0);
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
        chat.heard.remove(&message_id);
        chat.pinned.retain(|pinned| *pinned != message_id);
        chat.changed.notify_waiters();
        self.signals.changes.notify_waiters();
        Some(message)
    }

    /// Pins a message, the latest pin last; the chat is told of a new one.
    pub(crate) fn pin(&mut self, message: &Arc<Message>, by: Arc<User>) -> Result<(), ApiError> {
        let (chat_id, id) = (message.chat.id, message.message_id);
        let Some(chat) = self.chats.get_mut(&chat_id) else {
            return Ok(());
        };
        let known = chat.pinned.contains(&id);
        chat.pinned.retain(|pinned| *pinned != id);
        chat.pinned.push(id);
        if !known {
            let mut shown = Message::clone(message);
            shown.reply_to_message = None;
            let mut draft = Draft::from(Content::Service(Service::PinnedMessage(shown.into())));
            draft.thread = message.topic();
            draft.reply_to = Some(message.clone());
            self.announce(chat_id, by, draft)?;
        }
        Ok(())
    }

    pub(crate) fn message(&self, chat_id: i64, message_id: i64) -> Option<&Arc<Message>> {
        self.chats.get(&chat_id)?.history.get(message_id)
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
