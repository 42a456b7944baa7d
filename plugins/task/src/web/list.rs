//! `/p/task`: what somebody looks for among the tasks they see, and a line that creates one.

use maud::{Markup, PreEscaped, html};
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::web::Answer;

use super::acts::Fault;
use super::{Cx, acts, parts};
use crate::press::Look;
use crate::state::State;
use crate::store::lists::{Filter, Page, PageLength, TaskLists as _};
use crate::{commands, quick};

/// Tasks on a page.
const LENGTH: PageLength = PageLength(std::num::NonZeroU32::new(30).unwrap());

pub(super) async fn show(cx: &Cx<'_>) -> Result<Answer, Error> {
    shown(cx, None).await
}

/// What the address asks for.
pub(super) fn filter(cx: &Cx<'_>) -> Filter {
    let work = cx.work();
    let label = quick::label(cx.query("label")).filter(|label| !label.is_empty());
    let state = State::from_name(cx.query("state"));
    let look = Look::from_name(cx.query("look"));
    match (cx.query("q"), label, state, look) {
        (text, ..) if !text.is_empty() => Filter::Text(text.chars().take(100).collect()),
        (_, Some(label), ..) => Filter::Label(label),
        (_, _, Some(state), _) => Filter::State(state),
        (.., look) => look.unwrap_or_default().filter(work.by.user, work.at),
    }
}

async fn shown(cx: &Cx<'_>, fault: Option<&Fault>) -> Result<Answer, Error> {
    let filter = filter(cx);
    let number = cx.query("page").parse().unwrap_or(1);
    let sight = cx.work().sight;
    let db = cx.ctx.db()?;
    let page = with_db!(db, c => c.page(sight, &filter, number, LENGTH).await)?;
    let title = cx.view.text("web-tasks", &[]);
    let content = html! {
        (parts::head(cx, &title, "list"))
        @if cx.ctx.may("task.create") { (quick_add(cx)) }
        (filters(cx, &filter))
        section.card.flush { (rows(cx, &page)) (pages(cx, &page)) }
    };
    Ok(parts::page(&title, fault, &content))
}

fn quick_add(cx: &Cx<'_>) -> Markup {
    html! {
        form.card.stack.broad method="post" action="/p/task" {
            (parts::csrf(cx))
            div.line {
                label.wide { (cx.view.text("web-new", &[]))
                    input name="line" required maxlength="1000" value=(cx.field("line"))
                        placeholder="Replace disk @bob tomorrow 17:00 !high #infra";
                }
                button.main { (cx.view.text("button-create", &[])) }
            }
            p.quiet.small { (PreEscaped(cx.view.text("web-grammar", &[]))) }
        }
    }
}

fn filters(cx: &Cx<'_>, filter: &Filter) -> Markup {
    let here = Look::of(filter);
    let is_look = !matches!(
        filter,
        Filter::Label(_) | Filter::State(_) | Filter::Text(_)
    );
    html! {
        div.head {
            nav.segments aria-label=(cx.view.text("web-filters", &[])) {
                @for look in Look::ALL {
                    a href={ "/p/task?look=" (look.name()) }
                        aria-current=[(is_look && look == here).then_some("page")] {
                        (cx.view.text(&format!("look-{}", look.name()), &[]))
                    }
                }
            }
            form.line.filters method="get" action="/p/task" {
                label { span.hidden { (cx.view.text("web-state", &[])) }
                    select name="state" {
                        option value="" { (cx.view.text("web-any-state", &[])) }
                        @for state in State::ALL {
                            option value=(state.as_str()) selected[*filter == Filter::State(state)] {
                                (cx.view.text(&format!("state-{}", state.as_str()), &[]))
                            }
                        }
                    }
                }
                label { span.hidden { (cx.view.text("field-labels", &[])) }
                    input name="label" value=(cx.query("label"))
                        placeholder=(cx.view.text("web-label", &[])); }
                label { span.hidden { (cx.view.text("web-search", &[])) }
                    input type="search" name="q" value=(cx.query("q"))
                        placeholder=(cx.view.text("web-search", &[])); }
                button { (cx.view.text("web-find", &[])) }
            }
        }
    }
}

fn rows(cx: &Cx<'_>, page: &Page) -> Markup {
    if page.tasks.is_empty() {
        return html! { div.empty {
            strong { (cx.view.text("web-empty", &[])) }
            span { (cx.view.text("web-empty-hint", &[])) }
        } };
    }
    html! {
        table { tbody {
            @for task in &page.tasks {
                tr #{ "task-" (task.id) } {
                    td.num { "#" (task.id) }
                    td.text { a href={ "/p/task/" (task.id) } { (task.title) } " " (parts::about(cx, task)) }
                    td { (parts::state(cx, task.state)) }
                    td.acts {
                        @if cx.ctx.may(crate::permission::COMPLETE) {
                            @match task.state {
                                State::Open => (parts::bring(cx, task.id, State::Done, "button-done", "list")),
                                State::Done => (parts::bring(cx, task.id, State::Open, "button-reopen", "list")),
                                _ => {}
                            }
                        }
                    }
                }
            }
        } }
    }
}

fn pages(cx: &Cx<'_>, page: &Page) -> Markup {
    let to = |number: u32| {
        let mut query: Vec<String> = ["look", "state", "label", "q"]
            .iter()
            .filter(|name| !cx.query(name).is_empty())
            .map(|name| format!("{name}={}", encoded(cx.query(name))))
            .collect();
        query.push(format!("page={number}"));
        format!("/p/task?{}", query.join("&"))
    };
    html! {
        @if page.pages > 1 {
            nav.pages {
                @if page.number > 1 { a href=(to(page.number - 1)) { (cx.view.text("button-previous", &[])) } }
                @else { span {} }
                span.quiet { (cx.view.text("list-page", args!["page" => page.number, "pages" => page.pages])) }
                @if page.number < page.pages { a href=(to(page.number + 1)) { (cx.view.text("button-next", &[])) } }
                @else { span {} }
            }
        }
    }
}

/// A value in an address (RFC 3986: everything but unreserved characters as `%XX`).
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            byte => {
                // Writing to a String does not fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// A line becomes a task; what is wrong with it is said above it, and it stays.
pub(super) async fn create(cx: &Cx<'_>) -> Result<Answer, Error> {
    let read = match commands::task::read(cx.ctx, cx.tasks, cx.field("line")).await? {
        Ok(read) => read,
        Err(text) => return shown(cx, Some(&Fault::input(text))).await,
    };
    match acts::create(cx, &read).await? {
        Ok(task) => Ok(Answer::see_other(format!("/p/task/{}", task.id))),
        Err(fault) => shown(cx, Some(&fault)).await,
    }
}
