//! `/claim`: from the console's code to Telegram, where identities begin. Nothing is claimed here.

use bot_core::accounts::attempts::Bucket;
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::Micros;
use warp::http::StatusCode;

use super::login::finish;
use crate::answer::Answer;
use crate::cx::Cx;
use crate::problem::Problem;
use crate::qr;

/// With an admin there is nothing to claim, and nothing to guess.
fn must_be_open(cx: &Cx) -> Result<(), Problem> {
    if cx.app()?.access.snapshot().has_admin(Micros::now()) {
        return Err(Problem::NotFound);
    }
    Ok(())
}

pub(crate) async fn show(cx: Cx) -> Answer {
    must_be_open(&cx)?;
    cx.page(&cx.t("claim-title", &[]), &form(&cx, false))
}

fn form(cx: &Cx, is_bad: bool) -> Markup {
    html! {
        div.head { h1 { (cx.t("claim-title", &[])) } }
        @if is_bad { div.note.bad.fault role="alert" { (cx.t("claim-bad", &[])) } }
        section.card {
            p { (cx.t("claim-how", &[])) }
            form.stack method="post" action="/claim" {
                label { (cx.t("claim-code", &[]))
                    input name="code" required autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="64"; }
                button.main { (cx.t("next", &[])) }
            }
        }
    }
}

#[derive(Deserialize)]
struct Given {
    code: String,
}

pub(crate) async fn hand_over(cx: Cx) -> Answer {
    must_be_open(&cx)?;
    let Given { code } = cx.form()?;
    let (app, code) = (cx.app()?, code.trim());
    let bucket = Bucket::address(&finish::address(&cx));
    finish::attempt(&cx, "claim", std::slice::from_ref(&bucket)).await?;
    if !app.access.is_claim_code(code).await? {
        finish::failed(&cx, "claim", None).await?;
        let mut response = cx.page(&cx.t("claim-title", &[]), &form(&cx, true))?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    app.accounts.take_back(&bucket).await?;
    let link = format!("{}?start={code}", app.me.link());
    let content = html! {
        div.head { h1 { (cx.t("claim-title", &[])) } }
        section.card {
            p { (cx.t("claim-go", &[])) }
            p { a.break href=(link) { (link) } }
            (qr::svg(&link, &link))
        }
    };
    cx.page(&cx.t("claim-title", &[]), &content)
}
