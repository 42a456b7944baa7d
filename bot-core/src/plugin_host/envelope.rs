//! What travels beside a delivery's body: who, where, when, and which way it was routed.
//!
//! The SDK reads this JSON, and so may a plugin in any language; it changes only by addition.
//! Absent and null mean the same.

use serde::{Deserialize, Serialize};

/// One delivery's circumstances.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// Milliseconds the handler may use, waiting in host calls excluded. 0 asks for the plugin's
    /// budget; a larger number than the budget becomes the budget.
    #[serde(default)]
    pub deadline_ms: u64,
    /// The time this delivery happens at, in microseconds since 1970 UTC. Plugins take this for
    /// their clock, so that tests can move time.
    #[serde(default)]
    pub now: i64,
    /// Appears in every log line and row that this delivery causes.
    #[serde(default)]
    pub correlation: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<Chat>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_id: Option<i64>,
    /// The state of the dialog that this plugin holds open with the actor in this chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialog: Option<serde_json::Value>,
}

/// Why an update came to this plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub kind: RouteKind,
    /// For [`RouteKind::Command`]: the command without slash and mention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// For [`RouteKind::Command`]: what follows the command, trimmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<String>,
    /// For [`RouteKind::Callback`]: the button's data without the plugin's prefix and the colon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteKind {
    /// One of the manifest's commands.
    Command,
    /// A button whose data begins with the plugin's prefix.
    Callback,
    /// A message while this plugin holds a dialog open.
    Dialog,
    /// A message of a group that the plugin watches.
    Observe,
    /// A file while the plugin collects files.
    Document,
}

/// Who caused the delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Vahta's own id; none for somebody it does not know.
    #[serde(default)]
    pub user_id: Option<i64>,
    #[serde(default)]
    pub telegram_id: Option<i64>,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub username: Option<String>,
    #[serde(default)]
    pub language: Option<String>,
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Those of this plugin's permission keys that the actor has in this chat, right now.
    #[serde(default)]
    pub permissions: Vec<String>,
}

/// Where it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat {
    pub id: i64,
    /// `private`, `group`, `supergroup` or `channel`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The topic in a forum.
    #[serde(default)]
    pub thread_id: Option<i32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_keeps_the_shape_that_plugins_read() {
        let text = r#"{"deadline_ms":10000,"now":1700000000000000,"correlation":"c-1",
            "route":{"kind":"command","command":"task","args":"buy milk"},
            "actor":{"user_id":7,"telegram_id":1001,"name":"Ada","username":"ada",
                     "language":"en","time_zone":"UTC","permissions":["task.create"]},
            "chat":{"id":-5,"type":"group","thread_id":null},"update_id":9,"dialog":null}"#;
        let envelope: Envelope = serde_json::from_str(text).expect("the documented shape");
        let route = envelope.route.as_ref().expect("a route");
        assert_eq!(
            (route.kind, route.args.as_deref()),
            (RouteKind::Command, Some("buy milk"))
        );
        assert_eq!(
            envelope.chat.as_ref().map(|c| c.kind.as_str()),
            Some("group")
        );
        let again = serde_json::to_vec(&envelope).expect("serialises");
        assert_eq!(
            serde_json::from_slice::<Envelope>(&again).expect("reads back"),
            envelope
        );
    }
}
