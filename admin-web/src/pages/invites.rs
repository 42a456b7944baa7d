//! `/invites`: links that let people in. Who opens one proves in Telegram who they are, or takes a name
//! and a password on the web.

use std::time::Duration;

use bot_core::access::{OpenInvite, Reach, Who, keys, no_replies};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_texts::Arg;

use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::parts::{self, time};
use crate::problem::Problem;
use crate::{page, qr};

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
        div.head { h1 { (cx.t("invites-title", &[])) } }
        section.card.flush {
            @if rows.is_empty() { (parts::empty(cx, "invites-none")) } @else { (table(cx, &rows)) }
        }
        (make_form(cx)?)
    })
}

fn table(cx: &Cx, rows: &[(OpenInvite, String)]) -> Markup {
    let column = |id: &str| cx.t(id, &[]);
    let (by, until) = (column("invites-by"), column("invites-until"));
    html! {
        table {
            thead { tr { th { (column("invites-role")) } th { (by) } th { (until) } th { span.hidden { (column("acts")) } } } }
            tbody {
                @for (invite, maker) in rows {
                    tr {
                        td.title { (invite.role) @if let Reach::Chat(chat) = invite.reach { " " span.quiet { (chat.0) } } }
                        td data-label=(by) { (maker) }
                        td.quiet data-label=(until) { (time(cx, invite.expires_at)) }
                        td.acts {
                            form method="post" action="/invites/withdraw" data-key=(invite.hash) {
                                (page::csrf(cx))
                                input type="hidden" name="invite" value=(invite.hash);
                                button.little.danger { (column("invites-withdraw")) }
                            }
                        }
                    }
                }
            }
        }
    }
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
                div { button.main { (cx.t("invites-make", &[])) } }
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
    let web = format!("{}/join#{}", app.config.web.public_url, made.token.expose());
    let content = html! {
        div.head { h1 { (cx.t("invites-title", &[])) } }
        section.card {
            p { (cx.t("invites-made", &[("role", Arg::from(&made.role))])) }
            p { a.break href=(link) { (link) } }
            (qr::svg(&link, &link))
            p { (cx.t("invites-web", &[])) }
            p { a.break href=(web) { (web) } }
            p.quiet { (cx.t("invites-until", &[])) " " (time(&cx, made.expires_at)) }
            p { a href="/invites" { "← " (cx.t("invites-title", &[])) } }
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
