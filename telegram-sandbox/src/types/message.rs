//! `Message`, <https://core.telegram.org/bots/api#message>.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::{ChatHead, Content, Entity, InlineKeyboard, Origin, User};

/// One message as the bot sees it. Shared as `Arc<Message>`: an edit replaces the whole.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Message {
    pub(crate) message_id: i64,
    /// The topic; in other supergroups the first message of the replies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_thread_id: Option<i64>,
    /// Missing in channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Arc<User>>,
    /// The chat that speaks: a channel, or the group of an anonymous administrator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sender_chat: Option<Arc<ChatHead>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) author_signature: Option<String>,
    /// The bot whose inline result this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) via_bot: Option<Arc<User>>,
    pub(crate) date: i64,
    pub(crate) chat: Arc<ChatHead>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) forward_origin: Option<Origin>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_topic_message: bool,
    /// Never nested deeper than one level, as at Telegram.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to_message: Option<Arc<Message>>,
    /// `ExternalReplyInfo`: what it answers, when that stands in another chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_reply: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quote: Option<Quote>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) edit_date: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) has_protected_content: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) media_group_id: Option<String>,
    #[serde(flatten)]
    pub(crate) content: Content,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_markup: Option<InlineKeyboard>,
    /// Who really wrote it, whoever it is shown as.
    #[serde(skip)]
    pub(crate) author: i64,
    /// Sent with a reply keyboard, its removal or a forced reply: such messages cannot be edited.
    #[serde(skip)]
    pub(crate) fixed: bool,
}

/// `TextQuote`, <https://core.telegram.org/bots/api#textquote>.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Quote {
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) entities: Vec<Entity>,
    pub(crate) position: i64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_manual: bool,
}

impl Message {
    pub(crate) fn is_service(&self) -> bool {
        matches!(self.content, Content::Service(_))
    }

    /// The topic of a forum in which it stands.
    pub(crate) fn topic(&self) -> Option<i64> {
        self.message_thread_id.filter(|_| self.is_topic_message)
    }

    /// Whether an edit to `other` would change nothing that people see.
    pub(crate) fn shows_the_same_as(&self, other: &Self) -> bool {
        self.reply_markup == other.reply_markup && self.content.is_same_as(&other.content)
    }
}
