//! Why somebody may or may not: the rules, walked one by one.

mod told;

use vahta_rows::{ChatId, Micros, UserId};

use super::snapshot::{Reach, Snapshot};

pub use told::Words;

/// The answer to "may X do Y here?", with every rule that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub permission: String,
    /// Where was asked; `None`: for what holds everywhere.
    pub chat: Option<ChatId>,
    pub allowed: bool,
    /// In the order in which they were looked at.
    pub rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Nobody announced this permission: a typing error, or a plugin that never ran.
    UnknownPermission,
    /// A block wins over every grant.
    Blocked {
        since: Micros,
        reason: Option<String>,
    },
    Grant {
        role: String,
        reach: Reach,
        until: Option<Micros>,
        outcome: Outcome,
    },
    /// No grant allowed it, so it is denied.
    DefaultDeny,
}

/// What a grant does for the permission in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The role has the key.
    Allows,
    /// The role has every key.
    AllowsEverything,
    /// The grant has ended.
    Expired,
    /// The grant holds in another chat.
    Elsewhere,
    /// The role does not have the key.
    Lacks,
}

impl Outcome {
    pub fn allows(self) -> bool {
        matches!(self, Self::Allows | Self::AllowsEverything)
    }
}

impl Snapshot {
    /// Walks the rules for a person (`None`: somebody without any entry).
    pub fn explain(
        &self,
        user: Option<UserId>,
        permission: &str,
        chat: Option<ChatId>,
        now: Micros,
    ) -> Explanation {
        let mut rules = Vec::new();
        if !self.is_permission(permission) {
            rules.push(Rule::UnknownPermission);
        }
        let known = user.and_then(|id| self.user(id));
        if let Some(blocked) = known.and_then(|known| known.blocked.as_ref()) {
            let reason = blocked.reason.clone();
            rules.push(Rule::Blocked {
                since: blocked.since,
                reason,
            });
        }
        let is_blocked = known.is_some_and(|known| known.blocked.is_some());
        let mut allowed = false;
        for grant in known.iter().flat_map(|known| &known.grants) {
            let keys = self.role(&grant.role).map(|role| &role.keys);
            let outcome = if !grant.is_current(now) {
                Outcome::Expired
            } else if !grant.reach.covers(chat) {
                Outcome::Elsewhere
            } else if keys.is_some_and(|keys| keys.is_everything()) {
                Outcome::AllowsEverything
            } else if keys.is_some_and(|keys| keys.contains(permission)) {
                Outcome::Allows
            } else {
                Outcome::Lacks
            };
            allowed |= outcome.allows() && !is_blocked;
            let (role, reach, until) = (grant.role.clone(), grant.reach, grant.until);
            rules.push(Rule::Grant {
                role,
                reach,
                until,
                outcome,
            });
        }
        if !allowed && !is_blocked {
            rules.push(Rule::DefaultDeny);
        }
        Explanation {
            permission: permission.into(),
            chat,
            allowed,
            rules,
        }
    }
}
