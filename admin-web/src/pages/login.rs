//! `/login`: the ways in. Each ends in [`finish::enter`], which alone opens sessions.

pub(crate) mod finish;
pub(crate) mod link;
pub(crate) mod password;
pub(crate) mod second;
pub(crate) mod telegram;

use maud::{Markup, html};
use serde::Deserialize;
use vahta_texts::Arg;
use warp::http::StatusCode;

use crate::answer::Answer;
use crate::cx::Cx;
use crate::problem::Problem;

/// Where to go afterwards; in the query or in a form.
#[derive(Deserialize, Default)]
pub(crate) struct Back {
    #[serde(default)]
    back: String,
}

impl Back {
    /// A path of this site, whatever the link says: no scheme, no other host.
    pub(crate) fn path(&self) -> &str {
        own_path(&self.back).unwrap_or("/")
    }
}

fn own_path(path: &str) -> Option<&str> {
    let is_own = path.starts_with('/')
        // Browsers read `//host` and `/\host` as another host.
        && !path.starts_with("//")
        && path.len() <= 512
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    is_own.then_some(path)
}

pub(crate) async fn show(cx: Cx) -> Answer {
    let back: Back = cx.query().unwrap_or_default();
    ways(&cx, back.path(), None)
}

/// The page with all ways in, after a try with why it failed: the same words whatever was wrong.
pub(crate) fn ways(cx: &Cx, back: &str, fault: Option<&str>) -> Answer {
    let content = page(cx, back, fault)?;
    let mut response = cx.page(&cx.t("login-title", &[]), &content)?;
    if fault.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn page(cx: &Cx, back: &str, fault: Option<&str>) -> Result<Markup, Problem> {
    let app = cx.app()?;
    let bot = app.me.username.as_str();
    let unclaimed = !app.access.snapshot().has_admin(vahta_rows::Micros::now());
    Ok(html! {
        div.head { h1 { (cx.t("login-title", &[])) } }
        @if let Some(fault) = fault { div.note.bad.fault role="alert" { (cx.t(fault, &[])) } }
        @if unclaimed { div.note { (cx.t("login-unclaimed", &[])) " " a href="/claim" { (cx.t("claim-title", &[])) } } }
        section.card {
            h2 { (cx.t("login-by-bot", &[])) }
            p { (cx.t("login-by-bot-how", &[("bot", Arg::from(bot))])) " "
                a href=(app.me.link()) { "@" (bot) } }
            form.stack method="post" action="/login/link" #login-link {
                input type="hidden" name="back" value=(back);
                label { (cx.t("login-code", &[]))
                    input name="code" required autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="64"; }
                button.main { (cx.t("next", &[])) }
            }
        }
        section.card {
            h2 { (cx.t("login-by-password", &[])) }
            form.stack method="post" action="/login/password" {
                input type="hidden" name="back" value=(back);
                label { (cx.t("login-name", &[]))
                    input name="username" required autocomplete="username" autocapitalize="off" spellcheck="false" maxlength="64"; }
                label { (cx.t("login-password", &[]))
                    input name="password" type="password" required autocomplete="current-password" maxlength="512"; }
                button.main { (cx.t("login-title", &[])) }
            }
        }
        script src="/assets/login-2.js" defer {}
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leaves_the_site() {
        assert_eq!(own_path("/users?page=2"), Some("/users?page=2"));
        for path in [
            "",
            "users",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "/a\r\nset-cookie: x",
            "/ a",
        ] {
            assert_eq!(own_path(path), None, "{path}");
        }
    }
}
