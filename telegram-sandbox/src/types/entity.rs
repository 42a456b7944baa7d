//! `MessageEntity`, <https://core.telegram.org/bots/api#messageentity>. Offsets and lengths count
//! UTF-16 code units.

use serde::{Deserialize, Serialize};

use super::User;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entity {
    #[serde(flatten)]
    pub(crate) kind: EntityKind,
    pub(crate) offset: usize,
    pub(crate) length: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum EntityKind {
    Mention,
    Hashtag,
    Cashtag,
    BotCommand,
    Url,
    Email,
    PhoneNumber,
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    Blockquote,
    ExpandableBlockquote,
    Code,
    Pre {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
    },
    TextLink {
        url: String,
    },
    TextMention {
        user: MentionedUser,
    },
    CustomEmoji {
        custom_emoji_id: String,
    },
}

/// The person of a `text_mention`. A bot may name only the id; the world fills in the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MentionedUser {
    pub(crate) id: i64,
    #[serde(default)]
    pub(crate) is_bot: bool,
    #[serde(default)]
    pub(crate) first_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) username: Option<String>,
}

impl From<&User> for MentionedUser {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            is_bot: user.is_bot,
            first_name: user.first_name.clone(),
            username: user.username.clone(),
        }
    }
}

impl Entity {
    pub(crate) fn new(kind: EntityKind, offset: usize, length: usize) -> Self {
        Self {
            kind,
            offset,
            length,
        }
    }

    pub(crate) fn end(&self) -> usize {
        self.offset.saturating_add(self.length)
    }
}
