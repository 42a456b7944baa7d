//! Open sign-up: the role that strangers get by `/start`.

use bot_core::access::no_replies;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::body;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignUp {
    /// null: off, strangers need an invitation.
    role: Option<String>,
}

pub(crate) const SHOW: Doc = Doc::new::<SignUp>("Whether strangers may sign up, and as what");

pub(crate) async fn show(cx: Cx) -> Outcome {
    let snapshot = cx.app()?.access.snapshot();
    Reply::ok(&SignUp {
        role: snapshot.sign_up().map(str::to_owned),
    })
}

pub(crate) const SET: Doc =
    Doc::new::<SignUp>("Open sign-up with a role, or close it").body::<SignUp>();

pub(crate) async fn set(cx: Cx) -> Outcome {
    let SignUp { role } = body(&cx)?;
    let access = &cx.app()?.access;
    let change = access
        .set_sign_up(role.as_deref(), &cx.by()?, &no_replies)
        .await?;
    cx.committed(change.rows)?;
    show(cx).await
}
