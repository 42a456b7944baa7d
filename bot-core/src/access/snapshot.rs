//! Everything that decides access, in memory: who holds which role where and until when.
//!
//! Holds only people with a grant, a block, or a command menu that may have to go; everybody else
//! is a guest and needs no entry.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use vahta_rows::{ChatId, Micros, UserId};

use super::{Actor, KeySet, Switched, keys};
use crate::flow::{Place, Sender};

/// Where a grant holds; `grants.chat_id`, with 0 for everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    Everywhere,
    Chat(ChatId),
}

impl Reach {
    pub fn to_column(self) -> i64 {
        match self {
            Self::Everywhere => 0,
            Self::Chat(chat) => chat.0,
        }
    }

    pub fn from_column(value: i64) -> Self {
        if value == 0 {
            Self::Everywhere
        } else {
            Self::Chat(ChatId(value))
        }
    }

    /// Does a grant of this reach hold in `chat`? `None` asks for what holds everywhere.
    pub fn covers(self, chat: Option<ChatId>) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Chat(own) => chat == Some(own),
        }
    }
}

/// A role given to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub role: String,
    pub reach: Reach,
    /// `None` is for ever.
    pub until: Option<Micros>,
    pub by: Option<UserId>,
    pub since: Micros,
}

impl Grant {
    pub fn is_current(&self, now: Micros) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    pub since: Micros,
    pub reason: Option<String>,
}

/// A person with a grant, a block or a command menu.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: UserId,
    pub telegram_id: Option<i64>,
    pub name: String,
    pub username: Option<String>,
    /// The one they chose, else their Telegram's.
    pub language: Option<String>,
    /// Their Telegram's, when the snapshot was read.
    pub telegram_language: Option<String>,
    pub time_zone: String,
    pub blocked: Option<Blocked>,
    pub grants: Vec<Grant>,
    /// What the command menu of the private chat held when the snapshot was read.
    pub menu_hash: Option<i64>,
}

impl Known {
    /// Was the role given to this person, in `chat` or everywhere?
    pub fn holds(&self, role: &str, chat: Option<ChatId>, now: Micros) -> bool {
        let mut grants = self.grants.iter();
        grants.any(|grant| grant.role == role && grant.reach.covers(chat) && grant.is_current(now))
    }
}

#[derive(Debug, Clone)]
pub struct Role {
    pub builtin: bool,
    pub keys: Arc<KeySet>,
}

/// The rules of one instant; never changes, a change makes a new one.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Grows by one with each change of access, on the database's side.
    pub version: i64,
    pub(super) users: HashMap<UserId, Arc<Known>>,
    pub(super) by_telegram: HashMap<i64, Arc<Known>>,
    pub(super) roles: BTreeMap<String, Role>,
    /// Every permission key ever announced.
    pub(super) permissions: BTreeSet<String>,
    /// Lower-case usernames that a grant waits for, until when.
    pub(super) awaited: HashMap<String, Micros>,
    /// Where plugins are switched on or off, by plugin.
    pub(super) plugin_chats: HashMap<String, BTreeMap<Switched, bool>>,
    /// The role of open sign-up, as the table has it.
    pub(super) sign_up: Option<String>,
    pub(super) nothing: Arc<KeySet>,
}

impl Snapshot {
    pub fn user(&self, id: UserId) -> Option<&Arc<Known>> {
        self.users.get(&id)
    }

    pub fn by_telegram(&self, telegram_id: i64) -> Option<&Arc<Known>> {
        self.by_telegram.get(&telegram_id)
    }

    /// Everyone with a grant or a block, in no order.
    pub fn users(&self) -> impl Iterator<Item = &Arc<Known>> {
        self.users.values()
    }

    /// Roles by name.
    pub fn roles(&self) -> impl Iterator<Item = (&str, &Role)> {
        self.roles.iter().map(|(name, role)| (name.as_str(), role))
    }

    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.get(name)
    }

    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.permissions.iter().map(String::as_str)
    }

    pub fn is_permission(&self, key: &str) -> bool {
        self.permissions.contains(key)
    }

    /// Does a grant wait for this username's first update?
    pub fn awaits(&self, username: &str, now: Micros) -> bool {
        !self.awaited.is_empty()
            && self
                .awaited
                .get(&username.to_lowercase())
                .is_some_and(|until| *until > now)
    }

    /// The keys in effect for a person in a chat (`None`: those that hold everywhere).
    pub fn keys(&self, user: &Known, chat: Option<ChatId>, now: Micros) -> Arc<KeySet> {
        if user.blocked.is_some() {
            return self.nothing.clone();
        }
        let mut held = user
            .grants
            .iter()
            .filter(|grant| grant.reach.covers(chat) && grant.is_current(now))
            .filter_map(|grant| self.roles.get(&grant.role))
            .map(|role| &role.keys);
        let Some(first) = held.next() else {
            return self.nothing.clone();
        };
        let Some(second) = held.next() else {
            return first.clone();
        };
        let mut all = KeySet::clone(first);
        all.add(second);
        held.for_each(|keys| all.add(keys));
        Arc::new(all)
    }

    /// Every key that a person has anywhere: to compare two people's weight.
    pub fn keys_anywhere(&self, user: &Known, now: Micros) -> KeySet {
        let mut all = KeySet::default();
        let current = user.grants.iter().filter(|grant| grant.is_current(now));
        for role in current.filter_map(|grant| self.roles.get(&grant.role)) {
            all.add(&role.keys);
        }
        all
    }

    /// The sender of an update as the rules see them.
    pub fn identify(&self, sender: &Sender, place: Option<&Place>, now: Micros) -> Actor {
        let known = self.by_telegram.get(&sender.telegram_id);
        let keys = known.map_or_else(
            || self.nothing.clone(),
            |known| self.keys(known, place.map(|p| p.chat), now),
        );
        Actor {
            user: known.map(|k| k.id),
            telegram_id: sender.telegram_id,
            name: full_name(&sender.first_name, sender.last_name.as_deref()),
            username: sender.username.clone(),
            language: known
                .and_then(|k| k.language.clone())
                .or_else(|| sender.language.clone())
                .unwrap_or_else(|| "en".into()),
            time_zone: known.map_or_else(|| "UTC".into(), |k| k.time_zone.clone()),
            blocked: known.is_some_and(|k| k.blocked.is_some()),
            known: !keys.is_empty() || known.is_some_and(|k| self.has_any_key(k, now)),
            keys,
        }
    }

    /// May this person do anything at all?
    pub fn has_any_key(&self, user: &Known, now: Micros) -> bool {
        user.blocked.is_none()
            && user.grants.iter().any(|grant| {
                grant.is_current(now)
                    && self
                        .roles
                        .get(&grant.role)
                        .is_some_and(|role| !role.keys.is_empty())
            })
    }

    /// People who hold `key` everywhere and can be written to, in the order of their ids.
    pub fn holders(&self, key: &str, now: Micros) -> Vec<Arc<Known>> {
        self.holders_in(key, None, now)
    }

    /// As [`Self::holders`], in a chat (`None`: everywhere).
    pub fn holders_in(&self, key: &str, chat: Option<ChatId>, now: Micros) -> Vec<Arc<Known>> {
        let holds = |user: &&Arc<Known>| {
            user.telegram_id.is_some() && self.keys(user, chat, now).contains(key)
        };
        let mut holders: Vec<_> = self.users.values().filter(holds).cloned().collect();
        holders.sort_by_key(|user| user.id);
        holders
    }

    /// Is there anybody who may do everything?
    pub fn has_admin(&self, now: Micros) -> bool {
        self.users
            .values()
            .any(|user| self.keys(user, None, now).contains(keys::EVERY))
    }
}

/// "Ada Lovelace", or "Ada".
pub(crate) fn full_name(first: &str, last: Option<&str>) -> String {
    let name = match last {
        Some(last) if !last.is_empty() => format!("{first} {last}"),
        _ => first.to_string(),
    };
    // It stands in sentences and tables beside other people's.
    vahta_rows::tidy(&name).replace(['\n', '\t'], " ")
}
