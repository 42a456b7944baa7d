//! The Login Widget's callback. Telegram sends the browser here with the proof in the query; the
//! page asks whether it is meant, and only the form uses the proof up.

use bot_core::access::Who;
use bot_core::accounts::attempts::Bucket;
use bot_core::accounts::sessions::Login;
use bot_core::accounts::telegram::{self, Proof};
use maud::html;
use serde::Deserialize;
use vahta_rows::Micros;
use vahta_texts::Arg;

use super::{finish, ways};
use crate::answer::Answer;
use crate::cx::Cx;
use crate::problem::Problem;

fn proof(cx: &Cx, query: &str) -> Result<Option<Proof>, Problem> {
    let token = &cx.app()?.config.telegram.token;
    match telegram::widget(query, token, Micros::now()) {
        Ok(proof) => Ok(Some(proof)),
        Err(error) => {
            tracing::info!(request = cx.request.id, %error, "a Login Widget's proof is refused");
            Ok(None)
        }
    }
}

pub(crate) async fn ask(cx: Cx) -> Answer {
    let Some(proof) = proof(&cx, &cx.request.query)? else {
        return ways(&cx, "/", Some("login-telegram-bad"));
    };
    let who = Who::Telegram(proof.telegram_id);
    let Some(person) = cx.app()?.access.find(&who).await? else {
        return ways(&cx, "/", Some("login-telegram-bad"));
    };
    let content = html! {
        div.head { h1 { (cx.t("login-confirm", &[("name", Arg::from(person.label()))])) } }
        section.card {
            form.stack method="post" action="/login/telegram" {
                input type="hidden" name="proof" value=(cx.request.query);
                button.main { (cx.t("login-yes", &[])) }
            }
            p { a href="/" { (cx.t("login-no", &[])) } }
        }
    };
    cx.page(&cx.t("login-title", &[]), &content)
}

#[derive(Deserialize)]
struct Given {
    proof: String,
}

pub(crate) async fn confirm(cx: Cx) -> Answer {
    let given: Given = cx.form()?;
    let bucket = Bucket::address(&finish::address(&cx));
    finish::attempt(&cx, "widget", std::slice::from_ref(&bucket)).await?;
    let app = cx.app()?;
    let response = match proof(&cx, &given.proof)? {
        Some(proof) if app.accounts.use_proof(&proof).await? => {
            match app.access.find(&Who::Telegram(proof.telegram_id)).await? {
                Some(person) => finish::step(&cx, person.id, Login::Widget, "/").await?,
                None => None,
            }
        }
        _ => None,
    };
    match response {
        Some(response) => {
            app.accounts.take_back(&bucket).await?;
            Ok(response)
        }
        None => {
            finish::failed(&cx, "widget", None).await?;
            ways(&cx, "/", Some("login-telegram-bad"))
        }
    }
}
