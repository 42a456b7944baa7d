//! `/users`: who is here.

use bot_core::access::{Person, Snapshot, Which};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::Micros;

use crate::answer::Answer;
use crate::cx::Cx;
use crate::parts::{self, badge, time};

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    q: String,
    #[serde(default)]
    which: String,
    #[serde(default)]
    page: u32,
}

const PAGE: u32 = 50;
const LISTS: &[(&str, Which)] = &[
    ("everyone", Which::Everyone),
    ("members", Which::Members),
    ("blocked", Which::Blocked),
    ("refused", Which::Refused),
];

pub(crate) async fn list(cx: Cx) -> Answer {
    let Query { q, which, page } = cx.query()?;
    let q = q.trim();
    let listed = LISTS
        .iter()
        .find(|(name, _)| *name == which)
        .unwrap_or(&LISTS[0]);
    let access = &cx.app()?.access;
    let people = access.search(listed.1, q, page, PAGE).await?;
    let snapshot = access.snapshot();
    let to = |page: u32| {
        let page = page.to_string();
        parts::href("/users", &[("q", q), ("which", &which), ("page", &page)])
    };
    let links: Vec<_> = LISTS
        .iter()
        .map(|(name, _)| {
            let href = parts::href("/users", &[("q", q), ("which", name)]);
            (*name, href, cx.t(&format!("users-{name}"), &[]))
        })
        .collect();
    let content = html! {
        div.head { h1 { (cx.t("users-title", &[])) } (parts::segments(listed.0, &links)) }
        form.line.filters role="search" {
            input type="hidden" name="which" value=(listed.0);
            label.wide { (cx.t("search", &[])) input type="search" name="q" value=(q) placeholder=(cx.t("users-search", &[])) maxlength="100"; }
            button { (cx.t("search", &[])) }
        }
        section.card.flush {
            @if people.people.is_empty() {
                (parts::empty(&cx, if q.is_empty() { "no-users" } else { "nothing-found" }))
            } @else {
                (table(&cx, &snapshot, &people.people))
            }
            (parts::pages(&cx, (page > 0).then(|| to(page - 1)), people.has_more.then(|| to(page + 1))))
        }
    };
    cx.live_page(&cx.t("users-title", &[]), &content, "access. core.session.")
}

fn table(cx: &Cx, snapshot: &Snapshot, people: &[Person]) -> Markup {
    let column = |id: &str| cx.t(id, &[]);
    let (name, id, roles, seen) = (
        column("col-name"),
        column("col-telegram"),
        column("col-roles"),
        column("col-seen"),
    );
    html! {
        table {
            thead { tr { th { (name) } th.num { (id) } th { (roles) } th.num { (seen) } } }
            tbody {
                @for person in people {
                    tr {
                        td.title {
                            a href=(format!("/users/{}", person.id)) { (called(cx, person)) }
                            @if let Some(name) = &person.username { " " span.quiet { "@" (name) } }
                        }
                        td.num.quiet data-label=(id) { @if let Some(id) = person.telegram_id { (id) } }
                        td data-label=(roles) { span.badges { (badges(cx, snapshot, person)) } }
                        td.num.quiet data-label=(seen) { (time(cx, person.last_seen)) }
                    }
                }
            }
        }
    }
}

/// A name to show; people can have none.
pub(super) fn called(cx: &Cx, person: &Person) -> String {
    if person.name.trim().is_empty() {
        cx.t("no-name", &[])
    } else {
        person.name.clone()
    }
}

pub(super) fn badges(cx: &Cx, snapshot: &Snapshot, person: &Person) -> Markup {
    let now = Micros::now();
    let grants = snapshot
        .user(person.id)
        .map(|known| known.grants.clone())
        .unwrap_or_default();
    let mut roles: Vec<String> = grants
        .into_iter()
        .filter(|grant| grant.is_current(now))
        .map(|grant| grant.role)
        .collect();
    roles.sort_unstable();
    roles.dedup();
    html! {
        @if person.blocked.is_some() { (badge("bad", &cx.t("blocked", &[]))) }
        @for role in &roles { (badge("accent", role)) }
        @if person.refusals > 0 && person.blocked.is_none() { (badge("warn", &cx.t("refused", &[]))) }
    }
}
