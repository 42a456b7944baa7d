//! Several bots in one world. [`State::bot`] is the bot that acts: whose call is answered, or
//! whose private chats a person looks at. The others wait in [`State::others`].

use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;

use super::State;
use super::bot::Bot;
use super::chat::Chat;
use crate::types::{ChatHead, Standing, User};

/// The locked world with one bot acting; the first bot acts again when it is dropped.
#[derive(Debug)]
pub(crate) struct Acting<'a> {
    state: MutexGuard<'a, State>,
    first: i64,
}

impl<'a> Acting<'a> {
    pub(crate) fn first(state: MutexGuard<'a, State>) -> Self {
        let first = state.bot.me.id;
        Self { state, first }
    }

    /// `None`: there is no such bot.
    pub(crate) fn of(mut state: MutexGuard<'a, State>, bot: i64) -> Option<Self> {
        let first = state.bot.me.id;
        state.let_act(bot).then_some(Self { state, first })
    }
}

impl Deref for Acting<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Acting<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for Acting<'_> {
    fn drop(&mut self) {
        let first = self.first;
        self.state.let_act(first);
    }
}

impl State {
    /// Exchanges the acting bot; `false` if there is no such bot.
    fn let_act(&mut self, bot: i64) -> bool {
        if bot == self.bot.me.id {
            return true;
        }
        let Some(mut next) = self.others.remove(&bot) else {
            return false;
        };
        let private = std::mem::take(&mut next.private);
        let mut last = std::mem::replace(&mut self.bot, next);
        last.private = self.chats.exchange_private(private);
        self.others.insert(last.me.id, last);
        true
    }

    /// Does something with this bot acting, and lets the one before act again; `None`: there is no
    /// such bot.
    pub(crate) fn as_bot<T>(&mut self, bot: i64, act: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let before = self.bot.me.id;
        let done = self.let_act(bot).then(|| act(self));
        self.let_act(before);
        done
    }

    /// Adds a bot; everybody gets a private chat with it.
    pub(crate) fn add_bot(&mut self, mut bot: Bot) {
        bot.queue.start_at(self.first_message_id);
        for person in self.people.values() {
            let chat = self.private_chat(&person.user, bot.me.id);
            bot.private.insert(person.user.id, chat);
        }
        self.others.insert(bot.me.id, bot);
        self.signals.changes.notify_waiters();
    }

    pub(crate) fn private_chat(&self, user: &User, bot: i64) -> Chat {
        let mut chat = Chat::new(ChatHead::private(user), self.first_message_id);
        chat.members.insert(user.id, Standing::Member);
        chat.members.insert(bot, Standing::Member);
        chat
    }

    pub(crate) fn bot_by_id(&self, id: i64) -> Option<&Bot> {
        if id == self.bot.me.id {
            return Some(&self.bot);
        }
        self.others.get(&id)
    }

    pub(crate) fn bot_by_id_mut(&mut self, id: i64) -> Option<&mut Bot> {
        if id == self.bot.me.id {
            return Some(&mut self.bot);
        }
        self.others.get_mut(&id)
    }

    /// Every chat there is, the private ones of all bots.
    pub(crate) fn all_chats(&self) -> impl Iterator<Item = &Chat> {
        let private = self.others.values().flat_map(|bot| bot.private.values());
        self.chats.values().chain(private)
    }

    pub(crate) fn is_bot(&self, id: i64) -> bool {
        self.bot_by_id(id).is_some()
    }

    /// Every bot, the acting one first.
    pub(crate) fn bots(&self) -> impl Iterator<Item = &Bot> {
        std::iter::once(&self.bot).chain(self.others.values())
    }

    pub(crate) fn bots_mut(&mut self) -> impl Iterator<Item = &mut Bot> {
        std::iter::once(&mut self.bot).chain(self.others.values_mut())
    }

    /// The ids of the bots that are in a chat; in a private one only its own.
    pub(crate) fn bots_in(&self, chat_id: i64) -> Vec<i64> {
        let Some(chat) = self.chats.get(&chat_id) else {
            return Vec::new();
        };
        if chat.is_private() {
            return vec![self.bot.me.id];
        }
        let ids = self.bots().map(|bot| bot.me.id);
        ids.filter(|id| chat.has(*id)).collect()
    }
}
