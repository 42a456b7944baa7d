//! People: who is here, what they hold, why they may or may not, and blocking them.

use bot_core::access::{
    Explanation, Outcome as GrantOutcome, Person, Rule, Which, Who, no_replies,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vahta_rows::{ChatId, Micros, UserId};

use super::input::{body, chat_of, limit, page_number};
use super::reply::List;
use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::Problem;

#[derive(Serialize, JsonSchema)]
pub(crate) struct User {
    id: i64,
    telegram_id: Option<i64>,
    name: String,
    /// Without the `@`.
    username: Option<String>,
    language: Option<String>,
    /// Refused tries so far.
    refusals: i32,
    blocked_since: Option<Time>,
    block_reason: Option<String>,
    last_seen: Time,
}

/// A role that somebody holds.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Grant {
    role: String,
    /// Null: everywhere.
    chat: Option<i64>,
    /// Null: for ever.
    until: Option<Time>,
    granted_by: Option<i64>,
    since: Time,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct UserWithGrants {
    #[serde(flatten)]
    user: User,
    grants: Vec<Grant>,
    /// Permissions in effect everywhere; `*` is every one.
    permissions: Vec<String>,
}

impl From<Person> for User {
    fn from(person: Person) -> Self {
        let blocked = person.blocked;
        Self {
            id: person.id.0,
            telegram_id: person.telegram_id,
            name: person.name,
            username: person.username,
            language: person.language,
            refusals: person.refusals,
            blocked_since: blocked.as_ref().map(|b| Time(b.since)),
            block_reason: blocked.and_then(|b| b.reason),
            last_seen: Time(person.last_seen),
        }
    }
}

/// Which people a list holds.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Group {
    #[default]
    Everyone,
    /// Those with a grant.
    Members,
    Blocked,
    Refused,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    #[serde(default)]
    which: Group,
    after: Option<i64>,
    limit: Option<i64>,
}

pub(crate) const LIST: Doc =
    Doc::new::<List<User>>("People that the bot knows, seen last first").query::<Query>();

pub(crate) async fn list(cx: Cx) -> Outcome {
    let query: Query = cx.query()?;
    let (limit, page) = (limit(query.limit)?, page_number(query.after)?);
    let which = match query.which {
        Group::Everyone => Which::Everyone,
        Group::Members => Which::Members,
        Group::Blocked => Which::Blocked,
        Group::Refused => Which::Refused,
    };
    let size = u32::try_from(limit).unwrap_or(1);
    let found = cx.app()?.access.people(which, page, size).await?;
    let next = found.has_more.then(|| i64::from(page) + 1);
    Reply::page(found.people.into_iter().map(User::from).collect(), next)
}

pub(crate) async fn person(cx: &Cx) -> Result<Person, Problem> {
    let id = UserId(cx.param("id")?);
    let found = cx.app()?.access.find(&Who::User(id)).await?;
    found.ok_or(Problem::NotFound)
}

pub(crate) const ONE: Doc = Doc::new::<UserWithGrants>("One person, with what they hold");

pub(crate) async fn one(cx: Cx) -> Outcome {
    let person = person(&cx).await?;
    let snapshot = cx.app()?.access.snapshot();
    let known = snapshot.user(person.id);
    let grants = known
        .map(|known| known.grants.as_slice())
        .unwrap_or_default();
    let held = known.map(|known| snapshot.keys(known, None, Micros::now()));
    Reply::ok(&UserWithGrants {
        grants: grants
            .iter()
            .map(|grant| Grant {
                role: grant.role.clone(),
                chat: chat_of(grant.reach),
                until: grant.until.map(Time),
                granted_by: grant.by.map(|by| by.0),
                since: Time(grant.since),
            })
            .collect(),
        permissions: held
            .map(|held| held.names().map(str::to_string).collect())
            .unwrap_or_default(),
        user: person.into(),
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Block {
    reason: String,
}

/// Whether anything changed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Changed {
    pub(crate) changed: bool,
}

pub(crate) const BLOCK: Doc =
    Doc::new::<Changed>("Block somebody: nothing of theirs is answered any more").body::<Block>();

pub(crate) async fn block(cx: Cx) -> Outcome {
    let Block { reason } = body(&cx)?;
    if reason.chars().count() > 500 {
        return Err(Problem::Bad("`reason` has at most 500 characters".into()));
    }
    let person = person(&cx).await?;
    cx.covers_person(person.id)?;
    let (app, by) = (cx.app()?, cx.by()?);
    let change = app.access.block(person.id, &reason, &by, &no_replies).await;
    let changed = cx.settle(change)?.changed;
    Reply::ok(&Changed { changed })
}

pub(crate) const UNBLOCK: Doc = Doc::new::<Changed>("Lift a block");

pub(crate) async fn unblock(cx: Cx) -> Outcome {
    let person = person(&cx).await?;
    cx.covers_person(person.id)?;
    let (app, by) = (cx.app()?, cx.by()?);
    let change = app.access.unblock(person.id, &by, &no_replies).await;
    let changed = cx.settle(change)?.changed;
    Reply::ok(&Changed { changed })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    permission: String,
    /// Where; else what holds everywhere.
    chat: Option<i64>,
}

/// A rule that was looked at.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "rule")]
enum ExplainedRule {
    /// Nobody announced this permission.
    UnknownPermission,
    Blocked {
        since: Time,
        reason: Option<String>,
    },
    Grant {
        role: String,
        chat: Option<i64>,
        until: Option<Time>,
        outcome: String,
    },
    /// No grant allowed it.
    DefaultDeny,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Explained {
    permission: String,
    allowed: bool,
    /// In the order in which they were looked at.
    rules: Vec<ExplainedRule>,
}

pub(crate) const EXPLAIN: Doc =
    Doc::new::<Explained>("Why somebody may or may not, rule by rule").query::<Question>();

pub(crate) async fn explain(cx: Cx) -> Outcome {
    let Question { permission, chat } = cx.query()?;
    let person = person(&cx).await?;
    let snapshot = cx.app()?.access.snapshot();
    let chat = chat.map(ChatId);
    let explanation = snapshot.explain(Some(person.id), &permission, chat, Micros::now());
    Reply::ok(&told(explanation))
}

fn told(explanation: Explanation) -> Explained {
    let rule = |rule: Rule| match rule {
        Rule::UnknownPermission => ExplainedRule::UnknownPermission,
        Rule::Blocked { since, reason } => ExplainedRule::Blocked {
            since: Time(since),
            reason,
        },
        Rule::Grant {
            role,
            reach,
            until,
            outcome,
        } => ExplainedRule::Grant {
            role,
            chat: chat_of(reach),
            until: until.map(Time),
            outcome: match outcome {
                GrantOutcome::Allows => "allows",
                GrantOutcome::AllowsEverything => "allows_everything",
                GrantOutcome::Expired => "expired",
                GrantOutcome::Elsewhere => "elsewhere",
                GrantOutcome::Lacks => "lacks",
            }
            .into(),
        },
        Rule::DefaultDeny => ExplainedRule::DefaultDeny,
    };
    Explained {
        permission: explanation.permission,
        allowed: explanation.allowed,
        rules: explanation.rules.into_iter().map(rule).collect(),
    }
}
