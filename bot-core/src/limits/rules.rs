//! What the limits are, and which of them an admin changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::AccessRules;

/// So many at once, then so many a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    pub burst: u32,
    pub per_second: u32,
}

impl Rate {
    /// At least one of each: a limit is no block.
    pub fn new(burst: u32, per_second: u32) -> Option<Self> {
        let legal = 1..=1_000_000;
        (legal.contains(&burst) && legal.contains(&per_second))
            .then_some(Self { burst, per_second })
    }
}

/// What a limit counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything that a person sends.
    User,
    /// Everything that is addressed to the bot in a group.
    Chat,
    /// Each command of a person by itself, or one of them.
    Command(Option<String>),
}

impl Scope {
    /// `user`, `chat`, `command`, or `/name` for one command.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "user" => Some(Self::User),
            "chat" => Some(Self::Chat),
            "command" => Some(Self::Command(None)),
            other => {
                let name = other.strip_prefix('/')?;
                let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
                // Bot API, BotCommand: 1-32 of a-z, 0-9 and underscores.
                ((1..=32).contains(&name.len()) && name.bytes().all(legal))
                    .then(|| Self::Command(Some(name.to_lowercase())))
            }
        }
    }

    pub(super) fn index(&self) -> usize {
        match self {
            Self::User => 0,
            Self::Chat => 1,
            Self::Command(_) => 2,
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User => f.write_str("user"),
            Self::Chat => f.write_str("chat"),
            Self::Command(None) => f.write_str("command"),
            Self::Command(Some(name)) => write!(f, "/{name}"),
        }
    }
}

/// The limits in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    pub user: Rate,
    pub chat: Rate,
    pub command: Rate,
    /// Commands with a limit of their own.
    pub single: BTreeMap<String, Rate>,
}

impl Rules {
    /// A command may use all that a person has, a group four times as much: until an admin says
    /// otherwise, the person's limit decides.
    pub(super) fn of(config: &AccessRules) -> Self {
        let user = Rate {
            burst: config.burst,
            per_second: config.per_second,
        };
        let chat = Rate {
            burst: user.burst.saturating_mul(4),
            per_second: user.per_second.saturating_mul(4),
        };
        Self {
            user,
            chat,
            command: user,
            single: BTreeMap::new(),
        }
    }

    pub fn get(&self, scope: &Scope) -> Rate {
        match scope {
            Scope::User => self.user,
            Scope::Chat => self.chat,
            Scope::Command(None) => self.command,
            Scope::Command(Some(name)) => self.single.get(name).copied().unwrap_or(self.command),
        }
    }
}

/// What admins changed; the JSON of the `limits` setting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrides {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<Rate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chat: Option<Rate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<Rate>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    single: BTreeMap<String, Rate>,
}

impl Overrides {
    /// `None` goes back to the default.
    pub(super) fn set(&mut self, scope: &Scope, rate: Option<Rate>) {
        match (scope, rate) {
            (Scope::User, rate) => self.user = rate,
            (Scope::Chat, rate) => self.chat = rate,
            (Scope::Command(None), rate) => self.command = rate,
            (Scope::Command(Some(name)), Some(rate)) => {
                self.single.insert(name.clone(), rate);
            }
            (Scope::Command(Some(name)), None) => {
                self.single.remove(name);
            }
        }
    }

    pub(super) fn merged_with(&self, defaults: &Rules) -> Rules {
        Rules {
            user: self.user.unwrap_or(defaults.user),
            chat: self.chat.unwrap_or(defaults.chat),
            command: self.command.unwrap_or(defaults.command),
            single: self.single.clone(),
        }
    }
}
