//! `/invites`: links that let people in. Who opens one proves in Telegram who they are.

use std::time::Duration;

use bot_core::access::{Reach, Who, keys, no_replies};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_texts::Arg;

use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::problem::Problem;
use crate::{page, qr, when};

const HOUR: u64 = 3_600;
/// What an invitation may be good for, with its text.
const LIFETIMES: &[(u64, &str)] = &[
    (HOUR, "invites-hour"),
    (24 * HOUR, "invites-day"),
    (7 * 24 * HOUR, "invites-week"),
];

pub(crate) async fn list(cx: Cx) -> Answer {
    let content = body(&cx).await?;
    cx.live_page(&cx.t("invites-title", &[]), &content, "access.")
}

async fn body(cx: &Cx) -> Result<Markup, Problem> {
    let access = &cx.app()?.access;
    let mut rows = Vec::new();
    for invite in access.open_invites().await? {
        let by = match invite.created_by {
            Some(user) => access.find(&Who::User(user)).await?.map(|p| p.label()),
            None => None,
        };
        rows.push((invite, by.unwrap_or_default()));
    }
    Ok(html! {
        section.card {
            h1 { (cx.t("invites-title", &[])) }
            @if rows.is_empty() { p.quiet { (cx.t("invites-none", &[])) } }
            ul.rows { @for (invite, by) in &rows {
                li {
                    strong { (invite.role) }
                    @if let Reach::Chat(chat) = invite.reach { span.quiet { (chat.0) } }
                    span.quiet { (by) }
                    span.quiet { (cx.t("invites-until", &[])) " " (when::show(invite.expires_at, &cx.viewer.time_zone)) }
                    form method="post" action="/invites/withdraw" {
                        (page::csrf(cx))
                        input type="hidden" name="invite" value=(invite.hash);
                        button { (cx.t("invites-withdraw", &[])) }
                    }
                }
            } }
        }
        (make_form(cx)?)
    })
}

fn make_form(cx: &Cx) -> Result<Markup, Problem> {
    let snapshot = cx.app()?.access.snapshot();
    let roles: Vec<&str> = snapshot
        .roles()
        .map(|(name, _)| name)
        .filter(|name| *name != keys::GUEST)
        .collect();
    Ok(html! {
        section.card {
            h2 { (cx.t("invites-make", &[])) }
            form.stack method="post" action="/invites" {
                (page::csrf(cx))
                label { (cx.t("invites-role", &[])) select name="role" {
                    @for role in roles { option value=(role) selected[role == keys::OPERATOR] { (role) } }
                } }
                label { (cx.t("invites-expiry", &[])) select name="seconds" {
                    @for (seconds, text) in LIFETIMES {
                        option value=(seconds) selected[*seconds == 24 * HOUR] { (cx.t(text, &[])) }
                    }
                } }
                button { (cx.t("invites-make", &[])) }
            }
        }
    })
}

#[derive(Deserialize)]
struct Make {
    role: String,
    seconds: u64,
}

/// Shows the link once: only its hash is kept.
pub(crate) async fn make(cx: Cx) -> Answer {
    let Make { role, seconds } = cx.form()?;
    if !LIFETIMES.iter().any(|(known, _)| *known == seconds) {
        return Err(Problem::Bad(format!(
            "{seconds} s is no choice of this form"
        )));
    }
    let app = cx.app()?;
    let lifetime = Duration::from_secs(seconds);
    let made = app
        .access
        .invite(&role, Reach::Everywhere, lifetime, &cx.by()?, &no_replies)
        .await?
        .done;
    app.events.wake();
    let link = made.token.link(&app.me.username);
    let content = html! {
        section.card {
            h1 { (cx.t("invites-title", &[])) }
            p { (cx.t("invites-made", &[("role", Arg::from(&made.role))])) }
            p { a href=(link) { (link) } }
            (qr::svg(&link, &link))
            p { (cx.t("invites-until", &[])) " " (when::show(made.expires_at, &cx.viewer.time_zone)) }
            p { a href="/invites" { (cx.t("invites-title", &[])) } }
        }
    };
    cx.page(&cx.t("invites-title", &[]), &content)
}

#[derive(Deserialize)]
struct Withdraw {
    invite: String,
}

pub(crate) async fn withdraw(cx: Cx) -> Answer {
    let Withdraw { invite } = cx.form()?;
    let app = cx.app()?;
    app.access
        .withdraw_invite(&invite, &cx.by()?, &no_replies)
        .await?;
    app.events.wake();
    Ok(answer::see_other("/invites"))
}
