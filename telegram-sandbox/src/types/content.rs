//! What a message carries, <https://core.telegram.org/bots/api#message>. Rare kinds are kept as
//! the JSON that Telegram documents for them.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::{ChatHead, Entity, Media, Message, PhotoSize, Poll, User};

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Content {
    Text(Text),
    Media(Box<Media>),
    Place(Place),
    Poll { poll: Box<Poll> },
    Thing(Thing),
    Service(Service),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Text {
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) entities: Vec<Entity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link_preview_options: Option<Value>,
}

/// `Location`, alone or of a `Venue`, <https://core.telegram.org/bots/api#location>.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) venue: Option<Value>,
    pub(crate) location: Value,
}

/// Content of one field.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Thing {
    Contact(Value),
    Dice(Value),
    /// What a reply keyboard's `request_users` gave.
    UsersShared(Value),
    ChatShared(Value),
    WebAppData(Value),
}

/// Service messages: what happened to the chat.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Service {
    NewChatMembers(Vec<Arc<User>>),
    LeftChatMember(Arc<User>),
    NewChatTitle(String),
    NewChatPhoto(Vec<PhotoSize>),
    DeleteChatPhoto(bool),
    PinnedMessage(Arc<Message>),
    MigrateToChatId(i64),
    MigrateFromChatId(i64),
    ForumTopicCreated(Value),
    ForumTopicEdited(Value),
    ForumTopicClosed(Value),
    ForumTopicReopened(Value),
    GeneralForumTopicHidden(Value),
    GeneralForumTopicUnhidden(Value),
}

/// `MessageOrigin`, <https://core.telegram.org/bots/api#messageorigin>.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Origin {
    User {
        date: i64,
        sender_user: Arc<User>,
    },
    Chat {
        date: i64,
        sender_chat: Arc<ChatHead>,
        #[serde(skip_serializing_if = "Option::is_none")]
        author_signature: Option<String>,
    },
    Channel {
        date: i64,
        chat: Arc<ChatHead>,
        message_id: i64,
    },
}

impl Content {
    /// Service messages are never the same: each tells of something that happened.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(mine), Self::Text(theirs)) => mine == theirs,
            (Self::Media(mine), Self::Media(theirs)) => mine == theirs,
            (Self::Place(mine), Self::Place(theirs)) => mine == theirs,
            (Self::Poll { poll: mine }, Self::Poll { poll: theirs }) => mine == theirs,
            (Self::Thing(mine), Self::Thing(theirs)) => mine == theirs,
            _ => false,
        }
    }

    /// The text or caption with its entities.
    pub(crate) fn words(&self) -> Option<(&str, &[Entity])> {
        match self {
            Self::Text(text) => Some((&text.text, &text.entities)),
            Self::Media(media) => Some((media.caption.as_deref()?, &media.caption_entities)),
            _ => None,
        }
    }
}
