//! The bot's one-time link: shown by a browser, confirmed by the person, used up only then.
//!
//! So a link preview, or a stranger's link that somebody is lured to open, logs nobody in: the page
//! names the person and asks.

use bot_core::access::Who;
use bot_core::accounts::attempts::Bucket;
use bot_core::accounts::sessions::Login;
use bot_core::tokens::Token;
use maud::html;
use serde::Deserialize;
use vahta_texts::Arg;

use super::{Back, finish, ways};
use crate::answer::{self, Answer};
use crate::cookies;
use crate::cx::Cx;
use crate::problem::Problem;

#[derive(Deserialize)]
struct Shown {
    code: String,
    #[serde(flatten)]
    back: Back,
}

/// Binds the link to this browser.
pub(crate) async fn present(cx: Cx) -> Answer {
    let Shown { code, back } = cx.form()?;
    let accounts = &cx.app()?.accounts;
    let bucket = Bucket::address(&finish::address(&cx));
    finish::attempt(&cx, "link", std::slice::from_ref(&bucket)).await?;
    let known = finish::browser(&cx).map(str::to_string);
    let browser = match known {
        Some(browser) => browser,
        None => fresh()?,
    };
    if !accounts.present_link(code.trim(), &browser).await? {
        finish::failed(&cx, "link", None).await?;
        return ways(&cx, back.path(), Some("login-link-bad"));
    }
    accounts.take_back(&bucket).await?;
    let path = serde_urlencoded::to_string([("back", back.path())]);
    let path = path.map_err(|_| Problem::Internal)?;
    let mut response = answer::see_other(&format!("/login/confirm?{path}"));
    cookies::browser(&mut response, &browser);
    Ok(response)
}

pub(super) fn fresh() -> Result<String, Problem> {
    let token = Token::fresh().map_err(|error| {
        tracing::error!(%error, "no cookie could be made");
        Problem::Internal
    })?;
    Ok(token.expose().to_string())
}

/// "Log in as Ada?"
pub(crate) async fn ask(cx: Cx) -> Answer {
    let back: Back = cx.query().unwrap_or_default();
    let app = cx.app()?;
    let user = match finish::browser(&cx) {
        Some(browser) => app.accounts.presented(browser).await?,
        None => None,
    };
    let person = match user {
        Some(user) => app.access.find(&Who::User(user)).await?,
        None => None,
    };
    let Some(person) = person else {
        return ways(&cx, back.path(), Some("login-link-bad"));
    };
    let content = html! {
        div.head { h1 { (cx.t("login-confirm", &[("name", Arg::from(person.label()))])) } }
        section.card {
            p { (cx.t("login-confirm-why", &[])) }
            form.stack method="post" action="/login/confirm" {
                input type="hidden" name="back" value=(back.path());
                button.main { (cx.t("login-yes", &[])) }
            }
            p { a href="/" { (cx.t("login-no", &[])) } }
        }
    };
    cx.page(&cx.t("login-title", &[]), &content)
}

/// "Yes, it is me."
pub(crate) async fn confirm(cx: Cx) -> Answer {
    let back: Back = cx.form()?;
    let accounts = &cx.app()?.accounts;
    let user = match finish::browser(&cx) {
        Some(browser) => accounts.take_link(browser).await?,
        None => None,
    };
    let response = match user {
        Some(user) => finish::step(&cx, user, Login::Link, back.path()).await?,
        None => None,
    };
    match response {
        Some(response) => Ok(response),
        None => ways(&cx, back.path(), Some("login-link-bad")),
    }
}
