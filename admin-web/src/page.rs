//! The frame that every page stands in.

use bot_core::access::keys;
use maud::{DOCTYPE, Markup, html};

use crate::cx::Cx;

/// A place in the navigation: its path, its text `nav-<name>`, the key that shows it.
pub(crate) struct Place {
    path: &'static str,
    name: &'static str,
    key: Option<&'static str>,
}

/// In the order in which they are shown.
pub(crate) const PLACES: &[Place] = &[
    Place {
        path: "/",
        name: "home",
        key: None,
    },
    Place {
        path: "/users",
        name: "users",
        key: Some(keys::USERS_VIEW),
    },
    Place {
        path: "/audit",
        name: "audit",
        key: Some(keys::AUDIT_VIEW),
    },
    Place {
        path: "/keys",
        name: "keys",
        key: None,
    },
    Place {
        path: "/sessions",
        name: "sessions",
        key: None,
    },
];

pub(crate) fn frame(cx: &Cx, title: &str, content: &Markup, topics: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(cx.viewer.language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if !cx.viewer.csrf.is_empty() { meta name="csrf" content=(cx.viewer.csrf); }
                title { (title) " · Vahta" }
                link rel="stylesheet" href="/assets/site-1.css";
                link rel="icon" href="data:,";
            }
            body {
                a.skip href="#main" { (cx.t("skip", &[])) }
                header {
                    a.brand href="/" { "вахта" }
                    @if cx.viewer.user.is_some() { (navigation(cx)) (who(cx)) }
                }
                main #main data-live=[(!topics.is_empty()).then_some(topics)] { (content) }
            }
        }
    }
}

fn navigation(cx: &Cx) -> Markup {
    let shown = PLACES
        .iter()
        .filter(|place| place.key.is_none_or(|key| cx.viewer.may(key)));
    html! {
        nav aria-label=(cx.t("nav", &[])) {
            @for place in shown {
                a href=(place.path) aria-current=[(cx.request.path == place.path).then_some("page")] {
                    (cx.t(&format!("nav-{}", place.name), &[]))
                }
            }
        }
    }
}

fn who(cx: &Cx) -> Markup {
    html! {
        form.who method="post" action="/logout" {
            (csrf(cx))
            span.quiet { (cx.viewer.name) }
            button.plain { (cx.t("logout", &[])) }
        }
    }
}

/// The field that every form of a session brings.
pub(crate) fn csrf(cx: &Cx) -> Markup {
    html! { input type="hidden" name="csrf" value=(cx.viewer.csrf); }
}
