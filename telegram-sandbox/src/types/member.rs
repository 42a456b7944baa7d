//! `ChatMember` and its rights, <https://core.telegram.org/bots/api#chatmember>.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::User;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ChatMember {
    pub(crate) user: Arc<User>,
    #[serde(flatten)]
    pub(crate) standing: Standing,
}

/// Where somebody stands in a chat; serialises with the field `status`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(crate) enum Standing {
    Creator {
        is_anonymous: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        custom_title: Option<String>,
    },
    Administrator {
        can_be_edited: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        custom_title: Option<String>,
        #[serde(flatten)]
        rights: AdminRights,
    },
    Member,
    Restricted {
        is_member: bool,
        until_date: i64,
        #[serde(flatten)]
        permissions: Permissions,
    },
    Left,
    Kicked {
        until_date: i64,
    },
}

impl Standing {
    pub(crate) fn is_present(&self) -> bool {
        match self {
            Self::Creator { .. } | Self::Administrator { .. } | Self::Member => true,
            Self::Restricted { is_member, .. } => *is_member,
            Self::Left | Self::Kicked { .. } => false,
        }
    }

    pub(crate) fn is_admin(&self) -> bool {
        matches!(self, Self::Creator { .. } | Self::Administrator { .. })
    }

    /// Whether an owner or an administrator with this right.
    pub(crate) fn may(&self, right: impl Fn(&AdminRights) -> bool) -> bool {
        match self {
            Self::Creator { .. } => true,
            Self::Administrator { rights, .. } => right(rights),
            _ => false,
        }
    }

    /// Whether they write as the group, and under which title.
    pub(crate) fn mask(&self) -> Option<Option<String>> {
        match self {
            Self::Creator {
                is_anonymous: true,
                custom_title,
            } => Some(custom_title.clone()),
            Self::Administrator {
                rights,
                custom_title,
                ..
            } if rights.is_anonymous => Some(custom_title.clone()),
            _ => None,
        }
    }

    /// When a ban or a restriction ends; 0: never.
    pub(crate) fn until_date(&self) -> i64 {
        match self {
            Self::Restricted { until_date, .. } | Self::Kicked { until_date } => *until_date,
            _ => 0,
        }
    }
}

/// `ChatAdministratorRights`, <https://core.telegram.org/bots/api#chatadministratorrights>.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AdminRights {
    pub(crate) is_anonymous: bool,
    pub(crate) can_manage_chat: bool,
    pub(crate) can_delete_messages: bool,
    pub(crate) can_manage_video_chats: bool,
    pub(crate) can_restrict_members: bool,
    pub(crate) can_promote_members: bool,
    pub(crate) can_change_info: bool,
    pub(crate) can_invite_users: bool,
    pub(crate) can_post_stories: bool,
    pub(crate) can_edit_stories: bool,
    pub(crate) can_delete_stories: bool,
    pub(crate) can_pin_messages: bool,
    pub(crate) can_manage_topics: bool,
    /// In channels only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) can_post_messages: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) can_edit_messages: bool,
}

impl AdminRights {
    /// What an ordinary administrator has: everything but anonymity and making others admins.
    pub(crate) fn usual() -> Self {
        Self {
            is_anonymous: false,
            can_manage_chat: true,
            can_delete_messages: true,
            can_manage_video_chats: true,
            can_restrict_members: true,
            can_promote_members: false,
            can_change_info: true,
            can_invite_users: true,
            can_post_stories: true,
            can_edit_stories: true,
            can_delete_stories: true,
            can_pin_messages: true,
            can_manage_topics: true,
            can_post_messages: false,
            can_edit_messages: false,
        }
    }

    /// The same in a channel, which has no pins and topics, but posts.
    pub(crate) fn in_channel(self) -> Self {
        Self {
            is_anonymous: false,
            can_pin_messages: false,
            can_manage_topics: false,
            can_post_messages: true,
            can_edit_messages: true,
            ..self
        }
    }

    /// Whether any right is set; promoting to nothing demotes.
    pub(crate) fn any(&self) -> bool {
        *self != Self::default()
    }
}

/// `ChatPermissions`, <https://core.telegram.org/bots/api#chatpermissions>.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Permissions {
    pub(crate) can_send_messages: bool,
    pub(crate) can_send_audios: bool,
    pub(crate) can_send_documents: bool,
    pub(crate) can_send_photos: bool,
    pub(crate) can_send_videos: bool,
    pub(crate) can_send_video_notes: bool,
    pub(crate) can_send_voice_notes: bool,
    pub(crate) can_send_polls: bool,
    pub(crate) can_send_other_messages: bool,
    pub(crate) can_add_web_page_previews: bool,
    pub(crate) can_change_info: bool,
    pub(crate) can_invite_users: bool,
    pub(crate) can_pin_messages: bool,
    pub(crate) can_manage_topics: bool,
}

impl Permissions {
    /// The permissions of a member nobody restricted.
    pub(crate) fn all() -> Self {
        Self {
            can_send_messages: true,
            can_send_audios: true,
            can_send_documents: true,
            can_send_photos: true,
            can_send_videos: true,
            can_send_video_notes: true,
            can_send_voice_notes: true,
            can_send_polls: true,
            can_send_other_messages: true,
            can_add_web_page_previews: true,
            can_change_info: true,
            can_invite_users: true,
            can_pin_messages: true,
            can_manage_topics: true,
        }
    }
}
