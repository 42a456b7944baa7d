//! Where the navigation leads.

use bot_core::access::keys;
use bot_core::plugin_host::manifest::Surface;

use crate::cx::Cx;

/// A place in the navigation: its path, its text `nav-<name>` and icon, the key that shows it.
pub(super) struct Place {
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    pub(super) key: Option<&'static str>,
}

const fn place(path: &'static str, name: &'static str, key: &'static str) -> Place {
    Place {
        path,
        name,
        key: Some(key),
    }
}

/// In the order in which they are shown.
pub(super) const PLACES: &[Place] = &[
    Place {
        path: "/",
        name: "home",
        key: None,
    },
    Place {
        path: "/approvals",
        name: "approvals",
        key: None,
    },
    Place {
        path: "/notices",
        name: "notices",
        key: None,
    },
    place("/users", "users", keys::USERS_VIEW),
    place("/roles", "roles", keys::USERS_VIEW),
    place("/invites", "invites", keys::USERS_MANAGE),
    place("/chats", "chats", keys::USERS_VIEW),
    place("/messages", "messages", keys::LOGS_VIEW),
    place("/calls", "calls", keys::LOGS_VIEW),
    place("/announcements", "announcements", keys::ANNOUNCE),
    place("/plugins", "plugins", keys::PLUGINS_VIEW),
    place("/jobs", "jobs", keys::STATUS_VIEW),
    place("/outbox", "outbox", keys::STATUS_VIEW),
    place("/updates", "updates", keys::STATUS_MANAGE),
    place("/audit", "audit", keys::AUDIT_VIEW),
    Place {
        path: "/keys",
        name: "keys",
        key: None,
    },
    Place {
        path: "/settings",
        name: "settings",
        key: None,
    },
    Place {
        path: "/account",
        name: "account",
        key: None,
    },
    Place {
        path: "/sessions",
        name: "sessions",
        key: None,
    },
];

/// How many approvals wait for the viewer; memory only.
pub(super) fn waiting(cx: &Cx) -> usize {
    match (cx.app(), cx.viewer.user) {
        (Ok(app), Some(user)) => app.approvals.waiting_for(user, &app.access.snapshot()),
        _ => 0,
    }
}

/// Pages of plugins that want to be here, of those that the viewer may open: path and text.
pub(super) fn of_plugins(cx: &Cx) -> Vec<(String, String)> {
    let Ok(app) = cx.app() else {
        return Vec::new();
    };
    let routes = app.plugins.routes();
    let shown = routes.web_routes().filter(|(_, route)| {
        let may = route
            .permission
            .as_deref()
            .is_some_and(|key| cx.viewer.may(key));
        route.surface == Surface::Page && may && !route.nav.is_empty()
    });
    shown
        .filter_map(|(plugin, route)| {
            let text = route
                .nav
                .get(&cx.viewer.language)
                .or_else(|| route.nav.get("en"))?;
            let path = format!("/p/{plugin}{}", route.path.trim_end_matches('/'));
            Some((path, text.clone()))
        })
        .collect()
}
