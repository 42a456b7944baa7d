//! Which capability each host method belongs to.
//!
//! Capabilities are declared in the manifest and shown to admins. They prevent mistakes, not
//! malice: a native library can do whatever the process can.

/// Every capability a manifest may declare, with what it allows.
pub const CAPABILITIES: &[(&str, &str)] = &[
    (
        "telegram.send",
        "call the Bot API: send, edit, delete, answer, read",
    ),
    (
        "telegram.manage",
        "ban, restrict and promote members, change chats and the bot's own profile",
    ),
    ("sessions", "keep a dialog open with a person"),
    (
        "database",
        "open connections to the database and keep tables of its own",
    ),
    ("outbox", "leave messages to be sent after a commit"),
    ("events", "tell the web and other plugins what happened"),
    ("jobs", "leave work to be done later"),
    ("access", "ask what a person may do"),
    ("users", "look people up"),
    ("audit", "write to the audit log"),
    ("approvals", "ask somebody for approval"),
    ("notices", "tell a person something, wherever they are"),
    ("blobs", "store and fetch files"),
    (
        "downloads",
        "give files out by links, so often as it says and no more",
    ),
    ("uploads", "let people bring files, by a link"),
    ("settings", "read and change its own settings"),
];

/// What a method needs before it may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Every plugin may.
    Nothing,
    /// All of them.
    Capabilities(&'static [&'static str]),
    /// No plugin may.
    Never,
    /// Nobody has heard of it.
    Unknown,
}

/// Looks a method up, such as `telegram.SendMessage` or `session.get`.
pub fn needs(method: &str) -> Needs {
    let Some((area, name)) = method.split_once('.') else {
        return Needs::Unknown;
    };
    Needs::Capabilities(match area {
        "telegram" => return telegram(name),
        "host" => return Needs::Nothing,
        "session" => &["sessions"],
        "db" => &["database"],
        "outbox" => &["outbox"],
        "events" => &["events"],
        "jobs" => &["jobs"],
        "access" => &["access"],
        "users" => &["users"],
        "audit" => &["audit"],
        "approval" => &["approvals"],
        "notice" => &["notices"],
        // It asks Telegram, too.
        "blobs" if name == "fetch" => &["blobs", "telegram.send"],
        "blobs" | "zips" => &["blobs"],
        "downloads" => &["downloads"],
        "uploads" => &["uploads"],
        "settings" => &["settings"],
        _ => return Needs::Unknown,
    })
}

/// Receiving updates and the bot's login are the core's alone: a plugin that touched them would
/// break intake for everybody.
const CORE_ONLY: &[&str] = &[
    "GetUpdates",
    "SetWebhook",
    "DeleteWebhook",
    "LogOut",
    "Close",
];

/// Beginnings of Bot API methods that change who may be where, or what the bot is.
const MANAGING: &[&str] = &[
    "Ban",
    "Unban",
    "Restrict",
    "Promote",
    "SetChat",
    "DeleteChat",
    "SetMy",
    "DeleteMy",
    "LeaveChat",
    "ApproveChatJoin",
    "DeclineChatJoin",
    "CreateChat",
    "EditChat",
    "RevokeChat",
];

fn telegram(method: &str) -> Needs {
    if CORE_ONLY.contains(&method) {
        Needs::Never
    } else if MANAGING.iter().any(|start| method.starts_with(start)) {
        Needs::Capabilities(&["telegram.manage"])
    } else {
        Needs::Capabilities(&["telegram.send"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_needs_a_capability_that_a_manifest_can_declare() {
        for method in [
            "telegram.SendMessage",
            "telegram.BanChatMember",
            "session.get",
            "db.ticket",
            "outbox.committed",
            "events.committed",
            "jobs.wake",
            "access.check",
            "users.get",
            "users.find",
            "audit.record",
            "approval.ask",
            "notice.wake",
            "blobs.put",
            "downloads.grant",
            "uploads.grant",
            "blobs.fetch",
            "zips.build",
            "settings.get",
        ] {
            let Needs::Capabilities(needed) = needs(method) else {
                panic!("{method} needs {:?}", needs(method));
            };
            assert!(!needed.is_empty());
            for one in needed {
                let listed = CAPABILITIES.iter().any(|(name, _)| name == one);
                assert!(listed, "{one} is not listed");
            }
        }
    }

    #[test]
    fn receiving_updates_is_for_the_core_alone() {
        assert_eq!(needs("telegram.GetUpdates"), Needs::Never);
        assert_eq!(needs("telegram.SetWebhook"), Needs::Never);
        assert_eq!(needs("nonsense"), Needs::Unknown);
        assert_eq!(needs("nonsense.get"), Needs::Unknown);
    }
}
