//! Setting one's name and password, and taking them away.

use bot_core::access::Act;
use bot_core::accounts::passwords::PasswordError;
use serde::Deserialize;
use serde_json::json;

use super::{changer, render};
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::problem::Problem;

#[derive(Deserialize)]
struct Given {
    username: String,
    password: String,
    again: String,
}

/// Whoever is logged in elsewhere may be why the password is changed.
pub(crate) async fn set(cx: Cx) -> Answer {
    let user = changer(&cx)?;
    let given: Given = cx.form()?;
    if given.password != given.again {
        return render(&cx, Some("account-fault-differ"), None).await;
    }
    let accounts = &cx.app()?.accounts;
    let set = accounts.set_password(user, &given.username, &given.password);
    match set.await {
        Ok(()) => {}
        Err(PasswordError::Fault(fault)) => {
            return render(&cx, Some(&format!("account-fault-{fault:?}")), None).await;
        }
        Err(error) => return Err(error.into()),
    }
    let session = cx.viewer.session.as_ref().ok_or(Problem::Login)?;
    let ended = accounts.end_other_sessions(user, &session.hash).await?;
    note(&cx, "password.set", json!({ "sessions_ended": ended })).await?;
    Ok(answer::see_other("/account"))
}

pub(crate) async fn drop(cx: Cx) -> Answer {
    let user = changer(&cx)?;
    if cx.app()?.accounts.drop_password(user).await? {
        note(&cx, "password.drop", json!({})).await?;
    }
    Ok(answer::see_other("/account"))
}

/// An audit row about the viewer's own account.
pub(super) async fn note(
    cx: &Cx,
    action: &'static str,
    detail: serde_json::Value,
) -> Result<(), Problem> {
    let by = cx.by()?;
    let user = by.user.ok_or(Problem::Login)?;
    let act = Act {
        action,
        object: format!("user:{user}"),
        detail,
    };
    let app = cx.app()?;
    app.accounts.note(&by, &act).await?;
    app.events.wake();
    Ok(())
}
