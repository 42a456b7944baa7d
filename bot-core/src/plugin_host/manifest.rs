//! A plugin's manifest: what it is, what it offers and what it asks for.
//!
//! It is read from the file before any of its code runs, so a faulty one refuses the plugin and
//! every message names the field.

mod check;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The manifest as its author writes it in `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `[a-z][a-z0-9_]*`, at most 32; also the first part of its permissions, jobs and tables.
    pub name: String,
    pub version: String,
    pub title: String,
    /// Who made it: `vahta` for what ships with Vahta.
    pub publisher: String,
    /// `callback_data` of its buttons is `<prefix>:<rest>`: `[a-z0-9]`, at most 8. None: no buttons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    #[serde(default)]
    pub commands: Vec<CommandSpec>,
    #[serde(default)]
    pub permissions: Vec<PermissionSpec>,
    /// See [`super::capability::CAPABILITIES`].
    #[serde(default)]
    pub capabilities: Vec<String>,
    #[serde(default)]
    pub observes: Vec<Observed>,
    /// Kinds of jobs its `job` handler runs, such as `task.remind`.
    #[serde(default)]
    pub jobs: Vec<String>,
    /// Topics it publishes, such as `task.*`.
    #[serde(default)]
    pub events: Vec<String>,
    /// Pages and routes on the admin site.
    #[serde(default)]
    pub web: Vec<WebRoute>,
    /// JSON Schema of its settings; see [`crate::plugin_settings`].
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub settings_schema: serde_json::Value,
    /// It hears nothing from a group before somebody switches it on there.
    #[serde(default)]
    pub off_in_groups: bool,
    #[serde(default)]
    pub budget: Budget,
}

/// Texts by language; `en` is always there.
pub type Localised = BTreeMap<String, String>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandSpec {
    /// `[a-z0-9_]`, at most 32, without the slash (Bot API, BotCommand). With `_` at its end it takes
    /// numbers: `/task_12` comes as the command `task_` with `12` as its arguments; such a command
    /// stands in no menu and no help.
    pub name: String,
    /// Who lacks this key is refused before the plugin hears of it. None: everybody may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// What follows the command, such as `<title>`; shown when the arguments are wrong.
    #[serde(default)]
    pub usage: String,
    /// At most 256 characters each (Bot API, BotCommand).
    pub description: Localised,
}

impl CommandSpec {
    /// Is it written with a number, and so for pressing, not for typing?
    pub fn is_numbered(&self) -> bool {
        self.name.ends_with('_')
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionSpec {
    /// `<plugin name>.<something>`.
    pub key: String,
    pub title: Localised,
    /// Roles that hold the key when the plugin is first seen.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// Messages that come without a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed {
    GroupMessages,
    Documents,
    /// The service messages that a group became a supergroup, with its new id.
    ChatMigrations,
}

/// One address on the admin site that this plugin answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebRoute {
    #[serde(default)]
    pub surface: Surface,
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`; pages take only the first two, as forms do.
    #[serde(default = "get")]
    pub method: String,
    /// Below the surface's prefix, such as `/` or `/{id}/done`.
    pub path: String,
    /// Who lacks this key is refused before the plugin hears of it. Only what is public has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
    /// The page's name in the navigation; none: it is not there.
    #[serde(default, skip_serializing_if = "Localised::is_empty")]
    pub nav: Localised,
    /// Beginnings of topics after whose events the page is shown anew, such as `task.`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub live: Vec<String>,
    /// For the API: its OpenAPI Operation Object.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub openapi: serde_json::Value,
    /// Takes files, as multipart/form-data; none: a body is a small form or JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<UploadSpec>,
}

/// Which files a route takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadSpec {
    /// Of all files of one request together.
    pub max_bytes: u64,
    #[serde(default = "one")]
    pub max_files: usize,
    /// What a file may say that it is: `text/csv`, `image/*`. Empty: anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media_types: Vec<String>,
}

const fn one() -> usize {
    1
}

/// Where a route stands, and what guards it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// `/p/<plugin>…`: a page in the site's frame, for people who are logged in.
    #[default]
    Page,
    /// `/api/v1/p/<plugin>…`: JSON, for keys and for people who are logged in.
    Api,
    /// `/pub/<plugin>…`: for everybody, without a session.
    Public,
}

fn get() -> String {
    "GET".into()
}

/// What one delivery and all of them together may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Milliseconds for one delivery, waiting in host calls excluded. None: the host's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
    /// Deliveries that may be under way at once; the next one is told "busy".
    #[serde(default = "default_queue")]
    pub queue: usize,
}

const fn default_queue() -> usize {
    1024
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            deadline_ms: None,
            queue: default_queue(),
        }
    }
}

/// What is wrong with a manifest; the message begins with the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("manifest: {field}: {fault}")]
pub struct ManifestError {
    /// Such as `commands[2].permission`.
    pub field: String,
    pub fault: String,
}

impl Manifest {
    /// Reads and checks a manifest.
    pub fn parse(json: &[u8]) -> Result<Self, ManifestError> {
        let mut reader = serde_json::Deserializer::from_slice(json);
        let manifest: Self =
            serde_path_to_error::deserialize(&mut reader).map_err(|error| ManifestError {
                field: error.path().to_string(),
                fault: error.inner().to_string(),
            })?;
        reader.end().map_err(|error| ManifestError {
            field: "(end)".into(),
            fault: error.to_string(),
        })?;
        check::check(&manifest)?;
        Ok(manifest)
    }

    pub fn has_capability(&self, capability: &str) -> bool {
        self.capabilities
            .iter()
            .any(|declared| declared == capability)
    }
}
