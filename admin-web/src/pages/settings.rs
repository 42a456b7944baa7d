//! `/settings`: one's own settings; limits for whoever may.

use bot_core::access::{keys, no_replies};
use bot_core::limits::{Rate, Scope};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_texts::Arg;
use warp::http::StatusCode;

use super::account::own;
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::page;
use crate::problem::Problem;

pub(crate) async fn show(cx: Cx) -> Answer {
    render(&cx, None).await
}

async fn render(cx: &Cx, refusal: Option<&own::Refusal>) -> Answer {
    let manages = cx.viewer.may(keys::LIMITS_MANAGE);
    let content = html! {
        div.head { h1 { (cx.t("nav-settings", &[])) } }
        div.pair {
            div.stack {
                (own::card(cx, "/settings/own", refusal).await?)
                @if cx.viewer.may(keys::USERS_MANAGE) { (sign_up(cx)?) }
            }
            @if manages { (limits(cx)?) }
        }
    };
    let title = cx.t("nav-settings", &[]);
    let topics = "limits. access.prefer access.sign_up access.role";
    match refusal {
        // Asked for again, it would not be what was refused.
        Some(_) => cx.page(&title, &content),
        None => cx.live_page(&title, &content, topics),
    }
}

/// Which role strangers get, if any.
fn sign_up(cx: &Cx) -> Result<Markup, Problem> {
    let snapshot = cx.app()?.access.snapshot();
    let now = snapshot.sign_up();
    let roles = snapshot.roles().map(|(name, _)| name);
    let roles = roles.filter(|name| *name != keys::ADMIN && *name != keys::GUEST);
    Ok(html! {
        section.card {
            h2 { (cx.t("sign-up", &[])) }
            p.quiet.small { (cx.t("sign-up-text", &[])) }
            form.line method="post" action="/settings/sign-up" {
                (page::csrf(cx))
                label { (cx.t("sign-up-role", &[]))
                    select name="role" {
                        option value="" selected[now.is_none()] { (cx.t("sign-up-off", &[])) }
                        @for role in roles { option value=(role) selected[now == Some(role)] { (role) } }
                    }
                }
                button.main { (cx.t("save", &[])) }
            }
        }
    })
}

fn limits(cx: &Cx) -> Result<Markup, Problem> {
    let limits = &cx.app()?.limits;
    let (rules, dropped) = (limits.rules(), limits.dropped());
    let mut rows = vec![
        (Scope::User, rules.user),
        (Scope::Chat, rules.chat),
        (Scope::Command(None), rules.command),
    ];
    rows.extend(
        rules
            .single
            .iter()
            .map(|(name, rate)| (Scope::Command(Some(name.clone())), *rate)),
    );
    Ok(html! {
        section.card {
            h2 { (cx.t("limits", &[])) }
            p.quiet.small { (cx.t("limits-text", &[])) }
            ul.rows {
                @for (scope, rate) in &rows {
                    li { (limit(cx, scope, *rate)) }
                }
            }
            details.fold #new-limit {
                summary { (cx.t("limit-new", &[])) }
                form.line method="post" action="/settings/limits" {
                    (page::csrf(cx))
                    label { (cx.t("command", &[])) input name="scope" required pattern="/[A-Za-z0-9_]{1,32}" placeholder="/task"; }
                    (numbers(cx, 5, 1))
                    button.main { (cx.t("save", &[])) }
                }
            }
            p.quiet.small {
                (cx.t("limits-dropped", &[("user", Arg::from(dropped.user)), ("chat", Arg::from(dropped.chat)), ("command", Arg::from(dropped.command))]))
            }
        }
    })
}

fn limit(cx: &Cx, scope: &Scope, rate: Rate) -> Markup {
    let name = match scope {
        Scope::User => cx.t("limit-user", &[]),
        Scope::Chat => cx.t("limit-chat", &[]),
        Scope::Command(None) => cx.t("limit-command", &[]),
        Scope::Command(Some(name)) => format!("/{name}"),
    };
    html! {
        form.limit method="post" action="/settings/limits" data-key=(scope) {
            (page::csrf(cx))
            strong { (name) }
            input type="hidden" name="scope" value=(scope);
            (numbers(cx, rate.burst, rate.per_second))
            button.little { (cx.t("save", &[])) }
            button.little.plain name="reset" value="1" formnovalidate { (cx.t("to-default", &[])) }
        }
    }
}

fn numbers(cx: &Cx, burst: u32, per_second: u32) -> Markup {
    html! {
        label { (cx.t("burst", &[])) input type="number" name="burst" min="1" max="1000000" required value=(burst); }
        label { (cx.t("per-second", &[])) input type="number" name="per_second" min="1" max="1000000" required value=(per_second); }
    }
}

pub(crate) async fn set_own(cx: Cx) -> Answer {
    match own::save(&cx).await? {
        None => Ok(answer::see_other("/settings")),
        Some(refusal) => {
            let mut response = render(&cx, Some(&refusal)).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

#[derive(Deserialize)]
struct SignUp {
    role: String,
}

pub(crate) async fn set_sign_up(cx: Cx) -> Answer {
    let SignUp { role } = cx.form()?;
    let role = Some(role.trim()).filter(|role| !role.is_empty());
    let access = &cx.app()?.access;
    let change = access.set_sign_up(role, &cx.by()?, &no_replies).await?;
    cx.committed(change.rows)?;
    Ok(answer::see_other("/settings"))
}

#[derive(Deserialize)]
struct Limit {
    scope: String,
    #[serde(default)]
    burst: String,
    #[serde(default)]
    per_second: String,
    reset: Option<String>,
}

pub(crate) async fn set_limit(cx: Cx) -> Answer {
    let form: Limit = cx.form()?;
    let bad = |field: &str| Problem::Bad(field.into());
    let scope = Scope::parse(form.scope.trim()).ok_or_else(|| bad("scope"))?;
    let rate = match form.reset {
        Some(_) => None,
        None => {
            let burst = form.burst.trim().parse().map_err(|_| bad("burst"))?;
            let per_second = form
                .per_second
                .trim()
                .parse()
                .map_err(|_| bad("per_second"))?;
            Some(Rate::new(burst, per_second).ok_or_else(|| bad("burst"))?)
        }
    };
    let change = cx
        .app()?
        .limits
        .set(&scope, rate, &cx.by()?, &no_replies)
        .await?;
    cx.committed(change.rows)?;
    Ok(answer::see_other("/settings"))
}
