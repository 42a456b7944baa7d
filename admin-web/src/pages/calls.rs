//! `/calls`: calls to Telegram, how long each method takes and what fails.

use bot_core::logs::{self, ApiCall, CallFilter, MethodFigures};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::Micros;

use crate::answer::Answer;
use crate::cx::Cx;
use crate::parts::{self, badge, time, took};

const PAGE: i64 = 50;
const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    method: String,
    /// "ok", "failed" or nothing.
    #[serde(default)]
    result: String,
    before: Option<i64>,
}

pub(crate) async fn list(cx: Cx) -> Answer {
    let query: Query = cx.query()?;
    let filter = CallFilter {
        method: query.method.trim().into(),
        failed: match query.result.as_str() {
            "failed" => Some(true),
            "ok" => Some(false),
            _ => None,
        },
        before: query.before,
    };
    let db = &cx.app()?.db;
    let methods = logs::methods(db, Micros::now().minus(DAY)).await?;
    let mut found = logs::calls(db, &filter, PAGE).await?;
    let has_more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let to = |before: &str| {
        parts::href(
            "/calls",
            &[
                ("method", query.method.trim()),
                ("result", &query.result),
                ("before", before),
            ],
        )
    };
    let older = found
        .last()
        .filter(|_| has_more)
        .map(|last| to(&last.id.to_string()));
    let content = html! {
        div.head { h1 { (cx.t("nav-calls", &[])) } p.quiet.small { (cx.t("calls-text", &[])) } }
        @if !methods.is_empty() { section.card.flush { h2 { (cx.t("by-method", &[])) } (figures(&cx, &methods)) } }
        form.line.filters data-auto="1" {
            label { (cx.t("method", &[]))
                select name="method" {
                    (parts::option("", &cx.t("any", &[]), &query.method))
                    @for figures in &methods { (parts::option(&figures.method, &figures.method, &query.method)) }
                }
            }
            label { (cx.t("result", &[]))
                select name="result" {
                    (parts::option("", &cx.t("any", &[]), &query.result))
                    (parts::option("ok", &cx.t("result-ok", &[]), &query.result))
                    (parts::option("failed", &cx.t("result-failed", &[]), &query.result))
                }
            }
            button { (cx.t("filter", &[])) }
        }
        section.card.flush {
            @if found.is_empty() { (parts::empty(&cx, if to("") == "/calls" { "no-calls" } else { "nothing-found" })) }
            @else { (table(&cx, &found)) }
            (parts::pages(&cx, query.before.map(|_| to("")), older))
        }
    };
    cx.live_page(&cx.t("nav-calls", &[]), &content, "log.")
}

fn figures(cx: &Cx, methods: &[MethodFigures]) -> Markup {
    let (calls, failed, retries) = (
        cx.t("calls", &[]),
        cx.t("result-failed", &[]),
        cx.t("retries", &[]),
    );
    html! {
        table {
            thead { tr { th { (cx.t("method", &[])) } th.num { (calls) } th.num { (failed) } th.num { (retries) } th.num { "p50" } th.num { "p99" } } }
            tbody {
                @for m in methods {
                    tr {
                        td.title { a href=(parts::href("/calls", &[("method", &m.method)])) { (m.method) } }
                        td.num data-label=(calls) { (m.calls) }
                        td.num data-label=(failed) { @if m.failed > 0 { (badge("bad", &m.failed.to_string())) } @else { "0" } }
                        td.num data-label=(retries) { (m.retries) }
                        td.num data-label="p50" { (took(m.p50_us)) }
                        td.num data-label="p99" { (took(m.p99_us)) }
                    }
                }
            }
        }
    }
}

fn table(cx: &Cx, calls: &[ApiCall]) -> Markup {
    let column = |id: &str| cx.t(id, &[]);
    let (at, chat, status, waited, elapsed) = (
        column("col-time"),
        column("chat"),
        column("status"),
        column("waited"),
        column("elapsed"),
    );
    html! {
        table {
            thead { tr { th { (at) } th { (cx.t("method", &[])) } th.num { (chat) } th { (status) } th.num { (waited) } th.num { (elapsed) } } }
            tbody {
                @for call in calls {
                    tr {
                        td.quiet data-label=(at) { (time(cx, Micros(call.at))) }
                        td.title { (call.method) " " span.quiet.small { (call.plugin) @if call.attempt > 1 { " · " (cx.t("attempt", &[])) " " (call.attempt) } } }
                        td.num data-label=(chat) { @if let Some(id) = call.chat_id { a href=(format!("/chats/{id}")) { (id) } } }
                        td.text data-label=(status) {
                            (badge(if call.status == 200 { "good" } else { "bad" }, &if call.status == 0 { "—".to_string() } else { call.status.to_string() }))
                            @if let Some(error) = &call.error { " " span.small { (error) } }
                        }
                        td.num data-label=(waited) { (took(call.waited_us)) }
                        td.num data-label=(elapsed) { (took(call.elapsed_us)) }
                    }
                }
            }
        }
    }
}
