//! What pages are made of.

use maud::{Markup, PreEscaped, html};
use vahta_plugin_sdk::web::Answer;

use super::Cx;
use super::acts::Fault;
use crate::priority::Priority;
use crate::state::State;
use crate::task::{Task, TaskId};

/// A page, with what went wrong above it when something did.
pub(super) fn page(title: &str, fault: Option<&Fault>, content: &Markup) -> Answer {
    let whole = html! {
        @if let Some(fault) = fault { p.note.bad role="alert" { (PreEscaped(&fault.text)) } }
        (content)
    };
    Answer {
        status: fault.map_or(200, |fault| fault.status),
        ..Answer::page(title, whole.into_string())
    }
}

pub(super) fn csrf(cx: &Cx<'_>) -> Markup {
    html! { input type="hidden" name="csrf" value=(cx.request.csrf); }
}

/// The title, and the ways to the other pages.
pub(super) fn head(cx: &Cx<'_>, title: &str, here: &str) -> Markup {
    let places = [
        ("list", "/p/task", "web-list"),
        ("board", "/p/task/board", "web-board"),
        ("templates", "/p/task/templates", "web-templates"),
    ];
    html! {
        div.head {
            h1 { (title) }
            nav.segments aria-label=(cx.view.text("web-views", &[])) {
                @for (name, path, text) in places {
                    a href=(path) aria-current=[(name == here).then_some("page")] {
                        (cx.view.text(text, &[]))
                    }
                }
            }
        }
    }
}

pub(super) fn state(cx: &Cx<'_>, state: State) -> Markup {
    let kind = match state {
        State::Draft | State::Cancelled => "badge",
        State::Pending => "badge warn",
        State::Open => "badge accent",
        State::Done => "badge good",
        State::Rejected => "badge bad",
    };
    html! { span class=(kind) { (cx.view.text(&format!("state-{}", state.as_str()), &[])) } }
}

/// For whom, until when, how urgent.
pub(super) fn about(cx: &Cx<'_>, task: &Task) -> Markup {
    html! {
        span.quiet.small {
            @if let Some(name) = &task.assignee_name { (name) " " }
            @if let Some(due) = task.due_at {
                @let is_over = task.state == State::Open && due < cx.ctx.now().as_microsecond();
                span.fault[is_over] { "⏰ " (cx.view.time(due)) } " "
            }
            @if task.priority != Priority::Normal {
                (cx.view.text(&format!("priority-{}", task.priority.as_str()), &[]))
            }
        }
    }
}

/// A button that brings a task into a state, and comes back to `back`.
pub(super) fn bring(cx: &Cx<'_>, id: TaskId, target: State, caption: &str, back: &str) -> Markup {
    html! {
        form method="post" action={ "/p/task/" (id) "/state" } {
            (csrf(cx))
            input type="hidden" name="state" value=(target.as_str());
            input type="hidden" name="back" value=(back);
            button.little { (cx.view.text(caption, &[])) }
        }
    }
}

/// Where a form may lead back to.
pub(super) fn back(cx: &Cx<'_>, id: TaskId) -> String {
    match cx.field("back") {
        "list" => "/p/task".to_owned(),
        "board" => "/p/task/board".to_owned(),
        _ => format!("/p/task/{id}"),
    }
}

/// The states that a button leads to, with its caption.
pub(super) fn ways(state: State) -> &'static [(State, &'static str)] {
    match state {
        State::Draft => &[
            (State::Open, "button-create"),
            (State::Cancelled, "button-discard"),
        ],
        State::Pending => &[(State::Cancelled, "button-cancel")],
        State::Open => &[
            (State::Done, "button-done"),
            (State::Cancelled, "button-cancel"),
        ],
        State::Done => &[(State::Open, "button-reopen")],
        State::Rejected | State::Cancelled => &[(State::Open, "button-again")],
    }
}
