//! Chats: who is in them and what they show.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::State;
use super::history::History;
use super::invites::Invites;
use super::reactions::Reactions;
use super::topics::Topics;
use crate::error::ApiError;
use crate::types::{AdminRights, ChatHead, ChatKind, Permissions, PhotoSize, Standing, User};

#[derive(Debug)]
pub(crate) struct Chat {
    pub(crate) head: Arc<ChatHead>,
    pub(crate) members: BTreeMap<i64, Standing>,
    pub(crate) history: History,
    /// Signalled at each change of the history.
    pub(crate) changed: Arc<Notify>,
    /// Message ids, the latest pin last.
    pub(crate) pinned: Vec<i64>,
    pub(crate) reactions: Reactions,
    pub(crate) permissions: Permissions,
    pub(crate) description: Option<String>,
    pub(crate) photo: Option<PhotoSize>,
    pub(crate) topics: Topics,
    pub(crate) invites: Invites,
    /// Channels that may not write here.
    pub(crate) banned_senders: BTreeSet<i64>,
    /// The bot that wrote last, to whom general commands go.
    pub(crate) last_bot: Option<i64>,
    /// By message, the bots in privacy mode that heard of it nevertheless.
    pub(crate) heard: BTreeMap<i64, BTreeSet<i64>>,
    /// The bot's latest reply keyboard (or its removal), which messages do not carry.
    pub(crate) reply_keyboard: Option<Value>,
    pub(crate) menu_button: Option<Value>,
    /// "typing" and the like, and when it was said.
    pub(crate) action: Option<(String, Instant)>,
    /// Set when the group became a supergroup; the old id then only answers with the new one.
    pub(crate) migrated_to: Option<i64>,
}

impl Chat {
    pub(crate) fn new(head: ChatHead, first_message_id: i64) -> Self {
        Self {
            head: Arc::new(head),
            members: BTreeMap::new(),
            history: History::new(first_message_id),
            changed: Arc::new(Notify::new()),
            pinned: Vec::new(),
            reactions: Reactions::new(),
            permissions: Permissions::all(),
            description: None,
            photo: None,
            topics: Topics::default(),
            invites: Invites::default(),
            banned_senders: BTreeSet::new(),
            last_bot: None,
            heard: BTreeMap::new(),
            reply_keyboard: None,
            menu_button: None,
            action: None,
            migrated_to: None,
        }
    }

    pub(crate) fn is_private(&self) -> bool {
        self.head.kind == ChatKind::Private
    }

    pub(crate) fn standing(&self, user: i64) -> Standing {
        self.members.get(&user).cloned().unwrap_or(Standing::Left)
    }

    pub(crate) fn has(&self, user: i64) -> bool {
        self.members.get(&user).is_some_and(Standing::is_present)
    }
}

impl State {
    /// Adds a group of these people and the bot. The first person owns it; the bot is an
    /// administrator with every right, so that a refusal is something a test asked for.
    pub(crate) fn add_group(&mut self, head: ChatHead, people: &[i64]) {
        let id = head.id;
        let mut chat = Chat::new(head, self.first_message_id);
        for (place, person) in people.iter().enumerate() {
            let standing = if place == 0 {
                Standing::Creator {
                    is_anonymous: false,
                    custom_title: None,
                }
            } else {
                Standing::Member
            };
            chat.members.insert(*person, standing);
        }
        let mut rights = AdminRights {
            can_promote_members: true,
            ..AdminRights::usual()
        };
        if chat.head.kind == ChatKind::Channel {
            rights = rights.in_channel();
        }
        let standing = Standing::Administrator {
            can_be_edited: false,
            custom_title: None,
            rights,
        };
        chat.members.insert(self.bot.me.id, standing);
        self.chats.insert(id, chat);
        self.signals.changes.notify_waiters();
    }

    /// Who owns a group or channel.
    pub(crate) fn owner(&self, chat_id: i64) -> Option<Arc<User>> {
        let mut members = self.chats.get(&chat_id)?.members.iter();
        let owner = members.find(|(_, m)| matches!(m, Standing::Creator { .. }));
        self.user(*owner?.0)
    }

    /// A free id for a group whose maker names none: groups count down from -1, supergroups from
    /// -1001000000001 as Telegram's do.
    pub(crate) fn free_group_id(&self, kind: ChatKind) -> i64 {
        let first = match kind {
            ChatKind::Supergroup | ChatKind::Channel => -1_001_000_000_001,
            ChatKind::Group | ChatKind::Private => -1,
        };
        (0..)
            .map(|step| first - step)
            .find(|id| !self.chats.contains_key(id))
            .unwrap_or(first)
    }

    /// The chat, if the bot may look at it.
    pub(crate) fn visible_chat(&self, id: i64) -> Result<&Chat, ApiError> {
        let chat = self
            .chats
            .get(&id)
            .ok_or_else(|| ApiError::bad_request("chat not found"))?;
        if let Some(new_id) = chat.migrated_to {
            return Err(ApiError::migrated(new_id));
        }
        if chat.is_private() || chat.has(self.bot.me.id) {
            return Ok(chat);
        }
        let word = chat.head.kind.word();
        Err(match chat.standing(self.bot.me.id) {
            Standing::Kicked { .. } => {
                ApiError::forbidden(format!("bot was kicked from the {word} chat"))
            }
            _ => ApiError::forbidden(format!("bot is not a member of the {word} chat")),
        })
    }

    /// The chat, if the bot may write to it.
    pub(crate) fn writable_chat(&self, id: i64) -> Result<&Chat, ApiError> {
        let chat = self.visible_chat(id)?;
        if let Some(person) = self.people.get(&id) {
            if person.deleted {
                return Err(ApiError::forbidden("user is deactivated"));
            }
            if self.bot.blocked_by.contains(&id) {
                return Err(ApiError::forbidden("bot was blocked by the user"));
            }
            if self.bot.strangers.contains(&id) {
                let reason = "bot can't initiate conversation with a user";
                return Err(ApiError::forbidden(reason));
            }
        }
        Ok(chat)
    }
}
