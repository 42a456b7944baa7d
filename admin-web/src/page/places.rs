//! Where the navigation leads.

use bot_core::access::keys;

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
    place("/users", "users", keys::USERS_VIEW),
    place("/roles", "roles", keys::USERS_VIEW),
    place("/chats", "chats", keys::USERS_VIEW),
    place("/messages", "messages", keys::LOGS_VIEW),
    place("/calls", "calls", keys::LOGS_VIEW),
    place("/plugins", "plugins", keys::PLUGINS_VIEW),
    place("/jobs", "jobs", keys::STATUS_VIEW),
    place("/outbox", "outbox", keys::STATUS_VIEW),
    place("/updates", "updates", keys::STATUS_MANAGE),
    Place {
        path: "/settings",
        name: "settings",
        key: None,
    },
    Place {
        path: "/sessions",
        name: "sessions",
        key: None,
    },
];
