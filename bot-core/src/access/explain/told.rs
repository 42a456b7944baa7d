//! The rules of an explanation as people read them: the same in Telegram and on the site.

use vahta_rows::{ChatId, Micros};
use vahta_texts::{Arg, Texts};

use super::super::snapshot::{Reach, Snapshot};
use super::{Outcome, Rule};
use crate::nearest::nearest;

/// What the lines are written with, which differs between Telegram and the site.
pub struct Words<'a> {
    /// The core's.
    pub texts: &'a Texts,
    pub language: &'a str,
    /// Where the reader is: "in this chat".
    pub here: Option<ChatId>,
    /// An instant in the reader's zone.
    pub when: &'a dyn Fn(Micros) -> String,
    /// How a role's name is marked up; escapes it where that is needed.
    pub strong: &'a dyn Fn(&str) -> String,
    /// The same for what people wrote, without emphasis.
    pub plain: &'a dyn Fn(&str) -> String,
}

impl Words<'_> {
    fn t(&self, id: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.texts.get(self.language, id, args)
    }

    fn place(&self, reach: Reach) -> String {
        match reach {
            Reach::Everywhere => self.t("place-everywhere", &[]),
            Reach::Chat(chat) if Some(chat) == self.here => self.t("place-here", &[]),
            Reach::Chat(chat) => {
                let id = chat.to_string();
                self.t("place-chat", &[("chat", Arg::from(id))])
            }
        }
    }

    fn end(&self, until: Option<Micros>) -> String {
        match until {
            Some(until) => self.t("until", &[("when", Arg::from((self.when)(until)))]),
            None => self.t("until-ever", &[]),
        }
    }

    /// One rule; `permission` is what was asked about.
    pub fn line(&self, snapshot: &Snapshot, permission: &str, rule: &Rule) -> String {
        match rule {
            Rule::UnknownPermission => match nearest(permission, snapshot.permissions()) {
                Some(near) => {
                    let near = (self.strong)(near);
                    self.t("why-unknown-near", &[("near", Arg::from(near))])
                }
                None => self.t("why-unknown", &[]),
            },
            Rule::Blocked { since, reason } => {
                let reason = (self.plain)(reason.as_deref().unwrap_or("—"));
                let when = (self.when)(*since);
                let args = [("when", Arg::from(when)), ("reason", Arg::from(reason))];
                self.t("why-blocked", &args)
            }
            Rule::Grant {
                role,
                reach,
                until,
                outcome,
            } => {
                let args = [
                    ("role", Arg::from((self.strong)(role))),
                    ("place", Arg::from(self.place(*reach))),
                    ("end", Arg::from(self.end(*until))),
                ];
                self.t(outcome.text(), &args)
            }
            Rule::DefaultDeny => self.t("why-default-deny", &[]),
        }
    }
}

impl Outcome {
    fn text(self) -> &'static str {
        match self {
            Self::Allows => "why-allows",
            Self::AllowsEverything => "why-allows-everything",
            Self::Expired => "why-expired",
            Self::Elsewhere => "why-elsewhere",
            Self::Lacks => "why-lacks",
        }
    }
}

impl Rule {
    /// "✅", "➖" or "❌": does the rule allow it, say nothing, or forbid it?
    pub fn mark(&self) -> &'static str {
        match self {
            Self::Grant { outcome, .. } if outcome.allows() => "✅",
            Self::Grant { .. } | Self::UnknownPermission => "➖",
            Self::Blocked { .. } | Self::DefaultDeny => "❌",
        }
    }
}
