//! Invite links and requests to join, <https://core.telegram.org/bots/api#chatinvitelink>.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::State;
use crate::types::{JoinRequest, Standing, Update, User};

#[derive(Clone, Debug)]
pub(crate) struct InviteLink {
    pub(crate) link: String,
    pub(crate) creator: i64,
    pub(crate) name: Option<String>,
    pub(crate) creates_join_request: bool,
    pub(crate) is_primary: bool,
    pub(crate) is_revoked: bool,
    pub(crate) expire_date: Option<i64>,
    pub(crate) member_limit: Option<usize>,
    /// Who came by it and is still here, or asked to.
    pub(crate) joined: BTreeSet<i64>,
    pub(crate) pending: BTreeSet<i64>,
}

/// A chat's links by their address, and who waits to be let in (by which link).
#[derive(Debug, Default)]
pub(crate) struct Invites {
    pub(crate) links: BTreeMap<String, InviteLink>,
    pub(crate) requests: BTreeMap<i64, Option<String>>,
}

impl State {
    /// A new link of the acting bot.
    pub(crate) fn new_invite_link(&mut self, is_primary: bool) -> InviteLink {
        self.touch();
        let number = self.serial();
        InviteLink {
            // Letters as Telegram's links have; the number makes it unlike every other.
            link: format!("https://t.me/+sndbx{:011}", number * 7_919 % 99_999_999_977),
            creator: self.bot.me.id,
            name: None,
            creates_join_request: false,
            is_primary,
            is_revoked: false,
            expire_date: None,
            member_limit: None,
            joined: BTreeSet::new(),
            pending: BTreeSet::new(),
        }
    }

    /// `ChatInviteLink`, as the bot sees it.
    pub(crate) fn show_link(&self, link: &InviteLink) -> Value {
        let mut shown = json!({
            "invite_link": link.link,
            "creator": self.user(link.creator),
            "creates_join_request": link.creates_join_request,
            "is_primary": link.is_primary,
            "is_revoked": link.is_revoked,
        });
        if let Some(name) = &link.name {
            shown["name"] = json!(name);
        }
        if let Some(date) = link.expire_date {
            shown["expire_date"] = json!(date);
        }
        if let Some(limit) = link.member_limit {
            shown["member_limit"] = json!(limit);
        }
        if !link.pending.is_empty() {
            shown["pending_join_request_count"] = json!(link.pending.len());
        }
        shown
    }

    /// Somebody asks to join; the bots that may invite hear of it. `false`: nothing new.
    pub(crate) fn ask_to_join(
        &mut self,
        chat_id: i64,
        user: &Arc<User>,
        link: Option<String>,
    ) -> bool {
        let date = self.now();
        let Some(chat) = self.chats.get_mut(&chat_id) else {
            return false;
        };
        if chat.has(user.id) || chat.invites.requests.contains_key(&user.id) {
            return false;
        }
        chat.invites.requests.insert(user.id, link.clone());
        let of_link = link.as_ref().and_then(|link| {
            let found = chat.invites.links.get_mut(link)?;
            found.pending.insert(user.id);
            Some(found.clone())
        });
        let request = JoinRequest {
            chat: chat.head.clone(),
            from: user.clone(),
            user_chat_id: user.id,
            date,
            bio: None,
            invite_link: of_link.map(|link| self.show_link(&link)),
        };
        for bot in self.bots_in(chat_id) {
            let may = self
                .chats
                .get(&chat_id)
                .is_some_and(|chat| chat.standing(bot).may(|rights| rights.can_invite_users));
            if may {
                self.tell(bot, Update::ChatJoinRequest(request.clone()));
            }
        }
        true
    }

    /// Takes a request away; with `let_in` the person becomes a member, by whoever answered.
    /// `false`: nobody asked.
    pub(crate) fn settle_request(
        &mut self,
        chat_id: i64,
        user: &Arc<User>,
        by: &Arc<User>,
        let_in: bool,
    ) -> bool {
        let Some(chat) = self.chats.get_mut(&chat_id) else {
            return false;
        };
        let Some(link) = chat.invites.requests.remove(&user.id) else {
            return false;
        };
        let shown = link.and_then(|link| {
            let link = chat.invites.links.get_mut(&link)?;
            link.pending.remove(&user.id);
            if let_in {
                link.joined.insert(user.id);
            }
            Some(link.clone())
        });
        if let_in {
            let shown = shown.map(|link| self.show_link(&link));
            self.change_member_by(chat_id, user, by, Standing::Member, shown, true);
        }
        true
    }

    /// Somebody follows a link; `Err` is what Telegram's app shows.
    pub(crate) fn follow_link(
        &mut self,
        link: &str,
        user: &Arc<User>,
    ) -> Result<bool, &'static str> {
        let now = self.now();
        let found = self.chats.iter().find_map(|(id, chat)| {
            let link = chat.invites.links.get(link)?;
            let present = link.joined.iter().filter(|id| chat.has(**id)).count();
            Some((*id, link.clone(), present, chat.has(user.id)))
        });
        let Some((chat_id, link, present, is_member)) = found else {
            return Err("INVITE_HASH_INVALID");
        };
        let full = link.member_limit.is_some_and(|limit| present >= limit);
        let over = link.expire_date.is_some_and(|date| date <= now);
        if link.is_revoked || over || full {
            return Err("INVITE_HASH_EXPIRED");
        }
        if is_member {
            return Err("USER_ALREADY_PARTICIPANT");
        }
        if link.creates_join_request {
            return Ok(!self.ask_to_join(chat_id, user, Some(link.link)));
        }
        if let Some(chat) = self.chats.get_mut(&chat_id)
            && let Some(link) = chat.invites.links.get_mut(&link.link)
        {
            link.joined.insert(user.id);
        }
        let shown = self.show_link(&link);
        self.change_member_by(chat_id, user, user, Standing::Member, Some(shown), false);
        Ok(true)
    }
}
