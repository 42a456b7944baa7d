//! Who is acting, and what they may do here and now.

use std::sync::Arc;

use vahta_rows::UserId;

use super::KeySet;

/// The sender of an update as the rules see them, in one chat at one instant.
#[derive(Debug, Clone)]
pub struct Actor {
    /// `None` for people that the access snapshot does not hold: no grant, no block.
    pub user: Option<UserId>,
    pub telegram_id: i64,
    /// First and last name, as Telegram tells it now.
    pub name: String,
    /// Without the `@`.
    pub username: Option<String>,
    /// IETF tag; "en" when nobody said.
    pub language: String,
    /// IANA name, such as "Asia/Bangkok".
    pub time_zone: String,
    pub blocked: bool,
    /// Has some key in some chat: what they may not do is explained and never counts as a try.
    pub known: bool,
    /// In effect in this chat, now.
    pub keys: Arc<KeySet>,
}

impl Actor {
    /// Nobody in particular: may do nothing.
    pub fn nobody() -> Self {
        Self {
            user: None,
            telegram_id: 0,
            name: String::new(),
            username: None,
            language: "en".into(),
            time_zone: "UTC".into(),
            blocked: false,
            known: false,
            keys: Arc::default(),
        }
    }

    pub fn may(&self, key: &str) -> bool {
        !self.blocked && self.keys.contains(key)
    }

    /// Has any key, here or in another chat.
    pub fn is_known(&self) -> bool {
        self.known && !self.blocked
    }

    /// Which of these keys the actor has here, in the order given.
    pub fn permissions_of<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        keys.into_iter()
            .filter(|key| self.may(key))
            .map(str::to_string)
            .collect()
    }
}
