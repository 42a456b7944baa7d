//! Giving roles to people and taking them.

use bot_core::access::no_replies;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vahta_rows::Micros;

use super::input::{body, chat_of, reach};
use super::reply::List;
use super::time::Time;
use super::users::{Changed, person};
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::Problem;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Give {
    role: String,
    /// Absent: everywhere.
    chat: Option<i64>,
    /// Absent: for ever.
    until: Option<Time>,
}

pub(crate) const GIVE: Doc = Doc::new::<Changed>("Give a role").body::<Give>();

pub(crate) async fn give(cx: Cx) -> Outcome {
    let Give { role, chat, until } = body(&cx)?;
    let (reach, until) = (reach(chat)?, until.map(|time| time.0));
    if until.is_some_and(|until| until <= Micros::now()) {
        return Err(Problem::Bad("`until` is in the past".into()));
    }
    cx.covers_role(&role)?;
    let person = person(&cx).await?;
    let (access, by) = (&cx.app()?.access, cx.by()?);
    let change = access
        .grant(person.id, &role, reach, until, &by, &no_replies)
        .await;
    let changed = cx.settle(change)?.changed;
    Reply::ok(&Changed { changed })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Take {
    role: String,
    /// Absent: the grant that holds everywhere.
    chat: Option<i64>,
}

/// A role that was taken.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Taken {
    role: String,
    chat: Option<i64>,
}

pub(crate) const TAKE: Doc = Doc::new::<List<Taken>>("Take a role").query::<Take>();

pub(crate) async fn take(cx: Cx) -> Outcome {
    let Take { role, chat } = cx.query()?;
    let reach = reach(chat)?;
    cx.covers_role(&role)?;
    let person = person(&cx).await?;
    let (access, by) = (&cx.app()?.access, cx.by()?);
    let change = access
        .revoke(person.id, Some(&role), Some(reach), &by, &no_replies)
        .await;
    let taken = cx.settle(change)?.taken;
    let taken = taken.into_iter().map(|(role, reach)| Taken {
        role,
        chat: chat_of(reach),
    });
    Reply::all(taken.collect())
}
