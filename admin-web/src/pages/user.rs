//! `/users/{id}`: one person: what they may do and why, and everything that changes it.

mod why;

use bot_core::access::{By, Person, Reach, Who, keys, no_replies};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::{Micros, UserId};

use super::users::{badges, called};
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::page;
use crate::parts::{self, badge, time};
use crate::problem::Problem;

async fn person(cx: &Cx) -> Result<Person, Problem> {
    let id = UserId(cx.param("id")?);
    let found = cx.app()?.access.find(&Who::User(id)).await?;
    found.ok_or(Problem::NotFound)
}

pub(crate) async fn show(cx: Cx) -> Answer {
    let person = person(&cx).await?;
    let asked: why::Asked = cx.query()?;
    let manages = cx.viewer.may(keys::USERS_MANAGE);
    let title = called(&cx, &person);
    let snapshot = cx.app()?.access.snapshot();
    let content = html! {
        div.head {
            h1 { (title) @if let Some(name) = &person.username { " " span.quiet { "@" (name) } } }
            span.badges { (badges(&cx, &snapshot, &person)) }
        }
        @if let Some(blocked) = &person.blocked {
            p.note.bad {
                (cx.t("blocked-since", &[])) " " (time(&cx, blocked.since))
                @if let Some(reason) = blocked.reason.as_deref().filter(|r| !r.is_empty()) { ": " (reason) }
            }
        }
        div.pair {
            div.stack {
                (grants(&cx, &person, manages)?)
                (why::section(&cx, &person, &asked)?)
            }
            div.stack { (identity(&cx, &person)) @if manages { (blocking(&cx, &person)) } }
        }
    };
    cx.live_page(&title, &content, "access.")
}

fn identity(cx: &Cx, person: &Person) -> Markup {
    html! {
        section.card {
            h2 { (cx.t("identities", &[])) }
            dl.facts {
                dt { (cx.t("col-telegram", &[])) }
                dd { @if let Some(id) = person.telegram_id { span.num { (id) } } @else { (cx.t("none", &[])) } }
                dt { (cx.t("own-id", &[])) } dd.num { (person.id) }
                dt { (cx.t("language", &[])) } dd { (person.language.as_deref().unwrap_or("—")) }
                dt { (cx.t("time-zone", &[])) } dd { (person.time_zone) }
                dt { (cx.t("col-seen", &[])) } dd { (time(cx, person.last_seen)) }
                dt { (cx.t("refusals", &[])) } dd { (person.refusals) }
            }
            @if let (Some(id), true) = (person.telegram_id, cx.viewer.may(keys::LOGS_VIEW)) {
                p { a href=(format!("/messages?sender={id}")) { (cx.t("their-messages", &[])) } }
            }
        }
    }
}

fn grants(cx: &Cx, person: &Person, manages: bool) -> Result<Markup, Problem> {
    let snapshot = cx.app()?.access.snapshot();
    let now = Micros::now();
    let held = snapshot
        .user(person.id)
        .map(|known| known.grants.clone())
        .unwrap_or_default();
    Ok(html! {
        section.card {
            h2 { (cx.t("grants", &[])) }
            @if held.is_empty() { p.quiet { (cx.t("grants-none", &[])) } }
            ul.rows {
                @for grant in &held {
                    li {
                        strong { (grant.role) }
                        span.quiet { (place(cx, grant.reach)) }
                        @match grant.until {
                            None => span.quiet { (cx.t("for-ever", &[])) },
                            Some(until) if until > now => span.quiet { (cx.t("until", &[])) " " (time(cx, until)) },
                            Some(_) => (badge("", &cx.t("ended", &[]))),
                        }
                        @if manages {
                            form.end method="post" action=(format!("/users/{}/revoke", person.id)) data-key=(format!("{}{}", grant.role, grant.reach.to_column())) {
                                (page::csrf(cx))
                                input type="hidden" name="role" value=(grant.role);
                                input type="hidden" name="chat" value=(grant.reach.to_column());
                                button.little.danger { (cx.t("take", &[])) }
                            }
                        }
                    }
                }
            }
            @if manages { (give(cx, person)?) }
        }
    })
}

fn give(cx: &Cx, person: &Person) -> Result<Markup, Problem> {
    let snapshot = cx.app()?.access.snapshot();
    let lengths = ["", "1h", "8h", "1d", "7d", "30d"];
    Ok(html! {
        details.fold #give {
            summary { (cx.t("give-role", &[])) }
            form.line method="post" action=(format!("/users/{}/grant", person.id)) {
                (page::csrf(cx))
                label { (cx.t("role", &[]))
                    select name="role" {
                        @for (name, _) in snapshot.roles().filter(|(name, _)| *name != keys::GUEST) { option { (name) } }
                    }
                }
                label { (cx.t("how-long", &[]))
                    select name="length" {
                        @for length in lengths {
                            option value=(length) { @if length.is_empty() { (cx.t("for-ever", &[])) } @else { (cx.t(&format!("length-{length}"), &[])) } }
                        }
                    }
                }
                label { (cx.t("chat-or-everywhere", &[])) input name="chat" inputmode="numeric" pattern="-?[0-9]*" placeholder=(cx.t("everywhere", &[])); }
                button.main { (cx.t("give", &[])) }
            }
        }
    })
}

fn blocking(cx: &Cx, person: &Person) -> Markup {
    if cx.viewer.user == Some(person.id) {
        return html! {};
    }
    html! {
        section.card {
            @if person.blocked.is_some() {
                h2 { (cx.t("unblock-title", &[])) }
                p.quiet.small { (cx.t("unblock-text", &[])) }
                (parts::act(cx, &format!("/users/{}/unblock", person.id), &cx.t("unblock", &[]), "main", None))
            } @else {
                h2 { (cx.t("block-title", &[])) }
                p.quiet.small { (cx.t("block-text", &[])) }
                form.line method="post" action=(format!("/users/{}/block", person.id)) {
                    (page::csrf(cx))
                    label.wide { (cx.t("reason", &[])) input name="reason" maxlength="300"; }
                    button.danger { (cx.t("block", &[])) }
                }
            }
        }
    }
}

pub(super) fn place(cx: &Cx, reach: Reach) -> String {
    match reach {
        Reach::Everywhere => cx.t("everywhere", &[]),
        Reach::Chat(chat) => cx.t("in-chat", &[("chat", chat.to_string().into())]),
    }
}

#[derive(Deserialize)]
struct Give {
    role: String,
    #[serde(default)]
    length: String,
    #[serde(default)]
    chat: String,
}

/// Empty is everywhere.
fn reach(chat: &str) -> Result<Reach, Problem> {
    match chat.trim() {
        "" => Ok(Reach::Everywhere),
        id => id
            .parse()
            .map(Reach::from_column)
            .map_err(|_| Problem::Bad("chat".into())),
    }
}

fn end(length: &str) -> Result<Option<Micros>, Problem> {
    let bad = || Problem::Bad("length".into());
    if length.is_empty() {
        return Ok(None);
    }
    let unit = length.chars().last().ok_or_else(bad)?;
    let number: u64 = length
        .strip_suffix(unit)
        .and_then(|n| n.parse().ok())
        .ok_or_else(bad)?;
    let hours = match unit {
        'h' if number <= 24 * 366 => number,
        'd' if number <= 366 => number * 24,
        _ => return Err(bad()),
    };
    Ok(Some(
        Micros::now().plus(std::time::Duration::from_secs(hours * 3_600)),
    ))
}

pub(crate) async fn grant(cx: Cx) -> Answer {
    let (person, form): (_, Give) = (person(&cx).await?, cx.form()?);
    let (reach, until) = (reach(&form.chat)?, end(&form.length)?);
    let access = &cx.app()?.access;
    let change = access
        .grant(person.id, &form.role, reach, until, &cx.by()?, &no_replies)
        .await?;
    back(&cx, &person, change.rows)
}

pub(crate) async fn revoke(cx: Cx) -> Answer {
    let (person, form): (_, Give) = (person(&cx).await?, cx.form()?);
    let reach = reach(&form.chat)?;
    let access = &cx.app()?.access;
    let change = access
        .revoke(
            person.id,
            Some(&form.role),
            Some(reach),
            &cx.by()?,
            &no_replies,
        )
        .await?;
    back(&cx, &person, change.rows)
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

pub(crate) async fn block(cx: Cx) -> Answer {
    let (person, Reason { reason }) = (person(&cx).await?, cx.form()?);
    let by: By = cx.by()?;
    let access = &cx.app()?.access;
    let change = access
        .block(person.id, reason.trim(), &by, &no_replies)
        .await?;
    back(&cx, &person, change.rows)
}

pub(crate) async fn unblock(cx: Cx) -> Answer {
    let person = person(&cx).await?;
    let access = &cx.app()?.access;
    let change = access.unblock(person.id, &cx.by()?, &no_replies).await?;
    back(&cx, &person, change.rows)
}

fn back(cx: &Cx, person: &Person, rows: Vec<vahta_rows::outbox::OutboxRow>) -> Answer {
    cx.committed(rows)?;
    Ok(answer::see_other(&format!("/users/{}", person.id)))
}
