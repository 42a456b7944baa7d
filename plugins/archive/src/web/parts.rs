//! What pages are made of.

use maud::{Markup, PreEscaped, html};
use vahta_plugin_sdk::web::Answer;

use super::Cx;
use crate::archive::File;
use crate::state::State;
use crate::view::size;

/// What went wrong: the status, and HTML.
pub(super) struct Fault {
    pub(super) status: u16,
    pub(super) text: String,
}

impl Fault {
    /// What somebody typed.
    pub(super) fn input(text: String) -> Self {
        Self { status: 422, text }
    }

    /// What has changed meanwhile.
    pub(super) fn conflict(text: String) -> Self {
        Self { status: 409, text }
    }
}

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

pub(super) fn state(cx: &Cx<'_>, state: State) -> Markup {
    let kind = match state {
        State::Collecting => "badge accent",
        State::Building => "badge warn",
        State::Ready => "badge good",
        State::Failed => "badge bad",
        State::Cancelled | State::Revoked | State::Expired => "badge",
    };
    html! { span class=(kind) { (cx.text(&format!("state-{}", state.as_str()))) } }
}

/// A drop zone; the site's own script brings it to life, and a form stands in it without one.
pub(super) fn drop_zone(path: &str) -> Markup {
    html! { div data-upload=(path) {} }
}

/// Files as the tree that their names make.
pub(super) fn tree(files: &[File]) -> Markup {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort_by(|a, b| {
        folders(&a.name)
            .cmp(folders(&b.name))
            .then_with(|| a.name.cmp(&b.name))
    });
    html! {
        ul.rows {
            @for (at, file) in sorted.iter().enumerate() {
                @let folder = folders(&file.name);
                @let before = at.checked_sub(1).map(|at| folders(&sorted[at].name));
                @if !folder.is_empty() && before != Some(folder) { li { strong { "📁 " (folder) } } }
                li { span.break { (file.name.rsplit('/').next().unwrap_or_default()) }
                    span.quiet.small.end { (size(file.size)) } }
            }
        }
    }
}

/// What stands before the last slash.
fn folders(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folders, _)| folders)
}
