//! All chats by id. Groups and channels are everybody's; a private chat is a bot's own, so those
//! here are the acting bot's, and the others' are kept with them (see `bots`).

use std::collections::HashMap;

use super::chat::Chat;

#[derive(Debug, Default)]
pub(crate) struct Chats {
    groups: HashMap<i64, Chat>,
    private: HashMap<i64, Chat>,
}

impl Chats {
    /// Ids of people are positive, and so are those of their private chats.
    fn map(&self, id: i64) -> &HashMap<i64, Chat> {
        if id > 0 { &self.private } else { &self.groups }
    }

    fn map_mut(&mut self, id: i64) -> &mut HashMap<i64, Chat> {
        if id > 0 {
            &mut self.private
        } else {
            &mut self.groups
        }
    }

    pub(crate) fn get(&self, id: &i64) -> Option<&Chat> {
        self.map(*id).get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &i64) -> Option<&mut Chat> {
        self.map_mut(*id).get_mut(id)
    }

    pub(crate) fn contains_key(&self, id: &i64) -> bool {
        self.map(*id).contains_key(id)
    }

    pub(crate) fn insert(&mut self, id: i64, chat: Chat) {
        self.map_mut(id).insert(id, chat);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&i64, &Chat)> {
        self.groups.iter().chain(&self.private)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Chat> {
        self.groups.values().chain(self.private.values())
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Chat> {
        self.groups.values_mut().chain(self.private.values_mut())
    }

    pub(crate) fn len(&self) -> usize {
        self.groups.len() + self.private.len()
    }

    pub(crate) fn clear(&mut self) {
        self.groups.clear();
        self.private.clear();
    }

    /// Puts another bot's private chats in, and gives out those that were here.
    pub(crate) fn exchange_private(&mut self, private: HashMap<i64, Chat>) -> HashMap<i64, Chat> {
        std::mem::replace(&mut self.private, private)
    }
}
