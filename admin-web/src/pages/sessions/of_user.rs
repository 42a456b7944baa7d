//! `/users/{id}/sessions`: where somebody else is logged in, for those who answer for it.

use bot_core::access::Who;
use maud::html;
use serde::Deserialize;
use vahta_rows::UserId;
use vahta_texts::Arg;

use super::row;
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::page;
use crate::problem::Problem;

pub(crate) async fn show(cx: Cx) -> Answer {
    let user = UserId(cx.param("id")?);
    let app = cx.app()?;
    let person = app.access.find(&Who::User(user)).await?;
    let person = person.ok_or(Problem::NotFound)?;
    let sessions = app.accounts.sessions_of(user).await?;
    let action = format!("/users/{user}/sessions/end");
    let title = cx.t("sessions-of", &[("name", Arg::from(person.label()))]);
    let content = html! {
        section.card {
            h1 { (title) }
            @if sessions.is_empty() { p.quiet { (cx.t("sessions-none", &[])) } }
            ul.rows { @for session in &sessions { (row(&cx, session, &action)) } }
            @if !sessions.is_empty() {
                form method="post" action=(action) {
                    (page::csrf(&cx))
                    button { (cx.t("sessions-end-all", &[])) }
                }
            }
        }
    };
    cx.live_page(&title, &content, bot_core::accounts::sessions::ENDED)
}

#[derive(Deserialize)]
struct End {
    /// Missing: all of them.
    session: Option<String>,
}

pub(crate) async fn end(cx: Cx) -> Answer {
    let user = UserId(cx.param("id")?);
    let End { session } = cx.form()?;
    cx.outweighs(user)?;
    let (app, by) = (cx.app()?, cx.by()?);
    let accounts = &app.accounts;
    accounts
        .end_sessions_of(user, session.as_deref(), &by)
        .await?;
    app.events.wake();
    Ok(answer::see_other(&format!("/users/{user}/sessions")))
}
