//! `/join`: an invitation taken up on the web, with a name and a password and without Telegram, which
//! can be linked later.

use bot_core::access::{AccessError, NewAccount, Refused};
use bot_core::accounts::attempts::Bucket;
use bot_core::accounts::passwords::{self, PasswordError, normal_name};
use bot_core::accounts::sessions::Login;
use maud::html;
use serde::Deserialize;
use warp::http::StatusCode;

use super::login::finish;
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::problem::Problem;

/// Characters of what somebody is called.
const LONGEST: usize = 64;

/// The form as it was sent, without the passwords.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Given {
    code: String,
    name: String,
    username: String,
    password: String,
    again: String,
}

pub(crate) async fn show(cx: Cx) -> Answer {
    page(&cx, &Given::default(), None)
}

fn page(cx: &Cx, given: &Given, fault: Option<&str>) -> Answer {
    let content = html! {
        div.head { h1 { (cx.t("join-title", &[])) } }
        @if let Some(fault) = fault { div.note.bad.fault role="alert" { (cx.t(fault, &[])) } }
        section.card {
            p { (cx.t("join-how", &[])) }
            form.stack method="post" action="/join" #login-link data-stay="1" {
                label { (cx.t("join-code", &[]))
                    input name="code" required value=(given.code) autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="64"; }
                label { (cx.t("join-name", &[]))
                    input name="name" required value=(given.name) autocomplete="name" maxlength=(LONGEST); }
                label { (cx.t("login-name", &[]))
                    input name="username" required value=(given.username) autocomplete="username" autocapitalize="off" spellcheck="false" maxlength="32"; }
                label { (cx.t("login-password", &[]))
                    input name="password" type="password" required autocomplete="new-password" maxlength="512"; }
                label { (cx.t("account-password-again", &[]))
                    input name="again" type="password" required autocomplete="new-password" maxlength="512"; }
                button.main { (cx.t("join-title", &[])) }
            }
        }
        script src="/assets/login-2.js" defer {}
    };
    let mut response = cx.page(&cx.t("join-title", &[]), &content)?;
    if fault.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

pub(crate) async fn join(cx: Cx) -> Answer {
    let given: Given = cx.form()?;
    let app = cx.app()?;
    let (username, name) = (normal_name(&given.username), given.name.trim());
    if name.is_empty() || name.chars().count() > LONGEST {
        return page(&cx, &given, Some("join-fault-name"));
    }
    if given.password != given.again {
        return page(&cx, &given, Some("account-fault-differ"));
    }
    if let Err(fault) = passwords::check(&username, &given.password) {
        return page(&cx, &given, Some(&format!("account-fault-{fault:?}")));
    }
    let bucket = Bucket::address(&finish::address(&cx));
    finish::attempt(&cx, "join", std::slice::from_ref(&bucket)).await?;
    let hash = match app.accounts.hash_of(&given.password).await {
        Ok(hash) => hash,
        Err(PasswordError::Fault(fault)) => {
            return page(&cx, &given, Some(&format!("account-fault-{fault:?}")));
        }
        Err(error) => return Err(error.into()),
    };
    let account = NewAccount {
        name: name.to_string(),
        username,
        password: hash,
    };
    let joined = app
        .access
        .join(given.code.trim(), &account, &cx.by()?)
        .await;
    let change = match joined {
        Ok(change) => change,
        Err(AccessError::Refused(Refused::NameTaken)) => {
            return page(&cx, &given, Some("account-fault-NameTaken"));
        }
        Err(AccessError::Refused(_)) => {
            finish::failed(&cx, "join", None).await?;
            return page(&cx, &given, Some("join-bad"));
        }
        Err(error) => return Err(error.into()),
    };
    cx.committed(change.rows)?;
    app.accounts.take_back(&bucket).await?;
    match finish::enter(&cx, change.done.user, Login::Password).await? {
        Some(token) => Ok(finish::with_session(answer::see_other("/account"), &token)),
        None => Err(Problem::Login),
    }
}
