//! Joining, leaving, promoting: service messages and member updates as Telegram sends them.

use std::sync::Arc;

use super::State;
use super::messages::Draft;
use crate::types::{ChatMember, Content, MemberChange, Service, Standing, Update, User};

impl State {
    /// Changes where somebody stands in a chat. `by` did it: the same person for joins and
    /// leaves. The bot hears of itself as `my_chat_member`, of others as `chat_member` (only if
    /// it asked for them), and of comings and goings by a service message.
    pub(crate) fn change_member(
        &mut self,
        chat_id: i64,
        user: &Arc<User>,
        by: &Arc<User>,
        standing: Standing,
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
        };
        let of_bot = user.id == self.bot.me.id;
        if of_bot {
            self.tell_bot(Update::MyChatMember(change));
        } else if self.bot_is_in(chat_id) {
            self.tell_bot(Update::ChatMember(change));
        }
        if is_group && was_present != is_present {
            self.announce_member(chat_id, user, by, is_present);
        }
        self.signals.changes.notify_waiters();
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
            let told = by.id != self.bot.me.id && user.id != self.bot.me.id || came;
            if told && self.bot_is_in(chat_id) {
                self.tell_bot(Update::Message(message));
            }
        }
    }
}
