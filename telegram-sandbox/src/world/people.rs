//! The people of the world.

use std::sync::Arc;

use super::State;
use super::chat::Chat;
use crate::types::{ChatHead, ChatKind, Standing, User};

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) user: Arc<User>,
    /// Whether the person has opened the chat with the bot; before that the bot may not write.
    pub(crate) started: bool,
    /// Whether the person has blocked the bot.
    pub(crate) blocked_bot: bool,
}

impl State {
    /// Adds a person, or changes the one of this id, together with the private chat.
    pub(crate) fn add_person(&mut self, user: User, started: bool) -> Arc<User> {
        let user = Arc::new(user);
        let head = ChatHead::private(&user);
        match self.chats.get_mut(&user.id) {
            Some(chat) => chat.head = Arc::new(head),
            None => {
                let mut chat = Chat::new(head, self.first_message_id);
                chat.members.insert(user.id, Standing::Member);
                chat.members.insert(self.bot.me.id, Standing::Member);
                self.chats.insert(user.id, chat);
            }
        }
        let blocked_bot = self
            .people
            .get(&user.id)
            .is_some_and(|person| person.blocked_bot);
        let person = Person {
            user: user.clone(),
            started,
            blocked_bot,
        };
        self.people.insert(user.id, person);
        self.signals.changes.notify_waiters();
        user
    }

    /// A person or the bot.
    pub(crate) fn user(&self, id: i64) -> Option<Arc<User>> {
        if id == self.bot.me.id {
            return Some(self.bot.me.clone());
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
