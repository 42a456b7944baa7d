//! `Chat`, <https://core.telegram.org/bots/api#chat>: the short form that messages carry.

use serde::{Deserialize, Serialize};

use super::User;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ChatKind {
    Private,
    Group,
    Supergroup,
    Channel,
}

impl ChatKind {
    /// The word Telegram's error texts use: "the supergroup chat".
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Group => "group",
            Self::Supergroup => "supergroup",
            Self::Channel => "channel",
        }
    }

    pub(crate) fn is_group(self) -> bool {
        matches!(self, Self::Group | Self::Supergroup)
    }

    /// Supergroups and channels, which keep lists of bans.
    pub(crate) fn is_super(self) -> bool {
        matches!(self, Self::Supergroup | Self::Channel)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ChatHead {
    pub(crate) id: i64,
    #[serde(rename = "type")]
    pub(crate) kind: ChatKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_name: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_forum: bool,
}

impl ChatHead {
    /// The private chat of a person; it has the person's id.
    pub(crate) fn private(user: &User) -> Self {
        Self {
            id: user.id,
            kind: ChatKind::Private,
            title: None,
            username: user.username.clone(),
            first_name: Some(user.first_name.clone()),
            last_name: user.last_name.clone(),
            is_forum: false,
        }
    }

    pub(crate) fn group(id: i64, kind: ChatKind, title: String) -> Self {
        Self {
            id,
            kind,
            title: Some(title),
            username: None,
            first_name: None,
            last_name: None,
            is_forum: false,
        }
    }
}
