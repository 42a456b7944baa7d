//! `Message`, <https://core.telegram.org/bots/api#message>.

use std::sync::Arc;

use serde::Serialize;

use super::{ChatHead, Entity, InlineKeyboard, Media, User};

/// One message as the bot sees it. Shared as `Arc<Message>`: an edit replaces the whole.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Message {
    pub(crate) message_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_thread_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Arc<User>>,
    pub(crate) date: i64,
    pub(crate) chat: Arc<ChatHead>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) forward_origin: Option<Origin>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_topic_message: bool,
    /// Never nested deeper than one level, as at Telegram.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to_message: Option<Arc<Message>>,
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
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Content {
    Text(Text),
    Media(Box<Media>),
    Service(Service),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Text {
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) entities: Vec<Entity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link_preview_options: Option<serde_json::Value>,
}

/// Service messages: what happened to the chat.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Service {
    NewChatMembers(Vec<Arc<User>>),
    LeftChatMember(Arc<User>),
    PinnedMessage(Arc<Message>),
    MigrateToChatId(i64),
    MigrateFromChatId(i64),
}

/// `MessageOrigin`, <https://core.telegram.org/bots/api#messageorigin>.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Origin {
    User { date: i64, sender_user: Arc<User> },
}

impl Message {
    pub(crate) fn is_service(&self) -> bool {
        matches!(self.content, Content::Service(_))
    }

    /// Whether an edit to `other` would change nothing that people see.
    pub(crate) fn shows_the_same_as(&self, other: &Self) -> bool {
        self.reply_markup == other.reply_markup
            && match (&self.content, &other.content) {
                (Content::Text(mine), Content::Text(theirs)) => mine == theirs,
                (Content::Media(mine), Content::Media(theirs)) => mine == theirs,
                _ => false,
            }
    }
}
