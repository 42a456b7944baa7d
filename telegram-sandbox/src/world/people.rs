//! The people of the world.

use std::sync::Arc;

use super::State;
use crate::types::{ChatHead, ChatKind, PhotoSize, User};

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) user: Arc<User>,
    /// The account was deleted; nobody can write to it any more.
    pub(crate) deleted: bool,
    /// The latest first.
    pub(crate) photos: Vec<PhotoSize>,
}

impl State {
    /// Adds a person, or changes the one of this id, together with the private chats. With
    /// `started` the person has opened the chat with the acting bot, which may write then.
    pub(crate) fn add_person(&mut self, user: User, started: bool) -> Arc<User> {
        let user = Arc::new(user);
        let head = Arc::new(ChatHead::private(&user));
        let acting = self.bot.me.id;
        match self.chats.get_mut(&user.id) {
            Some(chat) => chat.head = head.clone(),
            None => {
                let chat = self.private_chat(&user, acting);
                self.chats.insert(user.id, chat);
            }
        }
        let ids: Vec<i64> = self.others.keys().copied().collect();
        for id in ids {
            let fresh = self.private_chat(&user, id);
            if let Some(bot) = self.others.get_mut(&id) {
                bot.private.entry(user.id).or_insert(fresh).head = head.clone();
            }
        }
        if started {
            self.bot.strangers.remove(&user.id);
        } else {
            self.bot.strangers.insert(user.id);
        }
        let before = self.people.remove(&user.id);
        let person = Person {
            user: user.clone(),
            deleted: false,
            photos: before.map(|person| person.photos).unwrap_or_default(),
        };
        self.people.insert(user.id, person);
        self.signals.changes.notify_waiters();
        user
    }

    /// A person or a bot.
    pub(crate) fn user(&self, id: i64) -> Option<Arc<User>> {
        if let Some(bot) = self.bot_by_id(id) {
            return Some(bot.me.clone());
        }
        self.people.get(&id).map(|person| person.user.clone())
    }

    /// A free id for a person whose maker names none.
    pub(crate) fn free_user_id(&self) -> i64 {
        let highest = self.people.keys().copied().max().unwrap_or(0);
        highest.max(1003) + 1
    }

    pub(crate) fn add_usual_people(&mut self) {
        for (id, name, username) in [
            (1001, "Ada", "ada"),
            (1002, "Lim", "lim"),
            (1003, "Gus", "gus"),
        ] {
            let user = User {
                id,
                is_bot: false,
                first_name: name.to_owned(),
                last_name: None,
                username: Some(username.to_owned()),
                language_code: Some("en".to_owned()),
            };
            self.add_person(user, true);
        }
        let head = ChatHead::group(-1001, ChatKind::Supergroup, "Ops".to_owned());
        self.add_group(head, &[1001, 1002, 1003]);
    }
}
