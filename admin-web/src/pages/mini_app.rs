//! `/mini-app`: the site inside Telegram. The one page that another site may frame, and one that
//! shows nothing before Telegram's proof is checked.

use bot_core::access::Who;
use bot_core::accounts::attempts::Bucket;
use bot_core::accounts::sessions::{self, Login};
use bot_core::accounts::telegram;
use maud::{DOCTYPE, html};
use serde::Deserialize;
use vahta_rows::Micros;
use warp::http::{HeaderValue, header};

use super::login::finish;
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::edge;
use crate::page;
use crate::problem::Problem;

pub(crate) async fn show(cx: Cx) -> Answer {
    let page = html! {
        (DOCTYPE)
        html lang=(cx.viewer.language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Vahta" }
                link rel="stylesheet" href="/assets/site-6.css";
                link rel="icon" href="data:,";
                script src="/assets/mini-app-3.js" defer {}
                (page::drop_zones(&cx))
            }
            body {
                main #main data-bad=(cx.t("mini-app-bad", &[])) data-nobody=(cx.t("mini-app-nobody", &[])) {
                    div.empty { (cx.t("mini-app-wait", &[])) }
                }
            }
        }
    };
    let mut response = answer::html(page.into_string());
    let origins = cx.site.web().mini_app_origins.join(" ");
    let origins = if origins.is_empty() {
        "'none'".into()
    } else {
        origins
    };
    let policy = HeaderValue::from_str(&edge::policy(&origins)).map_err(|_| Problem::Internal)?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

#[derive(Deserialize)]
struct Given {
    #[serde(rename = "initData")]
    init_data: String,
}

/// Trades `initData` for a token that the page holds in its memory.
pub(crate) async fn login(cx: Cx) -> Answer {
    let given: Given = cx.json()?;
    let app = cx.app()?;
    let bucket = Bucket::address(&finish::address(&cx));
    finish::attempt(&cx, "mini_app", std::slice::from_ref(&bucket)).await?;
    let token = &app.config.telegram.token;
    let proof = match telegram::mini_app(&given.init_data, token, Micros::now()) {
        Ok(proof) => proof,
        Err(error) => {
            tracing::info!(request = cx.request.id, %error, "a Mini App's proof is refused");
            finish::failed(&cx, "mini_app", None).await?;
            return Err(Problem::Login);
        }
    };
    if !app.accounts.use_proof(&proof).await? {
        finish::failed(&cx, "mini_app", None).await?;
        return Err(Problem::Login);
    }
    let who = Who::Telegram(proof.telegram_id);
    let session = match app.access.find(&who).await? {
        Some(person) => finish::enter(&cx, person.id, Login::MiniApp).await?,
        None => None,
    };
    let session = session.ok_or_else(|| Problem::Refused(cx.t("mini-app-nobody", &[])))?;
    app.accounts.take_back(&bucket).await?;
    let body = serde_json::json!({
        "token": session.expose(),
        "expires_in": sessions::MINI_APP.as_secs(),
    });
    Ok(answer::typed(body.to_string(), "application/json"))
}
