//! `/sessions`: where one is logged in.

mod device;
pub(crate) mod of_user;

use bot_core::accounts::sessions::WebSession;
use maud::{Markup, html};
use serde::Deserialize;

use super::login::finish;
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::page;
use crate::parts::{badge, time};
use crate::problem::Problem;

pub(crate) async fn show(cx: Cx) -> Answer {
    let user = cx.viewer.user.ok_or(Problem::Login)?;
    let sessions = cx.app()?.accounts.sessions_of(user).await?;
    let content = html! {
        div.head {
            h1 { (cx.t("sessions-title", &[])) }
            @if sessions.len() > 1 {
                form method="post" action="/sessions/end-others" {
                    (page::csrf(&cx))
                    button.danger { (cx.t("sessions-end-others", &[])) }
                }
            }
        }
        section.card.flush { (table(&cx, &sessions, "/sessions/end")) }
        p.quiet.small { (cx.t("keys-go-on", &[])) " " a href="/keys" { (cx.t("keys-title", &[])) } }
    };
    let topics = bot_core::accounts::sessions::ENDED;
    cx.live_page(&cx.t("sessions-title", &[]), &content, topics)
}

/// Sessions; `action` is where their buttons post to.
fn table(cx: &Cx, sessions: &[WebSession], action: &str) -> Markup {
    let column = |id: &str| cx.t(id, &[]);
    let (address, way, seen) = (
        column("session-address"),
        column("session-way"),
        column("session-seen"),
    );
    html! {
        table {
            thead { tr { th { (column("session-browser")) } th { (way) } th { (address) } th { (seen) } th { span.hidden { (column("acts")) } } } }
            tbody {
                @for session in sessions {
                    @let own = cx.viewer.session.as_ref().map(|s| &s.hash) == Some(&session.hash);
                    tr {
                        td.title {
                            span title=(session.user_agent) { (device::name(cx, &session.user_agent)) }
                            @if own { " " (badge("good", &column("session-this"))) }
                        }
                        td data-label=(way) { (cx.t(&format!("session-login-{}", session.login.as_str()), &[])) }
                        td.quiet data-label=(address) { (session.address) }
                        td.quiet data-label=(seen) { (time(cx, session.seen_at)) }
                        td.acts {
                            form method="post" action=(action) data-key=(session.hash) {
                                (page::csrf(cx))
                                input type="hidden" name="session" value=(session.hash);
                                button.little { (column("session-end")) }
                            }
                        }
                    }
                }
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
