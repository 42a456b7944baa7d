//! `/keys`: one's own keys for programs.

use std::time::Duration;

use bot_core::accounts::api_keys::{ApiKey, Made, NewKey};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::Micros;
use vahta_texts::Arg;

use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::page;
use crate::pages::account::changer;
use crate::parts::{self, badge, time};
use crate::problem::Problem;

pub(crate) async fn list(cx: Cx) -> Answer {
    let content = content(&cx, None).await?;
    cx.page(&cx.t("keys-title", &[]), &content)
}

async fn content(cx: &Cx, made: Option<&Made>) -> Result<Markup, Problem> {
    let user = cx.viewer.user.ok_or(Problem::Login)?;
    let keys = cx.app()?.accounts.keys_of(user).await?;
    Ok(html! {
        div.head {
            h1 { (cx.t("keys-title", &[])) }
            a.button href="/api" { (cx.t("keys-api", &[])) }
            p.quiet.small.wide { (cx.t("keys-about", &[])) }
        }
        @if let Some(made) = made {
            div.note.good role="status" {
                p { strong { (cx.t("key-made", &[])) } }
                p { code.secret { (made.secret.expose()) } }
            }
        }
        section.card.flush {
            @if keys.is_empty() { (parts::empty(cx, "keys-none")) } @else { (table(cx, &keys)) }
        }
        (form(cx)?)
    })
}

fn table(cx: &Cx, keys: &[ApiKey]) -> Markup {
    let now = Micros::now();
    let column = |id: &str| cx.t(id, &[]);
    let (scopes, used, until) = (
        column("key-scopes-column"),
        column("key-used-column"),
        column("key-until-column"),
    );
    html! {
        table {
            thead { tr { th { (column("key-name")) } th { (scopes) } th { (used) } th { (until) } th { span.hidden { (column("acts")) } } } }
            tbody {
                @for key in keys {
                    tr {
                        td.title { (key.name) " " code.quiet { "vahta_" (key.id) "…" } }
                        td data-label=(scopes) { span.badges { @for scope in &key.scopes { (badge("", scope)) } } }
                        td.quiet data-label=(used) {
                            @match key.used_at { Some(at) => (time(cx, at)), None => (cx.t("key-unused", &[])) }
                        }
                        td data-label=(until) {
                            @if key.is_live(now) { (time(cx, key.expires_at)) } @else { (badge("", &cx.t("key-over", &[]))) }
                        }
                        td.acts { @if key.is_live(now) { (revoke_form(cx, key)) } }
                    }
                }
            }
        }
    }
}

fn revoke_form(cx: &Cx, key: &ApiKey) -> Markup {
    html! {
        form method="post" action="/keys/revoke" data-confirm=(cx.t("key-revoke-ask", &[("name", Arg::from(&key.name))])) {
            (page::csrf(cx))
            input type="hidden" name="key" value=(key.id);
            button.little.danger { (cx.t("key-revoke", &[])) }
        }
    }
}

/// Offers what the person holds; somebody with everything may name every permission there is.
fn form(cx: &Cx) -> Result<Markup, Problem> {
    let snapshot = cx.app()?.access.snapshot();
    let held: Vec<&str> = snapshot
        .permissions()
        .filter(|key| cx.viewer.may(key))
        .collect();
    Ok(html! {
        section.card {
            h2 { (cx.t("key-new", &[])) }
            @if !cx.viewer.session.as_ref().is_some_and(|session| session.is_fresh()) {
                p { (cx.t("keys-stale", &[])) }
                p { a.button href="/login?back=/keys" { (cx.t("account-again", &[])) } }
            } @else if held.is_empty() {
                p { (cx.t("key-nothing-held", &[])) }
            } @else {
                form.stack.broad method="post" action="/keys" {
                    (page::csrf(cx))
                    div.line {
                        label { (cx.t("key-name", &[])) input name="name" required maxlength="64"; }
                        label { (cx.t("key-days", &[]))
                            input name="days" type="number" min="1" max="365" value="90" required;
                        }
                    }
                    fieldset {
                        legend { (cx.t("key-scopes", &[])) }
                        div.keys {
                            @for key in held {
                                label.check { input type="checkbox" name="scope" value=(key); (key) }
                            }
                        }
                    }
                    div { button.main { (cx.t("key-create", &[])) } }
                }
            }
        }
    })
}

/// Makes a key and shows its secret, this once: it is in no address and no log. A key outlives the
/// login, so a browser left open is not enough.
pub(crate) async fn create(cx: Cx) -> Answer {
    let user = changer(&cx)?;
    let fields: Vec<(String, String)> = cx.form()?;
    let field = |name: &str| {
        let found = fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let days: u64 = field("days")
        .parse()
        .map_err(|_| Problem::Bad("`days` is a number, 1 to 365".into()))?;
    let scopes = fields.iter().filter(|(name, _)| name == "scope");
    let new = NewKey {
        name: field("name").into(),
        scopes: scopes.map(|(_, value)| value.clone()).collect(),
        lifetime: Duration::from_secs(days.min(100_000) * 24 * 3600),
    };
    let (accounts, by) = (&cx.app()?.accounts, cx.by()?);
    let made = accounts.make_key(user, &cx.viewer.keys, new, &by).await?;
    let content = content(&cx, Some(&made)).await?;
    cx.page(&cx.t("keys-title", &[]), &content)
}

#[derive(Deserialize)]
struct Revoke {
    key: String,
}

pub(crate) async fn revoke(cx: Cx) -> Answer {
    let user = cx.viewer.user.ok_or(Problem::Login)?;
    let Revoke { key } = cx.form()?;
    let by = cx.by()?;
    cx.app()?.accounts.revoke_key(user, &key, &by).await?;
    Ok(answer::see_other("/keys"))
}
