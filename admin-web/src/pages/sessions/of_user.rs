//! `/users/{id}/sessions`: where somebody else is logged in, for those who answer for it.

use bot_core::access::Who;
use maud::html;
use serde::Deserialize;
use vahta_rows::UserId;
use vahta_texts::Arg;

use super::table;
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::pages::account::changer;
use crate::problem::Problem;
use crate::{page, parts};

pub(crate) async fn show(cx: Cx) -> Answer {
    let user = UserId(cx.param("id")?);
    let app = cx.app()?;
    let person = app.access.find(&Who::User(user)).await?;
    let person = person.ok_or(Problem::NotFound)?;
    let sessions = app.accounts.sessions_of(user).await?;
    let has_totp = app.accounts.has_totp(user).await?;
    let action = format!("/users/{user}/sessions/end");
    let title = cx.t("sessions-of", &[("name", Arg::from(person.label()))]);
    let content = html! {
        div.head {
            h1 { (title) }
            @if !sessions.is_empty() {
                form method="post" action=(action) {
                    (page::csrf(&cx))
                    button.danger { (cx.t("sessions-end-all", &[])) }
                }
            }
        }
        section.card.flush {
            @if sessions.is_empty() { (parts::empty(&cx, "sessions-none")) } @else { (table(&cx, &sessions, &action)) }
        }
        @if has_totp {
            section.card {
                h2 { (cx.t("account-totp", &[])) }
                p.quiet { (cx.t("totp-of-how", &[("name", Arg::from(person.label()))])) }
                (parts::act(&cx, &format!("/users/{user}/totp/off"), &cx.t("totp-of-off", &[]), "danger", Some(&cx.t("totp-of-ask", &[]))))
            }
        }
        p { a href=(format!("/users/{user}")) { "← " (person.label()) } }
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

/// For somebody who lost the authenticator and the recovery codes. It changes how somebody gets in,
/// so it takes a login of just now, as on `/account`.
pub(crate) async fn drop_totp(cx: Cx) -> Answer {
    changer(&cx)?;
    let user = UserId(cx.param("id")?);
    cx.outweighs(user)?;
    let app = cx.app()?;
    app.accounts.drop_totp(user, &cx.by()?).await?;
    app.events.wake();
    Ok(answer::see_other(&format!("/users/{user}/sessions")))
}
