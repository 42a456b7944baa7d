//! `Update`, <https://core.telegram.org/bots/api#update>.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::{ChatHead, ChatMember, Message, User};

/// What an update carries; serialises as `"message": {…}` beside `update_id`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Update {
    Message(Arc<Message>),
    EditedMessage(Arc<Message>),
    CallbackQuery(CallbackQuery),
    MyChatMember(MemberChange),
    ChatMember(MemberChange),
    MessageReaction(ReactionChange),
    /// Injected by a test, as it is, without its `update_id`.
    #[serde(untagged)]
    Raw(Value),
}

/// `CallbackQuery`, <https://core.telegram.org/bots/api#callbackquery>.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CallbackQuery {
    pub(crate) id: String,
    pub(crate) from: Arc<User>,
    pub(crate) message: Arc<Message>,
    pub(crate) chat_instance: String,
    pub(crate) data: String,
}

/// `ChatMemberUpdated`, <https://core.telegram.org/bots/api#chatmemberupdated>.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MemberChange {
    pub(crate) chat: Arc<ChatHead>,
    pub(crate) from: Arc<User>,
    pub(crate) date: i64,
    pub(crate) old_chat_member: ChatMember,
    pub(crate) new_chat_member: ChatMember,
}

/// `MessageReactionUpdated`, <https://core.telegram.org/bots/api#messagereactionupdated>.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReactionChange {
    pub(crate) chat: Arc<ChatHead>,
    pub(crate) message_id: i64,
    pub(crate) user: Arc<User>,
    pub(crate) date: i64,
    pub(crate) old_reaction: Value,
    pub(crate) new_reaction: Value,
}

impl Update {
    /// The name that `allowed_updates` uses; `None` for raw updates, which are always let through.
    pub(crate) fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Message(_) => Some("message"),
            Self::EditedMessage(_) => Some("edited_message"),
            Self::CallbackQuery(_) => Some("callback_query"),
            Self::MyChatMember(_) => Some("my_chat_member"),
            Self::ChatMember(_) => Some("chat_member"),
            Self::MessageReaction(_) => Some("message_reaction"),
            Self::Raw(_) => None,
        }
    }

    /// The chat whose order the update keeps; 0 where there is none.
    pub(crate) fn chat_id(&self) -> i64 {
        match self {
            Self::Message(message) | Self::EditedMessage(message) => message.chat.id,
            Self::CallbackQuery(query) => query.message.chat.id,
            Self::MyChatMember(change) | Self::ChatMember(change) => change.chat.id,
            Self::MessageReaction(change) => change.chat.id,
            Self::Raw(value) => value
                .as_object()
                .and_then(|update| update.values().find_map(|inner| inner.get("chat")))
                .and_then(|chat| chat.get("id"))
                .and_then(Value::as_i64)
                .unwrap_or(0),
        }
    }
}
