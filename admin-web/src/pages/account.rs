//! `/account`: one's own settings, and how one logs in. Changing it takes a login of the last quarter of an hour: a browser
//! left open is not enough.

pub(crate) mod own;
pub(crate) mod password;
pub(crate) mod telegram;
pub(crate) mod totp;

use maud::{Markup, html};
use vahta_rows::UserId;
use vahta_texts::Arg;
use warp::http::StatusCode;

use crate::answer::Answer;
use crate::cx::Cx;
use crate::page;
use crate::problem::Problem;

pub(crate) async fn show(cx: Cx) -> Answer {
    render(&cx, None, None).await
}

/// The page, after a change that was not made with why.
async fn render(cx: &Cx, fault: Option<&str>, own: Option<&own::Refusal>) -> Answer {
    let user = cx.viewer.user.ok_or(Problem::Login)?;
    let is_fresh = cx.viewer.session.as_ref().is_some_and(|s| s.is_fresh());
    let content = html! {
        div.head { h1 { (cx.t("account-title", &[])) } }
        @if let Some(fault) = fault { div.note.bad role="alert" { (cx.t(fault, &[])) } }
        (own::card(cx, "/account/settings", own).await?)
        @if !is_fresh {
            div.note.warn {
                p { (cx.t("account-stale", &[])) }
                p { a.button href="/login?back=/account" { (cx.t("account-again", &[])) } }
            }
        }
        (telegram::card(cx, user, is_fresh).await?)
        (password_card(cx, user, is_fresh).await?)
        (totp::card(cx, user, is_fresh).await?)
        p.quiet.small { (cx.t("keys-go-on", &[])) " " a href="/keys" { (cx.t("keys-title", &[])) } }
    };
    let mut response = cx.page(&cx.t("account-title", &[]), &content)?;
    if fault.is_some() || own.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Whoever may change how this person logs in: that person, just now.
pub(crate) fn changer(cx: &Cx) -> Result<UserId, Problem> {
    let session = cx.viewer.session.as_ref().ok_or(Problem::Login)?;
    if session.is_fresh() {
        Ok(session.user)
    } else {
        Err(Problem::Refused(cx.t("account-stale", &[])))
    }
}

async fn password_card(cx: &Cx, user: UserId, is_fresh: bool) -> Result<Markup, Problem> {
    let name = cx.app()?.accounts.name_of(user).await?;
    Ok(html! {
        section.card {
            h2 { (cx.t("account-password", &[])) }
            p.quiet { (cx.t("account-password-how", &[])) }
            @if let Some(name) = &name { p { (cx.t("account-password-has", &[("name", Arg::from(name))])) } }
            @if is_fresh {
                form.stack method="post" action="/account/password" {
                    (page::csrf(cx))
                    label { (cx.t("login-name", &[]))
                        input name="username" required autocomplete="username" autocapitalize="off" spellcheck="false"
                            maxlength="32" value=(name.as_deref().unwrap_or_default()); }
                    label { (cx.t("account-password-new", &[]))
                        input name="password" type="password" required autocomplete="new-password" maxlength="512"; }
                    label { (cx.t("account-password-again", &[]))
                        input name="again" type="password" required autocomplete="new-password" maxlength="512"; }
                    div { button.main { (cx.t("account-password-set", &[])) } }
                }
                @if name.is_some() {
                    form.after method="post" action="/account/password/off" {
                        (page::csrf(cx))
                        button.danger { (cx.t("account-password-off", &[])) }
                    }
                }
            }
        }
    })
}
