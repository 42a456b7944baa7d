//! Links that let one person in.

use std::time::Duration;

use bot_core::access::{OpenInvite, no_replies};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::{body, chat_of, reach};
use super::reply::List;
use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::Problem;

const DAY: u64 = 24 * 3600;
/// As long as a used link is kept.
const LONGEST: u64 = 30 * DAY;

#[derive(Serialize, JsonSchema)]
pub(crate) struct Invite {
    /// For withdrawing it; is no secret.
    id: String,
    role: String,
    chat: Option<i64>,
    created_by: Option<i64>,
    expires_at: Time,
}

pub(crate) const LIST: Doc = Doc::new::<List<Invite>>("Links that nobody has opened yet");

pub(crate) async fn list(cx: Cx) -> Outcome {
    let open = cx.app()?.access.open_invites().await?;
    let view = |invite: OpenInvite| Invite {
        id: invite.hash,
        role: invite.role,
        chat: chat_of(invite.reach),
        created_by: invite.created_by.map(|by| by.0),
        expires_at: Time(invite.expires_at),
    };
    Reply::all(open.into_iter().map(view).collect())
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInvite {
    role: String,
    chat: Option<i64>,
    /// A day when absent, 30 days at most.
    lifetime_seconds: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct MadeInvite {
    #[serde(flatten)]
    invite: Invite,
    /// Shown here and never again.
    link: Option<String>,
}

pub(crate) const CREATE: Doc =
    Doc::makes::<MadeInvite>("Make a link that gives a role to the first who opens it")
        .body::<NewInvite>()
        .secret();

pub(crate) async fn create(cx: Cx) -> Outcome {
    let new: NewInvite = body(&cx)?;
    let seconds = new.lifetime_seconds.unwrap_or(DAY);
    if !(60..=LONGEST).contains(&seconds) {
        return Err(Problem::Bad(format!(
            "`lifetime_seconds` is 60 to {LONGEST}"
        )));
    }
    let reach = reach(new.chat)?;
    cx.covers_role(&new.role)?;
    let (app, by) = (cx.app()?, cx.by()?);
    let lifetime = Duration::from_secs(seconds);
    let change = app
        .access
        .invite(&new.role, reach, lifetime, &by, &no_replies)
        .await;
    let made = cx.settle(change)?;
    Reply::made(&MadeInvite {
        link: Some(made.token.link(&app.me.username)),
        invite: Invite {
            id: made.token.hash(),
            role: made.role,
            chat: chat_of(made.reach),
            created_by: by.user.map(|by| by.0),
            expires_at: Time(made.expires_at),
        },
    })
}

pub(crate) const WITHDRAW: Doc = Doc::silent("Take a link back that nobody has opened");

pub(crate) async fn withdraw(cx: Cx) -> Outcome {
    let invite: String = cx.param("invite")?;
    let (access, by) = (&cx.app()?.access, cx.by()?);
    let change = access.withdraw_invite(&invite, &by, &no_replies).await;
    cx.settle(change)?;
    Reply::nothing()
}
