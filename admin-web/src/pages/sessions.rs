//! `/sessions`: where one is logged in.

mod device;
pub(crate) mod of_user;

use bot_core::accounts::sessions::WebSession;
use maud::{Markup, html};
use serde::Deserialize;

use super::login::finish;
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::problem::Problem;
use crate::{page, when};

pub(crate) async fn show(cx: Cx) -> Answer {
    let user = cx.viewer.user.ok_or(Problem::Login)?;
    let sessions = cx.app()?.accounts.sessions_of(user).await?;
    let content = html! {
        section.card {
            h1 { (cx.t("sessions-title", &[])) }
            ul.rows { @for session in &sessions { (row(&cx, session, "/sessions/end")) } }
            @if sessions.len() > 1 {
                form method="post" action="/sessions/end-others" {
                    (page::csrf(&cx))
                    button { (cx.t("sessions-end-others", &[])) }
                }
            }
            p.quiet { (cx.t("keys-go-on", &[])) " " a href="/keys" { (cx.t("keys-title", &[])) } }
        }
    };
    let topics = bot_core::accounts::sessions::ENDED;
    cx.live_page(&cx.t("sessions-title", &[]), &content, topics)
}

/// One session; `action` is where its button posts to.
fn row(cx: &Cx, session: &WebSession, action: &str) -> Markup {
    let own = cx.viewer.session.as_ref().map(|s| &s.hash) == Some(&session.hash);
    let way = cx.t(&format!("session-login-{}", session.login.as_str()), &[]);
    html! {
        li {
            span title=(session.user_agent) { (device::name(cx, &session.user_agent)) }
            span.quiet { (session.address) }
            span.quiet { (way) }
            span.quiet { (cx.t("session-seen", &[])) " " (when::show(session.seen_at, &cx.viewer.time_zone)) }
            @if own { strong { (cx.t("session-this", &[])) } }
            form method="post" action=(action) {
                (page::csrf(cx))
                input type="hidden" name="session" value=(session.hash);
                button { (cx.t("session-end", &[])) }
            }
        }
    }
}

#[derive(Deserialize)]
struct End {
    session: String,
}

/// Ends one of the viewer's own sessions.
pub(crate) async fn end(cx: Cx) -> Answer {
    let user = cx.viewer.user.ok_or(Problem::Login)?;
    let End { session } = cx.form()?;
    let app = cx.app()?;
    app.accounts.end_session(user, &session).await?;
    app.events.wake();
    Ok(answer::see_other("/sessions"))
}

pub(crate) async fn end_others(cx: Cx) -> Answer {
    let own = cx.viewer.session.as_ref().ok_or(Problem::Login)?;
    let app = cx.app()?;
    app.accounts.end_other_sessions(own.user, &own.hash).await?;
    app.events.wake();
    Ok(answer::see_other("/sessions"))
}

/// Ends this session and takes its cookie away.
pub(crate) async fn logout(cx: Cx) -> Answer {
    let session = cx.viewer.session.as_ref().ok_or(Problem::Login)?;
    let app = cx.app()?;
    app.accounts
        .end_session(session.user, &session.hash)
        .await?;
    app.events.wake();
    Ok(finish::without_session(answer::see_other("/")))
}
