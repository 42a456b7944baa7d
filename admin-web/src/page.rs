//! The frame that every page stands in.

mod icons;
mod places;

use bot_core::notices;
use maud::{DOCTYPE, Markup, html};
use vahta_texts::Arg;

use crate::cx::Cx;

use places::PLACES;

/// What a drop zone says; the texts' ids are `drop-<name>`. Sizes and numbers stand for `%1`, `%2`.
const DROP_TEXTS: &[&str] = &[
    "here",
    "files",
    "folder",
    "left",
    "kinds",
    "total",
    "again",
    "pause",
    "resume",
    "retry",
    "remove",
    "waiting",
    "done",
    "known",
    "paused",
    "too-large",
    "too-many",
    "wrong-kind",
    "over",
    "failed",
    "offline",
];

/// A whole page around its content. With `topics` (beginnings, with spaces between) it asks for its
/// content again when one of them happens.
pub(crate) fn frame(cx: &Cx, title: &str, content: &Markup, topics: &str) -> Markup {
    let user = cx.viewer.user;
    html! {
        (DOCTYPE)
        html lang=(cx.viewer.language) {
            head {
                (head(title))
                @if !cx.viewer.csrf.is_empty() { meta name="csrf" content=(cx.viewer.csrf); }
                script src="/assets/stream-2.js" defer {}
                script src="/assets/live-4.js" defer {}
                script src="/assets/drag-1.js" defer {}
                script src="/assets/upload-1.js" defer data-uploading=(cx.t("uploading", &[]))
                    data-failed=(cx.t("upload-failed", &[])) data-cancel=(cx.t("upload-cancel", &[]))
                    data-close=(cx.t("upload-close", &[])) {}
                (drop_zones(cx))
            }
            body.in[user.is_some()] data-user=[user] {
                a.skip href="#main" { (cx.t("skip", &[])) }
                header.top {
                    a.brand href="/" { (icons::brand()) "Vahta" }
                    span.spring {}
                    span.state role="status" { (cx.t("reconnecting", &[])) }
                    (menu(cx))
                }
                @if user.is_some() { (navigation(cx)) }
                @if user.is_some() { (toasts(cx)) }
                main #main tabindex="-1" data-live=[(!topics.is_empty()).then_some(topics)] { (content) }
            }
        }
    }
}

/// A page for everybody: the site's looks, and nothing of who asks.
pub(crate) fn bare(cx: &Cx, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(cx.viewer.language) {
            head {
                (head(title))
                (drop_zones(cx))
            }
            body {
                main #main { (content) }
            }
        }
    }
}

fn head(title: &str) -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
        meta name="color-scheme" content="light dark";
        title { (title) " · Vahta" }
        link rel="stylesheet" href="/assets/site-6.css";
        link rel="icon" href="/assets/icon-1.svg" type="image/svg+xml";
        script src="/assets/theme-1.js" {}
    }
}

/// The script behind `<div data-upload="/u/…">`, with what it says.
pub(crate) fn drop_zones(cx: &Cx) -> Markup {
    let texts: Vec<(&str, String)> = DROP_TEXTS
        .iter()
        .map(|id| (*id, cx.t(&format!("drop-{id}"), &[])))
        .collect();
    let texts: std::collections::BTreeMap<_, _> = texts.into_iter().collect();
    let texts = serde_json::to_string(&texts).unwrap_or_default();
    html! { script src="/assets/drop-1.js" defer data-texts=(texts) {} }
}

/// A page's content inside Telegram, whose own bar stands above: only the navigation comes with it.
pub(crate) fn in_app(cx: &Cx, content: &Markup) -> Markup {
    html! {
        @if cx.viewer.user.is_some() { (navigation(cx)) }
        (content)
    }
}

fn navigation(cx: &Cx) -> Markup {
    let shown = PLACES
        .iter()
        .filter(|place| place.key.is_none_or(|key| cx.viewer.may(key)));
    html! {
        nav.places aria-label=(cx.t("nav", &[])) {
            @for place in shown {
                a href=(place.path) aria-current=[is_here(cx, place.path).then_some("page")] {
                    (icons::of(place.name))
                    span { (cx.t(&format!("nav-{}", place.name), &[])) }
                    @if place.name == "approvals" { (waiting(cx)) }
                    @if place.name == "notices" { (unread(cx)) }
                }
            }
            @for (path, text) in places::of_plugins(cx) {
                a href=(path) aria-current=[is_here(cx, &path).then_some("page")] {
                    (icons::of("plugin"))
                    span { (text) }
                }
            }
        }
    }
}

/// How many approvals wait, for eyes and for ears.
fn waiting(cx: &Cx) -> Markup {
    let count = places::waiting(cx);
    let text = cx.t("approvals-waiting", &[("count", Arg::from(count))]);
    html! { @if count > 0 { " " span.badge.accent title=(text) { (count) } } }
}

/// How many notices are unread. It is there with none as well: the script keeps it current.
pub(crate) fn unread(cx: &Cx) -> Markup {
    let count = cx.viewer.unread.count;
    let text = cx.t("notices-unread", &[("count", Arg::from(count))]);
    let shown = match count {
        notices::read::MANY.. => "99+".to_string(),
        count => count.to_string(),
    };
    html! { " " span.badge.accent data-unread hidden[count == 0] title=(text) { (shown) } }
}

/// Where the script puts what the person is told while they look at a page.
fn toasts(cx: &Cx) -> Markup {
    let offered = cx.viewer.unread.offered;
    html! { div.toasts #toasts role="status" data-offered[offered] {} }
}

/// `/users/7` is within `/users`.
fn is_here(cx: &Cx, place: &str) -> bool {
    let rest = cx.request.path.strip_prefix(place);
    rest.is_some_and(|rest| rest.is_empty() || (place != "/" && rest.starts_with('/')))
}

/// Colours for everybody, and for whoever is logged in the way to themselves and out.
fn menu(cx: &Cx) -> Markup {
    let themes = [
        ("", "theme-system"),
        ("light", "theme-light"),
        ("dark", "theme-dark"),
    ];
    html! {
        details.menu #me {
            summary {
                @if cx.viewer.user.is_some() { span { (cx.viewer.name) } } @else { (icons::of("settings")) }
                span.hidden { " " (cx.t("menu", &[])) }
            }
            div {
                div.segments role="group" aria-label=(cx.t("theme", &[])) {
                    @for (value, text) in themes {
                        button type="button" data-set-theme=(value) aria-pressed="false" { (cx.t(text, &[])) }
                    }
                }
                @if cx.viewer.user.is_some() {
                    a href="/settings" { (cx.t("nav-settings", &[])) }
                    a href="/sessions" { (cx.t("nav-sessions", &[])) }
                    form method="post" action="/logout" {
                        (csrf(cx))
                        button { (cx.t("logout", &[])) }
                    }
                }
            }
        }
    }
}

/// The field that every form of a session brings.
pub(crate) fn csrf(cx: &Cx) -> Markup {
    html! { input type="hidden" name="csrf" value=(cx.viewer.csrf); }
}
