//! What came beside a delivery's body; the shapes are told in `docs/PLUGIN_ABI.md`.

use serde::Deserialize;

/// One delivery's circumstances.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Envelope {
    /// Milliseconds this delivery may use, waiting in host calls excluded.
    #[serde(default)]
    pub deadline_ms: u64,
    /// When it happens, in microseconds since 1970 UTC.
    #[serde(default)]
    pub now: i64,
    #[serde(default)]
    pub correlation: String,
    pub route: Option<Route>,
    pub actor: Option<Actor>,
    pub chat: Option<Chat>,
    pub update_id: Option<i64>,
    /// The state of the dialog that is open with the actor in this chat.
    pub dialog: Option<serde_json::Value>,
}

/// Why an update came to this plugin.
#[derive(Clone, Debug, Deserialize)]
pub struct Route {
    pub kind: RouteKind,
    /// The command without slash and mention.
    pub command: Option<String>,
    /// What follows the command.
    pub args: Option<String>,
    /// A button's data without the plugin's prefix and the colon.
    pub data: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteKind {
    Command,
    Callback,
    Dialog,
    Observe,
    Document,
    /// One that this SDK does not know yet.
    #[serde(other)]
    Other,
}

/// Who caused the delivery.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Actor {
    /// Vahta's own id; none for somebody it does not know.
    pub user_id: Option<i64>,
    pub telegram_id: Option<i64>,
    #[serde(default)]
    pub name: String,
    pub username: Option<String>,
    pub language: Option<String>,
    pub time_zone: Option<String>,
    /// Those of this plugin's permission keys that the actor has in this chat.
    #[serde(default)]
    pub permissions: Vec<String>,
}

impl Actor {
    pub fn may(&self, permission: &str) -> bool {
        self.permissions.iter().any(|key| key == permission)
    }
}

/// Where it happened.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Chat {
    pub id: i64,
    /// `private`, `group`, `supergroup` or `channel`.
    #[serde(rename = "type", default)]
    pub kind: String,
    pub thread_id: Option<i32>,
}
