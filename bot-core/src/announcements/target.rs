//! Who gets an announcement.

use std::fmt;
use std::str::FromStr;

use vahta_rows::{ChatId, Micros};

use crate::access::Snapshot;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Whoever has any role now.
    Everybody,
    /// Whoever has this role now, wherever.
    Role(String),
    /// A group.
    Chat(ChatId),
}

/// A text that names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTarget;

impl Target {
    /// The private chats of people, or the group; of nobody who is blocked.
    pub fn chats(&self, snapshot: &Snapshot, now: Micros) -> Vec<ChatId> {
        let role = match self {
            Self::Chat(chat) => return vec![*chat],
            Self::Role(role) => Some(role.as_str()),
            Self::Everybody => None,
        };
        let mut chats: Vec<ChatId> = snapshot
            .users()
            .filter(|user| user.blocked.is_none())
            .filter(|user| {
                user.grants
                    .iter()
                    .any(|grant| grant.is_current(now) && role.is_none_or(|r| r == grant.role))
            })
            .filter_map(|user| user.telegram_id)
            .map(ChatId)
            .collect();
        chats.sort_unstable();
        chats
    }

    /// A role, "everybody", or the id of a group; a role that there is not is nobody.
    pub fn named(name: &str, snapshot: &Snapshot) -> Option<Self> {
        let name = name.to_lowercase();
        if name == "everybody" {
            return Some(Self::Everybody);
        }
        if let Some(id) = name.parse::<i64>().ok().filter(|id| *id < 0) {
            return Some(Self::Chat(ChatId(id)));
        }
        snapshot.role(&name).map(|_| Self::Role(name.clone()))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => f.write_str("everybody"),
            Self::Role(role) => write!(f, "role:{role}"),
            Self::Chat(chat) => write!(f, "chat:{chat}"),
        }
    }
}

impl FromStr for Target {
    type Err = NoTarget;

    fn from_str(text: &str) -> Result<Self, NoTarget> {
        match text.split_once(':') {
            None if text == "everybody" => Ok(Self::Everybody),
            Some(("role", role)) if !role.is_empty() => Ok(Self::Role(role.into())),
            Some(("chat", id)) => Ok(Self::Chat(ChatId(id.parse().map_err(|_| NoTarget)?))),
            _ => Err(NoTarget),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_back_as_it_was_written() {
        for target in [
            Target::Everybody,
            Target::Role("operator".into()),
            Target::Chat(ChatId(-100)),
        ] {
            assert_eq!(target.to_string().parse(), Ok(target));
        }
        for bad in ["", "role:", "chat:x", "everyone", "role"] {
            assert_eq!(bad.parse::<Target>(), Err(NoTarget), "{bad}");
        }
    }
}
