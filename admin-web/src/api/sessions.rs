//! Browsers that are logged in: one's own, and somebody else's.

use bot_core::accounts::sessions::WebSession;
use schemars::JsonSchema;
use serde::Serialize;

use super::reply::List;
use super::time::Time;
use super::users::person;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::Problem;

#[derive(Serialize, JsonSchema)]
pub(crate) struct SessionView {
    /// For ending it; is no secret.
    id: String,
    /// "link", "password" or "mini_app".
    login: String,
    user_agent: String,
    address: String,
    created_at: Time,
    seen_at: Time,
    expires_at: Time,
    /// The one that asks.
    own: bool,
}

fn views(cx: &Cx, sessions: Vec<WebSession>) -> Vec<SessionView> {
    let own = cx.viewer.session.as_ref().map(|session| &session.hash);
    let view = |session: WebSession| SessionView {
        own: own == Some(&session.hash),
        id: session.hash,
        login: session.login.as_str().into(),
        user_agent: session.user_agent,
        address: session.address,
        created_at: Time(session.created_at),
        seen_at: Time(session.seen_at),
        expires_at: Time(session.expires_at),
    };
    sessions.into_iter().map(view).collect()
}

pub(crate) const OWN: Doc = Doc::new::<List<SessionView>>("Where one is logged in");

pub(crate) async fn own(cx: Cx) -> Outcome {
    let user = cx.no_key()?;
    let sessions = cx.app()?.accounts.sessions_of(user).await?;
    Reply::all(views(&cx, sessions))
}

pub(crate) const END: Doc = Doc::silent("End one of one's own sessions");

pub(crate) async fn end(cx: Cx) -> Outcome {
    let user = cx.no_key()?;
    let session: String = cx.param("session")?;
    if cx.app()?.accounts.end_session(user, &session).await? {
        return Reply::nothing();
    }
    Err(Problem::NotFound)
}

pub(crate) const OF_USER: Doc = Doc::new::<List<SessionView>>("Where somebody is logged in");

pub(crate) async fn of_user(cx: Cx) -> Outcome {
    let person = person(&cx).await?;
    let sessions = cx.app()?.accounts.sessions_of(person.id).await?;
    Reply::all(views(&cx, sessions))
}

/// How many were ended.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Ended {
    count: usize,
}

pub(crate) const END_ALL: Doc = Doc::new::<Ended>("End every session of somebody");

pub(crate) async fn end_all(cx: Cx) -> Outcome {
    let person = person(&cx).await?;
    cx.outweighs(person.id)?;
    let (app, by) = (cx.app()?, cx.by()?);
    let count = app.accounts.end_sessions_of(person.id, None, &by).await?;
    app.events.wake();
    Reply::ok(&Ended { count })
}
