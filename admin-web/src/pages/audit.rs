//! `/audit`: who did what, and whether anybody has changed it since.

use bot_core::access::Who;
use bot_core::audit::list::{self, Filter};
use bot_core::audit::{self, AuditRow, Report};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;
use vahta_rows::{Micros, UserId};
use vahta_texts::Arg;

use crate::answer::Answer;
use crate::api::time::Time;
use crate::cx::Cx;
use crate::page;
use crate::parts::{self, time};
use crate::problem::Problem;

const PAGE: i64 = 50;
/// Faults that are shown one by one.
const SHOWN: usize = 100;

/// The form's fields as they were sent; an empty one is none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Query {
    /// The bot's id, a Telegram id, or a @username.
    actor: String,
    action: String,
    object: String,
    source: String,
    /// Days, in the person's zone.
    from: String,
    until: String,
    before: Option<i64>,
}

pub(crate) async fn list(cx: Cx) -> Answer {
    let query: Query = cx.query()?;
    let content = content(&cx, &query, None).await?;
    cx.page(&cx.t("audit-title", &[]), &content)
}

/// Walks the chain and shows what came of it above the list.
pub(crate) async fn verify(cx: Cx) -> Answer {
    let report = audit::verify(&cx.app()?.audit).await?;
    let content = content(&cx, &Query::default(), Some(&report)).await?;
    cx.page(&cx.t("audit-title", &[]), &content)
}

async fn content(cx: &Cx, query: &Query, report: Option<&Report>) -> Result<Markup, Problem> {
    let found = match filter(cx, query).await? {
        Some(filter) => {
            let db = cx.app()?.audit.db();
            list::list(db, &filter, query.before, PAGE + 1).await?
        }
        None => Vec::new(),
    };
    let has_more = found.len() as i64 > PAGE;
    let rows = &found[..found.len().min(PAGE as usize)];
    let names = names(cx, rows).await?;
    Ok(html! {
        div.head {
            h1 { (cx.t("audit-title", &[])) }
            form method="post" action="/audit/verify" {
                (page::csrf(cx))
                button.main { (cx.t("audit-verify", &[])) }
            }
            p.quiet.small.wide { (cx.t("audit-about", &[])) }
        }
        @if let Some(report) = report { section.card { (result(cx, report)) } }
        (search(cx, query))
        section.card.flush {
            @if rows.is_empty() { (parts::empty(cx, "audit-none")) } @else { (table(cx, rows, &names)) }
            @let newer = query.before.map(|_| next(query, None));
            @let older = rows.last().filter(|_| has_more).map(|last| next(query, Some(last.id)));
            (parts::pages(cx, newer, older))
        }
    })
}

fn result(cx: &Cx, report: &Report) -> Markup {
    let count = |id: &str, count: u64| cx.t(id, &[("count", Arg::from(count))]);
    html! {
        div role="status" {
            @if report.is_whole() {
                p { span.dot.good {} (count("audit-whole", report.links)) }
            } @else {
                p { span.dot.bad {} strong { (count("audit-broken", report.faults.len() as u64)) } }
                ul {
                    @for fault in report.faults.iter().take(SHOWN) { li { (fault.to_string()) } }
                }
            }
            p.quiet { (count("audit-heads", report.heads)) }
            @if report.pending > 0 { p.quiet { (count("audit-pending", report.pending)) } }
            @if report.erased > 0 { p.quiet { (count("audit-erased", report.erased)) } }
        }
    }
}

fn search(cx: &Cx, query: &Query) -> Markup {
    let field = |name: &str, value: &str, kind: &str| {
        html! {
            label { (cx.t(&format!("audit-{name}"), &[]))
                input type=(kind) name=(name) value=(value) placeholder=[(kind == "text").then(|| cx.t(&format!("audit-{name}-how"), &[]))];
            }
        }
    };
    html! {
        form.line.filters role="search" method="get" action="/audit" data-auto="1" {
            (field("actor", &query.actor, "text"))
            (field("action", &query.action, "text"))
            (field("object", &query.object, "text"))
            label { (cx.t("audit-source", &[]))
                select name="source" {
                    option value="" { (cx.t("audit-any", &[])) }
                    @for source in ["telegram", "web", "api", "cli", "plugin", "core"] {
                        option value=(source) selected[query.source == source] { (source) }
                    }
                }
            }
            (field("from", &query.from, "date"))
            (field("until", &query.until, "date"))
            button { (cx.t("audit-search", &[])) }
        }
    }
}

fn table(cx: &Cx, rows: &[AuditRow], names: &BTreeMap<UserId, String>) -> Markup {
    let column = |id: &str| cx.t(id, &[]);
    let (at, object, by) = (
        column("col-time"),
        column("audit-col-object"),
        column("audit-col-who"),
    );
    html! {
        table {
            thead { tr { th { (column("audit-col-action")) } th { (object) } th { (by) } th { (at) } th { (column("audit-detail")) } } }
            tbody {
                @for row in rows {
                    tr {
                        td.title { (row.action) }
                        td.break data-label=(object) { (row.object) }
                        td data-label=(by) { span { (who(cx, row, names)) " " span.quiet.small { (row.source) } } }
                        td.quiet data-label=(at) { (time(cx, row.at)) }
                        td.text { (detail(row)) }
                    }
                }
            }
        }
    }
}

/// What else the row says, folded away.
fn detail(row: &AuditRow) -> Markup {
    html! {
        details id={ "row-" (row.id) } {
            summary.nowrap { span.quiet.small { "#" (row.id) } }
            code.break { (row.detail) }
            p.quiet.small.break { (Time(row.at).text()) " · " (row.correlation) }
        }
    }
}

fn who(cx: &Cx, row: &AuditRow, names: &BTreeMap<UserId, String>) -> String {
    match row.actor {
        Some(actor) => names
            .get(&actor)
            .cloned()
            .unwrap_or_else(|| actor.to_string()),
        None if matches!(row.source.as_str(), "web" | "api") => cx.t("audit-stranger", &[]),
        None => cx.t("audit-nobody", &[]),
    }
}

/// Midnight of a day in the person's zone, so many days later.
fn midnight(cx: &Cx, day: &str, later: i64) -> Result<Option<Micros>, Problem> {
    if day.is_empty() {
        return Ok(None);
    }
    let wrong = || Problem::Bad(format!("`{day}` is no day; write it as 2030-01-31"));
    let date: jiff::civil::Date = day.parse().map_err(|_| wrong())?;
    let date = date
        .checked_add(jiff::Span::new().days(later))
        .map_err(|_| wrong())?;
    let zone = jiff::tz::TimeZone::get(&cx.viewer.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let start = date.to_zoned(zone).map_err(|_| wrong())?;
    Ok(Some(Micros(start.timestamp().as_microsecond())))
}

/// What the form asks for; `None`: for somebody who is not there.
async fn filter(cx: &Cx, query: &Query) -> Result<Option<Filter>, Problem> {
    let some = |text: &String| (!text.is_empty()).then(|| text.trim().to_string());
    let mut filter = Filter {
        actor: None,
        action: some(&query.action),
        object: some(&query.object),
        source: some(&query.source),
        correlation: None,
        from: midnight(cx, &query.from, 0)?,
        until: midnight(cx, &query.until, 1)?,
    };
    if let Some(actor) = some(&query.actor) {
        let access = &cx.app()?.access;
        let who = match actor.parse::<i64>() {
            Ok(id) => match access.find(&Who::User(UserId(id))).await? {
                Some(person) => Some(person),
                None => access.find(&Who::Telegram(id)).await?,
            },
            Err(_) => {
                let name = actor.trim_start_matches('@').to_string();
                access.find(&Who::Name(name)).await?
            }
        };
        let Some(person) = who else { return Ok(None) };
        filter.actor = Some(person.id);
    }
    Ok(Some(filter))
}

async fn names(cx: &Cx, rows: &[AuditRow]) -> Result<BTreeMap<UserId, String>, Problem> {
    let access = &cx.app()?.access;
    let snapshot = access.snapshot();
    let mut names = BTreeMap::new();
    for actor in rows.iter().filter_map(|row| row.actor) {
        if names.contains_key(&actor) {
            continue;
        }
        let name = match snapshot.user(actor) {
            Some(known) => known.name.clone(),
            None => match access.find(&Who::User(actor)).await? {
                Some(person) => person.name,
                None => continue,
            },
        };
        names.insert(actor, name);
    }
    Ok(names)
}

fn next(query: &Query, before: Option<i64>) -> String {
    let before = before.map(|id| id.to_string()).unwrap_or_default();
    let pairs = [
        ("actor", &query.actor),
        ("action", &query.action),
        ("object", &query.object),
        ("source", &query.source),
        ("from", &query.from),
        ("until", &query.until),
        ("before", &before),
    ];
    let pairs = pairs.map(|(name, value)| (name, value.as_str()));
    parts::href("/audit", &pairs)
}
