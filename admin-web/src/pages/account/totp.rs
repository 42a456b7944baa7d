//! The second factor: set up, confirmed by a first code, turned off.

use bot_core::accounts::totp::Enrolment;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use vahta_rows::UserId;
use vahta_texts::Arg;

use super::password::note;
use super::{changer, render};
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::problem::Problem;
use crate::{page, qr};

pub(super) async fn card(cx: &Cx, user: UserId, is_fresh: bool) -> Result<Markup, Problem> {
    let app = cx.app()?;
    let is_on = app.accounts.has_totp(user).await?;
    // Only to somebody who just logged in: the secret is as good as every code.
    let pending = if is_on || !is_fresh {
        None
    } else {
        let (issuer, label) = (&app.me.first_name, &cx.viewer.name);
        app.accounts.pending_totp(user, issuer, label).await?
    };
    let left = app.accounts.recovery_codes_left(user).await?.to_string();
    Ok(html! {
        section.card {
            h2 { (cx.t("account-totp", &[])) }
            @if is_on {
                p { (cx.t("account-totp-on", &[("left", Arg::from(left))])) }
                @if is_fresh { (button(cx, "/account/totp/off", "account-totp-off")) }
            } @else {
                p.quiet { (cx.t("account-totp-how", &[])) }
                @if let Some(enrolment) = &pending { (confirm_form(cx, enrolment)) }
                @else if is_fresh { (button(cx, "/account/totp/begin", "account-totp-begin")) }
            }
        }
    })
}

fn button(cx: &Cx, action: &str, text: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            (page::csrf(cx))
            button { (cx.t(text, &[])) }
        }
    }
}

fn confirm_form(cx: &Cx, enrolment: &Enrolment) -> Markup {
    html! {
        p { (cx.t("account-totp-scan", &[])) }
        (qr::svg(&enrolment.url, &cx.t("account-totp-secret", &[])))
        p.break { (cx.t("account-totp-secret", &[])) " " code { (enrolment.secret) } }
        form.stack method="post" action="/account/totp/confirm" {
            (page::csrf(cx))
            label { (cx.t("account-totp-code", &[]))
                input name="code" required autocomplete="one-time-code" inputmode="numeric" maxlength="10"; }
            div { button.main { (cx.t("account-totp-confirm", &[])) } }
        }
    }
}

pub(crate) async fn begin(cx: Cx) -> Answer {
    let user = changer(&cx)?;
    let app = cx.app()?;
    let (issuer, label) = (&app.me.first_name, &cx.viewer.name);
    match app.accounts.begin_totp(user, issuer, label).await? {
        Some(_) => Ok(answer::see_other("/account")),
        None => Err(Problem::Conflict(cx.t("account-totp-there", &[]))),
    }
}

#[derive(Deserialize)]
struct Given {
    code: String,
}

/// Shows the recovery codes, once.
pub(crate) async fn confirm(cx: Cx) -> Answer {
    let user = changer(&cx)?;
    let Given { code } = cx.form()?;
    let Some(codes) = cx.app()?.accounts.confirm_totp(user, &code).await? else {
        return render(&cx, Some("account-totp-bad"), None).await;
    };
    note(&cx, "totp.set", json!({})).await?;
    let content = html! {
        div.head { h1 { (cx.t("account-totp-codes", &[])) } }
        section.card {
            p { (cx.t("account-totp-codes-how", &[])) }
            ul.codes { @for code in &codes { li { code { (code) } } } }
            p { a.button href="/account" { (cx.t("account-back", &[])) } }
        }
    };
    cx.page(&cx.t("account-totp-codes", &[]), &content)
}

pub(crate) async fn drop(cx: Cx) -> Answer {
    let user = changer(&cx)?;
    let app = cx.app()?;
    app.accounts.drop_totp(user, &cx.by()?).await?;
    app.events.wake();
    Ok(answer::see_other("/account"))
}
