//! Who is in a story: names for people and chats, which have only ids and titles.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::event::{BOT, Event, Group, Person, Verb};
use crate::world::State;

#[derive(Debug, Default)]
pub(super) struct Cast {
    pub(super) bot: i64,
    people: BTreeMap<i64, Person>,
    groups: BTreeMap<i64, Group>,
    /// Names by chat id, private chats too.
    chats: HashMap<i64, String>,
    taken: HashSet<String>,
    /// Names of topics, by chat and number.
    topics: HashMap<(i64, i64), String>,
}

impl Cast {
    pub(super) fn of(bot: i64) -> Self {
        Self {
            bot,
            ..Self::default()
        }
    }

    /// The name of a chat that was met before.
    pub(super) fn known(&self, chat: i64) -> Option<&String> {
        self.chats.get(&chat)
    }

    pub(super) fn into_parts(self) -> (Vec<Person>, Vec<Group>) {
        let groups = self.groups.into_values().rev().collect();
        (self.people.into_values().collect(), groups)
    }

    /// The story's name of somebody.
    pub(super) fn user(&mut self, user: &Value) -> String {
        let id = user["id"].as_i64().unwrap_or_default();
        if id == self.bot {
            return BOT.to_owned();
        }
        if let Some(person) = self.people.get(&id) {
            return person.name.clone();
        }
        let text = |name: &str| user[name].as_str().map(str::to_owned);
        let full: Vec<_> = [text("first_name"), text("last_name")]
            .into_iter()
            .flatten()
            .collect();
        let full = full.join(" ");
        let name = self.name(&full, id);
        self.people.insert(
            id,
            Person {
                name: name.clone(),
                id,
                username: text("username"),
                language: text("language_code"),
                full_name: (full != name).then_some(full),
            },
        );
        self.chats.insert(id, name.clone());
        name
    }

    pub(super) fn chat(&mut self, chat: &Value) -> String {
        let id = chat["id"].as_i64().unwrap_or_default();
        if let Some(name) = self.chats.get(&id) {
            return name.clone();
        }
        if chat["type"] == "private" {
            return self.user(chat);
        }
        let title = chat["title"].as_str().unwrap_or("Group");
        let name = self.name(title, id);
        self.groups.insert(
            id,
            Group {
                name: name.clone(),
                id,
                kind: chat["type"].as_str().unwrap_or("supergroup").to_owned(),
                is_forum: chat["is_forum"] == Value::Bool(true),
                title: (title != name).then(|| title.to_owned()),
                members: Vec::new(),
            },
        );
        self.chats.insert(id, name.clone());
        name
    }

    /// Names a topic that was opened.
    pub(super) fn open_topic(&mut self, chat: i64, thread: i64, title: &str) -> String {
        let mut name = one_word(title);
        let taken = |name: &String| {
            let mut topics = self.topics.iter();
            topics.any(|((in_chat, _), known)| *in_chat == chat && known == name)
        };
        if name.is_empty() || taken(&name) {
            name = format!("{name}_{thread}");
        }
        self.topics.insert((chat, thread), name.clone());
        name
    }

    /// A topic's name, or its number if nobody saw it opened.
    pub(super) fn topic(&self, chat: i64, thread: i64) -> String {
        let known = self.topics.get(&(chat, thread));
        known.cloned().unwrap_or_else(|| thread.to_string())
    }

    /// One word that nobody else has.
    fn name(&mut self, full: &str, id: i64) -> String {
        let mut name = one_word(full);
        let reserved = ["", BOT, "raw", "person", "group", "supergroup", "channel"];
        if reserved.contains(&name.as_str()) || self.taken.contains(&name) {
            name = format!("{name}_{}", id.unsigned_abs());
        }
        self.taken.insert(name.clone());
        name
    }

    /// Fills the groups with those who were in them before the story, their owner first: those who
    /// are there now, and then back through who came and went.
    pub(super) fn members_of(&mut self, state: &State, events: &[Event]) {
        let ids: Vec<i64> = self.groups.keys().copied().collect();
        for id in ids {
            let Some(chat) = state.chats.get(&id) else {
                continue;
            };
            let mut members: Vec<_> = chat
                .members
                .iter()
                .filter(|(who, standing)| !state.is_bot(**who) && standing.is_present())
                .collect();
            members.sort_by_key(|(who, standing)| (!standing.is_admin(), **who));
            let mut names = Vec::new();
            for (who, _) in members {
                if let Some(user) = state.user(*who) {
                    let user = serde_json::to_value(&*user).unwrap_or_default();
                    names.push(self.user(&user));
                }
            }
            if let Some(group) = self.groups.get_mut(&id) {
                let of_group = events.iter().rev();
                for event in of_group.filter(|event| event.place.chat == group.name) {
                    match &event.verb {
                        Verb::Joins => names.retain(|name| *name != event.who),
                        Verb::Adds(whom) => names.retain(|name| name != whom),
                        Verb::Leaves => names.push(event.who.clone()),
                        Verb::Removes(whom) if whom != BOT => names.push(whom.clone()),
                        _ => {}
                    }
                }
                group.members = names;
            }
        }
    }

    /// For groups that nothing else is known of: who did something there.
    pub(super) fn members_as_seen(&mut self, events: &[Event]) {
        for group in self.groups.values_mut() {
            for event in events {
                let seen = event.place.chat == group.name && event.who != BOT;
                if seen && event.who != "raw" && !group.members.contains(&event.who) {
                    group.members.push(event.who.clone());
                }
            }
        }
    }
}

fn one_word(text: &str) -> String {
    let letters = |c: char| match c {
        c if c.is_alphanumeric() || matches!(c, '.' | '-') => c,
        _ => '_',
    };
    text.trim().chars().map(letters).collect()
}
