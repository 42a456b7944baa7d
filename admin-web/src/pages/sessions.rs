//! `/sessions`: where one is logged in.

use bot_core::accounts::sessions::WebSession;
use maud::{Markup, html};
use serde::Deserialize;
use warp::http::{HeaderValue, header};
use warp::reply::Response;

use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::page;
use crate::problem::Problem;
use crate::viewer::COOKIE;

pub(crate) async fn show(cx: Cx) -> Answer {
    let user = cx.viewer.user.ok_or(Problem::Login)?;
    let sessions = cx.app()?.accounts.sessions_of(user).await?;
    let content = html! {
        section.card {
            h1 { (cx.t("sessions-title", &[])) }
            ul.rows { @for session in &sessions { (row(&cx, session)) } }
        }
    };
    cx.page(&cx.t("sessions-title", &[]), &content)
}

fn row(cx: &Cx, session: &WebSession) -> Markup {
    let own = cx.viewer.session.as_ref().map(|s| &s.hash) == Some(&session.hash);
    html! {
        li {
            span { (session.user_agent) }
            span.quiet { (session.address) }
            @if own { strong { (cx.t("session-this", &[])) } }
            form method="post" action="/sessions/end" {
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
    cx.app()?.accounts.end_session(user, &session).await?;
    Ok(answer::see_other("/sessions"))
}

/// Ends this session and takes its cookie away.
pub(crate) async fn logout(cx: Cx) -> Answer {
    let session = cx.viewer.session.as_ref().ok_or(Problem::Login)?;
    let accounts = &cx.app()?.accounts;
    accounts.end_session(session.user, &session.hash).await?;
    let mut response = answer::see_other("/");
    drop_cookie(&mut response);
    Ok(response)
}

fn drop_cookie(response: &mut Response) {
    let gone = format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    if let Ok(value) = HeaderValue::from_str(&gone) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
}
