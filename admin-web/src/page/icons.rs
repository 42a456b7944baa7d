//! Icons, drawn in lines on a field of 24 × 24.

use maud::{Markup, html};

/// The icon of a place in the navigation.
pub(super) fn of(name: &str) -> Markup {
    let d = match name {
        "home" => "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
        "users" | "account" => {
            "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21c0-4 3-7 7-7s7 3 7 7M16 3.5a4 4 0 0 1 0 7M18 14.5c2.500 1 4 3.500 4 6.500"
        }
        "roles" => "M12 3l8 3v6c0 4.500-3.500 8-8 9-4.500-1-8-4.500-8-9V6zM9 12l2 2 4-4",
        "chats" => "M4 5h16v11H9l-5 4z",
        "messages" => "M4 6h16M4 11h16M4 16h10",
        "calls" => "M4 8h13l-4-4M20 16H7l4 4",
        "plugins" | "plugin" => "M9 3v5M15 3v5M6 8h12v4a6 6 0 0 1-12 0zM12 18v3",
        "notices" => "M6 10a6 6 0 0 1 12 0v4l2 3H4l2-3zM10 20a2 2 0 0 0 4 0",
        "approvals" => "M4 12l5 5L20 6",
        "jobs" => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2",
        "outbox" => "M3 12l18-8-7 17-3-7z",
        "updates" => "M4 13h4l2 3h4l2-3h4M4 13l3-9h10l3 9v7H4z",
        "settings" => {
            "M4 7h10M18 7h2M4 17h2M10 17h10M16 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"
        }
        "sessions" => "M3 5h18v11H3zM8 20h8",
        "audit" => "M6 3h9l4 4v14H6zM9 11h7M9 15h7",
        "keys" => "M8 15a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 11h9v4M17 11v3",
        "api" => "M8 6l-6 6 6 6M16 6l6 6-6 6",
        "announcements" => "M4 10v4h3l7 4V6l-7 4zM17 9a4 4 0 0 1 0 6M7 14l1 6h3l-1-5",
        "invites" => "M3 6h18v12H3zM3 7l9 7 9-7",
        _ => "M5 12h14",
    };
    html! {
        svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" {
            path d=(d) {}
        }
    }
}

/// A lighthouse at night: the watch on duty.
pub(super) fn brand() -> Markup {
    html! {
        svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" {
            path d="M9 21l1-12h4l1 12zM9.500 9V5h5v4M12 5V3M4 6l3 .7M20 6l-3 .7M6 21h12M9.600 15h4.900" {}
        }
    }
}
