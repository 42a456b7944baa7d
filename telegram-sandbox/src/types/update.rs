//! `Update`, <https://core.telegram.org/bots/api#update>.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::{ChatHead, ChatMember, Message, Poll, User};

/// What an update carries; serialises as `"message": {…}` beside `update_id`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Update {
    Message(Arc<Message>),
    EditedMessage(Arc<Message>),
    ChannelPost(Arc<Message>),
    EditedChannelPost(Arc<Message>),
    CallbackQuery(CallbackQuery),
    InlineQuery(InlineQuery),
    ChosenInlineResult(ChosenInlineResult),
    MyChatMember(MemberChange),
    ChatMember(MemberChange),
    ChatJoinRequest(JoinRequest),
    MessageReaction(ReactionChange),
    Poll(Box<Poll>),
    PollAnswer(PollAnswer),
    /// Injected by a test, as it is, without its `update_id`.
    #[serde(untagged)]
    Raw(Value),
}

/// `CallbackQuery`, <https://core.telegram.org/bots/api#callbackquery>.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CallbackQuery {
    pub(crate) id: String,
    pub(crate) from: Arc<User>,
    /// Missing for messages that somebody sent by an inline query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<Arc<Message>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inline_message_id: Option<String>,
    pub(crate) chat_instance: String,
    pub(crate) data: String,
}

/// `InlineQuery`, <https://core.telegram.org/bots/api#inlinequery>.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct InlineQuery {
    pub(crate) id: String,
    pub(crate) from: Arc<User>,
    pub(crate) query: String,
    pub(crate) offset: String,
    pub(crate) chat_type: &'static str,
}

/// `ChosenInlineResult`, <https://core.telegram.org/bots/api#choseninlineresult>.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChosenInlineResult {
    pub(crate) result_id: String,
    pub(crate) from: Arc<User>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inline_message_id: Option<String>,
    pub(crate) query: String,
}

/// `ChatMemberUpdated`, <https://core.telegram.org/bots/api#chatmemberupdated>.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct MemberChange {
    pub(crate) chat: Arc<ChatHead>,
    pub(crate) from: Arc<User>,
    pub(crate) date: i64,
    pub(crate) old_chat_member: ChatMember,
    pub(crate) new_chat_member: ChatMember,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invite_link: Option<Value>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) via_join_request: bool,
}

/// `ChatJoinRequest`, <https://core.telegram.org/bots/api#chatjoinrequest>.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct JoinRequest {
    pub(crate) chat: Arc<ChatHead>,
    pub(crate) from: Arc<User>,
    pub(crate) user_chat_id: i64,
    pub(crate) date: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bio: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invite_link: Option<Value>,
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

/// `PollAnswer`, <https://core.telegram.org/bots/api#pollanswer>.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PollAnswer {
    pub(crate) poll_id: String,
    pub(crate) user: Arc<User>,
    pub(crate) option_ids: Vec<usize>,
}

/// The names that `allowed_updates` may use,
/// <https://core.telegram.org/bots/api#update>. Unknown ones are skipped.
pub(crate) const KINDS: [&str; 23] = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
];

impl Update {
    /// The name that `allowed_updates` uses; `None` for raw updates, which are always let through.
    pub(crate) fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Message(_) => Some("message"),
            Self::EditedMessage(_) => Some("edited_message"),
            Self::ChannelPost(_) => Some("channel_post"),
            Self::EditedChannelPost(_) => Some("edited_channel_post"),
            Self::CallbackQuery(_) => Some("callback_query"),
            Self::InlineQuery(_) => Some("inline_query"),
            Self::ChosenInlineResult(_) => Some("chosen_inline_result"),
            Self::MyChatMember(_) => Some("my_chat_member"),
            Self::ChatMember(_) => Some("chat_member"),
            Self::ChatJoinRequest(_) => Some("chat_join_request"),
            Self::MessageReaction(_) => Some("message_reaction"),
            Self::Poll(_) => Some("poll"),
            Self::PollAnswer(_) => Some("poll_answer"),
            Self::Raw(_) => None,
        }
    }

    /// The chat (or the person) whose order the update keeps; 0 where there is none.
    pub(crate) fn chat_id(&self) -> i64 {
        match self {
            Self::Message(message)
            | Self::EditedMessage(message)
            | Self::ChannelPost(message)
            | Self::EditedChannelPost(message) => message.chat.id,
            Self::CallbackQuery(query) => match &query.message {
                Some(message) => message.chat.id,
                None => query.from.id,
            },
            Self::InlineQuery(query) => query.from.id,
            Self::ChosenInlineResult(chosen) => chosen.from.id,
            Self::MyChatMember(change) | Self::ChatMember(change) => change.chat.id,
            Self::ChatJoinRequest(request) => request.chat.id,
            Self::MessageReaction(change) => change.chat.id,
            Self::Poll(_) => 0,
            Self::PollAnswer(answer) => answer.user.id,
            Self::Raw(value) => value
                .as_object()
                .and_then(|update| update.values().find_map(|inner| inner.get("chat")))
                .and_then(|chat| chat.get("id"))
                .and_then(Value::as_i64)
                .unwrap_or(0),
        }
    }
}
