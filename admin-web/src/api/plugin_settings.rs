//! Settings of plugins. Secrets are taken and never given back.

use bot_core::plugins_admin::{Settings, SettingsError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use warp::http::header;

use super::input::body;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::{Invalid, Problem};

#[derive(Serialize, JsonSchema)]
pub(crate) struct SettingsView {
    /// Raised by each change; also the ETag.
    version: i64,
    /// What somebody chose, without secrets.
    settings: Map<String, Value>,
    /// The same with the schema's defaults: what the plugin has.
    effective: Map<String, Value>,
    secrets: Vec<SecretView>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct SecretView {
    /// JSON pointer, such as "/token".
    pointer: String,
    set: bool,
}

impl From<&Settings> for SettingsView {
    fn from(settings: &Settings) -> Self {
        let set = settings.schema.secrets_in(&settings.own);
        let secrets = settings.schema.secrets().iter().map(|pointer| SecretView {
            set: set.contains(&pointer.as_str()),
            pointer: pointer.clone(),
        });
        Self {
            version: settings.version,
            settings: settings.public(),
            effective: settings.public_effective(),
            secrets: secrets.collect(),
        }
    }
}

pub(crate) const SHOW: Doc = Doc::new::<SettingsView>("The settings of a plugin, without secrets");

pub(crate) async fn show(cx: Cx) -> Outcome {
    let name: String = cx.param("name")?;
    let settings = cx.app()?.plugins_admin.settings(&name).await;
    told(&settings.map_err(|error| problem(&cx, error))?)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetSettings {
    /// All of them: what is left out has its default again. A secret that is left out stays,
    /// unless its whole group is left out; null
    /// takes it away.
    settings: Map<String, Value>,
}

pub(crate) const SET: Doc = Doc::new::<SettingsView>(
    "Set the settings of a plugin. With If-Match only if they still are that version; a running \
     plugin takes them up at once, or refuses them",
)
.body::<SetSettings>();

pub(crate) async fn set(cx: Cx) -> Outcome {
    let name: String = cx.param("name")?;
    let seen = seen(&cx)?;
    let SetSettings { settings } = body(&cx)?;
    let admin = &cx.app()?.plugins_admin;
    let settings = admin.set_settings(&name, settings, seen, &cx.by()?).await;
    let settings = settings.map_err(|error| problem(&cx, error))?;
    cx.committed(Vec::new())?;
    told(&settings)
}

fn told(settings: &Settings) -> Outcome {
    let reply = Reply::ok(&SettingsView::from(settings))?;
    Ok(reply.tagged(settings.version))
}

/// The version that `If-Match` names; nothing, or `*`: whichever.
fn seen(cx: &Cx) -> Result<Option<i64>, Problem> {
    let Some(value) = cx.request.headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let tag = value.to_str().unwrap_or_default().trim();
    if tag == "*" {
        return Ok(None);
    }
    let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    let version = version.and_then(|tag| tag.parse().ok());
    // A tag of something else matches nothing.
    Ok(Some(version.unwrap_or(-1)))
}

/// What went wrong, field by field.
pub(crate) fn problem(cx: &Cx, error: SettingsError) -> Problem {
    match error {
        SettingsError::NoPlugin(_) | SettingsError::NoSettings(_) => Problem::NotFound,
        SettingsError::Bad(faults) => match cx.app() {
            Ok(app) => {
                let reason = |fault: &bot_core::plugin_settings::Fault| Invalid {
                    pointer: fault.pointer.clone(),
                    detail: fault.reason(&app.texts, &cx.viewer.language),
                };
                Problem::Invalid(faults.iter().map(reason).collect())
            }
            Err(problem) => problem,
        },
        SettingsError::Stale(version) => Problem::Stale(version),
        SettingsError::Host(error) => Problem::Refused(error.to_string()),
        SettingsError::Db(error) => error.into(),
    }
}
