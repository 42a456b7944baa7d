//! Joining, leaving, promoting: service messages and member updates as Telegram sends them.

use std::sync::Arc;

use serde_json::Value;

use super::State;
use super::agenda::Due;
use super::messages::Draft;
use crate::types::{ChatMember, Content, MemberChange, Service, Standing, Update, User};

impl State {
    /// Changes where somebody stands in a chat. `by` did it: the same person for joins and
    /// leaves. A bot hears of itself as `my_chat_member`, of others as `chat_member` (only as an
    /// administrator who asked for them), and of comings and goings by a service message.
    pub(crate) fn change_member(
        &mut self,
        chat_id: i64,
        user: &Arc<User>,
        by: &Arc<User>,
        standing: Standing,
    ) {
        self.change_member_by(chat_id, user, by, standing, None, false);
    }

    /// The same, by an invite link or a granted request.
    pub(crate) fn change_member_by(
        &mut self,
        chat_id: i64,
        user: &Arc<User>,
        by: &Arc<User>,
        standing: Standing,
        invite_link: Option<Value>,
        via_join_request: bool,
    ) {
        let date = self.now();
        let Some(chat) = self.chats.get_mut(&chat_id) else {
            return;
        };
        let head = chat.head.clone();
        let before = chat.standing(user.id);
        if before == standing {
            return;
        }
        chat.members.insert(user.id, standing.clone());
        chat.invites.requests.remove(&user.id);
        let until = standing.until_date();
        let was_present = before.is_present();
        let is_present = standing.is_present();
        let is_group = head.kind.is_group();
        let change = MemberChange {
            chat: head,
            from: by.clone(),
            date,
            old_chat_member: ChatMember {
                user: user.clone(),
                standing: before,
            },
            new_chat_member: ChatMember {
                user: user.clone(),
                standing,
            },
            invite_link,
            via_join_request,
        };
        if until > 0 {
            let lift = Due::Lift {
                chat: chat_id,
                user: user.id,
                until,
            };
            self.plan(until.saturating_mul(1000), lift);
        }
        if self.is_bot(user.id) {
            self.tell(user.id, Update::MyChatMember(change));
        } else {
            self.tell_admins(chat_id, &Update::ChatMember(change));
        }
        if is_group && was_present != is_present {
            // Who was let in comes by themselves, whoever let them in.
            let by = if via_join_request { user } else { by };
            self.announce_member(chat_id, user, by, is_present);
        }
        self.signals.changes.notify_waiters();
    }

    /// The acting bot hears that it was put into a new group, and by whom.
    pub(crate) fn tell_of_new_group(&mut self, chat_id: i64, by: Option<Arc<User>>) {
        let Some(chat) = self.chats.get(&chat_id) else {
            return;
        };
        let me = self.bot.me.clone();
        let member = |standing| ChatMember {
            user: me.clone(),
            standing,
        };
        let change = MemberChange {
            chat: chat.head.clone(),
            from: by.unwrap_or_else(|| me.clone()),
            date: self.now(),
            old_chat_member: member(Standing::Left),
            new_chat_member: member(chat.standing(me.id)),
            invite_link: None,
            via_join_request: false,
        };
        self.tell_bot(Update::MyChatMember(change));
    }

    fn announce_member(&mut self, chat_id: i64, user: &Arc<User>, by: &Arc<User>, came: bool) {
        let service = if came {
            Service::NewChatMembers(vec![user.clone()])
        } else {
            Service::LeftChatMember(user.clone())
        };
        let draft = Draft::from(Content::Service(service));
        // The chat was just there, so posting cannot fail.
        if let Ok(message) = self.post(chat_id, by.clone(), draft) {
            // Whoever is gone hears nothing more; `my_chat_member` told them.
            self.tell_of_message(&message, 0);
        }
    }

    /// A ban or a restriction is over. Telegram tells nobody.
    pub(crate) fn lift(&mut self, chat_id: i64, user: i64, until: i64) {
        let Some(chat) = self.chats.get_mut(&chat_id) else {
            return;
        };
        let now = match chat.standing(user) {
            standing if standing.until_date() != until => return,
            Standing::Restricted {
                is_member: true, ..
            } => Standing::Member,
            _ => Standing::Left,
        };
        chat.members.insert(user, now);
        self.signals.changes.notify_waiters();
    }
}
