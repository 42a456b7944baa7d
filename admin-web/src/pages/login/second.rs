//! The second step, after a link, a right password or the Login Widget: a code of the authenticator,
//! or a recovery code. No session exists before it.

use bot_core::accounts::attempts::Bucket;
use bot_core::accounts::sessions::Login;
use maud::html;
use serde::Deserialize;
use vahta_rows::UserId;
use warp::http::StatusCode;
use warp::reply::Response;

use super::{Back, finish, link, ways};
use crate::answer::{self, Answer};
use crate::cookies;
use crate::cx::Cx;
use crate::problem::Problem;

/// Leads from the first step to this one.
pub(super) async fn begin(
    cx: &Cx,
    user: UserId,
    login: Login,
    back: &str,
) -> Result<Response, Problem> {
    let browser = link::fresh()?;
    let accounts = &cx.app()?.accounts;
    accounts.begin_second_step(user, login, &browser).await?;
    let query = serde_urlencoded::to_string([("back", back)]);
    let query = query.map_err(|_| Problem::Internal)?;
    let mut response = answer::see_other(&format!("/login/second?{query}"));
    cookies::browser(&mut response, &browser);
    Ok(response)
}

async fn waiting(cx: &Cx) -> Result<Option<(UserId, Login)>, Problem> {
    match finish::browser(cx) {
        Some(browser) => Ok(cx.app()?.accounts.second_step(browser).await?),
        None => Ok(None),
    }
}

pub(crate) async fn show(cx: Cx) -> Answer {
    let back: Back = cx.query().unwrap_or_default();
    match waiting(&cx).await? {
        Some(_) => page(&cx, &back, None),
        None => ways(&cx, back.path(), Some("login-second-over")),
    }
}

fn page(cx: &Cx, back: &Back, fault: Option<&str>) -> Answer {
    let content = html! {
        div.head { h1 { (cx.t("login-second", &[])) } }
        @if let Some(fault) = fault { div.note.bad.fault role="alert" { (cx.t(fault, &[])) } }
        section.card {
            p { (cx.t("login-second-how", &[])) }
            form.stack method="post" action="/login/second" {
                input type="hidden" name="back" value=(back.path());
                label { (cx.t("login-second-code", &[]))
                    input name="code" required autofocus autocomplete="one-time-code" maxlength="40"; }
                button.main { (cx.t("next", &[])) }
            }
        }
    };
    let mut response = cx.page(&cx.t("login-second", &[]), &content)?;
    if fault.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

#[derive(Deserialize)]
struct Given {
    code: String,
    #[serde(flatten)]
    back: Back,
}

pub(crate) async fn enter(cx: Cx) -> Answer {
    let Given { code, back } = cx.form()?;
    let Some((user, login)) = waiting(&cx).await? else {
        return ways(&cx, back.path(), Some("login-second-over"));
    };
    let (accounts, address) = (&cx.app()?.accounts, finish::address(&cx));
    let known = accounts.is_known_address(user, &address).await?;
    let own = Bucket::second_step_at(user, login, &address, known);
    let mut buckets = vec![own.clone()];
    if !known {
        buckets.push(Bucket::second_step(user, login));
    }
    finish::attempt(&cx, "second", &buckets).await?;
    if !accounts.check_totp(user, &code).await? {
        finish::failed(&cx, "second", Some(user)).await?;
        return page(&cx, &back, Some("login-second-bad"));
    }
    accounts.forgive(&buckets, &own).await?;
    let taken = match finish::browser(&cx) {
        Some(browser) => accounts.take_second_step(browser).await?,
        None => None,
    };
    let token = match taken {
        Some((user, login)) => finish::enter(&cx, user, login).await?,
        None => None,
    };
    match token {
        Some(token) => Ok(finish::with_session(answer::see_other(back.path()), &token)),
        None => ways(&cx, back.path(), Some("login-second-over")),
    }
}
