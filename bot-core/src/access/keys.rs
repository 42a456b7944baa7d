//! Permission keys: the core's own, and sets of them.

use std::collections::BTreeSet;

/// Whoever holds this key holds every key; only the role `admin` has it.
pub const EVERY: &str = "*";

pub const USERS_VIEW: &str = "core.users.view";
pub const USERS_MANAGE: &str = "core.users.manage";
pub const ROLES_MANAGE: &str = "core.roles.manage";
pub const PLUGINS_VIEW: &str = "core.plugins.view";
pub const PLUGINS_MANAGE: &str = "core.plugins.manage";
pub const STATUS_VIEW: &str = "core.status.view";
pub const STATUS_MANAGE: &str = "core.status.manage";
pub const LIMITS_MANAGE: &str = "core.limits.manage";
/// Messages and calls as they were logged: they may hold what people wrote in private.
pub const LOGS_VIEW: &str = "core.logs.view";
pub const AUDIT_VIEW: &str = "core.audit.view";
pub const SESSIONS_MANAGE: &str = "core.sessions.manage";
pub const SETTINGS_MANAGE: &str = "core.settings.manage";
/// Writing to everybody with a role, or to a group, in the bot's name.
pub const ANNOUNCE: &str = "core.announce";
/// Every approval, also those that one may neither decide nor asked for.
pub const APPROVALS_VIEW: &str = "core.approvals.view";

/// The core's keys and the roles that get each when it is new (`admin` has every key anyway).
pub const CORE: &[(&str, &[&str])] = &[
    (USERS_VIEW, &[]),
    (USERS_MANAGE, &[]),
    (ROLES_MANAGE, &[]),
    (PLUGINS_VIEW, &["operator"]),
    (PLUGINS_MANAGE, &[]),
    (STATUS_VIEW, &["operator"]),
    (STATUS_MANAGE, &[]),
    (LIMITS_MANAGE, &[]),
    (LOGS_VIEW, &[]),
    (AUDIT_VIEW, &[]),
    (SESSIONS_MANAGE, &[]),
    (SETTINGS_MANAGE, &[]),
    (ANNOUNCE, &[]),
    (APPROVALS_VIEW, &[]),
];

pub const ADMIN: &str = "admin";
pub const OPERATOR: &str = "operator";
/// Everyone without a grant; has no keys and is never granted.
pub const GUEST: &str = "guest";
pub const BUILTIN: &[&str] = &[ADMIN, OPERATOR, GUEST];

/// A set of permission keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySet {
    every: bool,
    keys: BTreeSet<String>,
}

impl KeySet {
    pub fn contains(&self, key: &str) -> bool {
        self.every || self.keys.contains(key)
    }

    /// Does the set hold every key there is or will be?
    pub fn is_everything(&self) -> bool {
        self.every
    }

    pub fn is_empty(&self) -> bool {
        !self.every && self.keys.is_empty()
    }

    /// The keys that `other` has and this set lacks, for a message; empty when it covers them.
    pub fn lacks<'a>(&self, other: &'a KeySet) -> Vec<&'a str> {
        if self.every {
            return Vec::new();
        }
        let every = other.every.then_some(EVERY);
        every
            .into_iter()
            .chain(
                other
                    .keys
                    .iter()
                    .map(String::as_str)
                    .filter(|key| !self.keys.contains(*key)),
            )
            .collect()
    }

    /// Those of `names` that this set holds: what a key with these scopes may do now.
    pub fn within<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Self {
        names
            .into_iter()
            .filter(|name| self.contains(name))
            .collect()
    }

    pub fn add(&mut self, other: &KeySet) {
        self.every |= other.every;
        self.keys.extend(other.keys.iter().cloned());
    }

    /// The keys by name, sorted; a set of everything is `*`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.every
            .then_some(EVERY)
            .into_iter()
            .chain(self.keys.iter().map(String::as_str))
    }
}

impl<S: Into<String>> FromIterator<S> for KeySet {
    fn from_iter<I: IntoIterator<Item = S>>(keys: I) -> Self {
        let mut set = Self::default();
        for key in keys {
            let key = key.into();
            if key == EVERY {
                set.every = true;
            } else {
                set.keys.insert(key);
            }
        }
        set
    }
}

/// `area.thing` or `area.thing.verb`: a manifest that announced `*` would otherwise hand out
/// everything.
pub fn is_well_formed(key: &str) -> bool {
    key.len() <= 64
        && key.contains('.')
        && key.split('.').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
        })
}

/// `night`, `shift-2`: lower case, at most 32 characters, so that it fits into a button.
pub fn is_role_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_everything_covers_what_is_not_invented_yet() {
        let every: KeySet = [EVERY].into_iter().collect();
        let some: KeySet = ["task.view", "task.done"].into_iter().collect();
        assert!(every.contains("not.yet") && every.lacks(&some).is_empty());
        assert_eq!(some.lacks(&every), ["*"]);
        assert!(!some.contains("*") && !KeySet::default().contains(""));
    }

    #[test]
    fn the_key_of_everything_is_no_key_that_a_manifest_may_announce() {
        assert!(is_well_formed("task.view") && is_well_formed("core.users.manage"));
        for bad in [
            "*",
            "",
            "task",
            "task.",
            ".",
            "Task.view",
            "task.*",
            "a b.c",
        ] {
            assert!(!is_well_formed(bad), "{bad}");
        }
    }
}
