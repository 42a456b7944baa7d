//! Changing a plugin's settings: checked by its schema, then by the plugin itself, then saved.
//!
//! A running plugin is reloaded with the new settings first: when it does not start with them, the
//! running version goes on, nothing was saved, and the plugin's own reason is the answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vahta_rows::DbError;

use super::{PluginsAdmin, rows};
use crate::access::By;
use crate::plugin_host::{HostError, PluginInfo, PluginState};
use crate::plugin_settings::{Document, Fault, Schema};

/// A plugin's settings as they are. Holds secrets: it is neither printed nor sent.
pub struct Settings {
    pub schema: Schema,
    /// What somebody chose; the rest is the schema's default.
    pub own: Document,
    /// Raised by each change.
    pub version: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("there is no plugin {0:?}")]
    NoPlugin(String),
    #[error("the plugin {0:?} has no settings")]
    NoSettings(String),
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Bad(Vec<Fault>),
    /// Somebody else changed them: this is their version now.
    #[error("the settings were changed in between; their version is {0} now")]
    Stale(i64),
    /// The plugin did not start with them; its running version goes on.
    #[error(transparent)]
    Host(#[from] HostError),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Settings {
    /// Without secrets: what people may see.
    pub fn public(&self) -> Document {
        self.schema.public(&self.own)
    }

    /// As [`Self::public`], with the defaults.
    pub fn public_effective(&self) -> Document {
        self.schema.public(&self.schema.effective(&self.own))
    }
}

impl PluginsAdmin {
    /// The settings of a plugin as the database has them.
    pub async fn settings(&self, name: &str) -> Result<Settings, SettingsError> {
        self.settings_of(&self.known(name)?).await
    }

    fn known(&self, name: &str) -> Result<PluginInfo, SettingsError> {
        let info = self.0.host.info(name);
        info.ok_or_else(|| SettingsError::NoPlugin(name.into()))
    }

    async fn settings_of(&self, info: &PluginInfo) -> Result<Settings, SettingsError> {
        let json = info.manifest.as_ref().map(|m| &m.settings_schema);
        // A manifest with a faulty schema was refused, so there is none here.
        let schema = json.and_then(|json| Schema::read(json).ok().flatten());
        let schema = schema.ok_or_else(|| SettingsError::NoSettings(info.name.to_string()))?;
        let (own, version) = rows::settings(&self.0.db, &info.name).await?;
        Ok(Settings {
            schema,
            own,
            version,
        })
    }

    /// Puts `new` in the place of the settings, if they still have the version `seen` (`None`:
    /// whichever). Secrets that it says nothing of stay; null takes one away.
    pub async fn set_settings(
        &self,
        name: &str,
        new: Document,
        seen: Option<i64>,
        by: &By,
    ) -> Result<Settings, SettingsError> {
        self.change_settings(name, seen, by, |_| Ok(new)).await
    }

    /// Changes the settings as they are now; `edit` gets them without their secrets.
    pub async fn edit_settings(
        &self,
        name: &str,
        by: &By,
        edit: impl FnOnce(&Settings) -> Result<Document, SettingsError> + Send,
    ) -> Result<Settings, SettingsError> {
        self.change_settings(name, None, by, edit).await
    }

    async fn change_settings(
        &self,
        name: &str,
        seen: Option<i64>,
        by: &By,
        edit: impl FnOnce(&Settings) -> Result<Document, SettingsError> + Send,
    ) -> Result<Settings, SettingsError> {
        let mut applied = self.0.applied.lock().await;
        let info = self.known(name)?;
        let before = self.settings_of(&info).await?;
        if seen.is_some_and(|seen| seen != before.version) {
            return Err(SettingsError::Stale(before.version));
        }
        let mut own = edit(&before)?;
        before.schema.keep_secrets(&before.own, &mut own);
        let faults = before.schema.faults(&before.schema.effective(&own));
        if !faults.is_empty() {
            return Err(SettingsError::Bad(faults));
        }
        if own == before.own {
            return Ok(before);
        }
        let detail = told(&before, &own);
        let runs = self.try_out(&info, &own, &before).await?;
        let saved = rows::set_settings(&self.0.db, name, &own, before.version, detail, by).await;
        let wanted = match saved {
            Ok(Some(wanted)) => wanted,
            // A change that was not written down does not stay.
            lost => {
                let now = rows::settings(&self.0.db, name).await;
                let (now, version) = now.unwrap_or((before.own.clone(), before.version));
                self.0.host.set_settings(name, Value::Object(now));
                if runs && let Err(error) = self.0.host.reload(name).await {
                    tracing::error!(plugin = name, %error, "settings could not be taken back");
                }
                return Err(match lost {
                    Err(error) => error.into(),
                    Ok(_) => SettingsError::Stale(version),
                });
            }
        };
        applied.insert(name.to_owned(), wanted);
        if wanted.enabled
            && matches!(info.state, PluginState::Failed(_))
            && let Err(error) = self.0.host.enable(name).await
        {
            // Its state tells it as well.
            tracing::warn!(plugin = name, %error, "the plugin does not start with its new settings");
        }
        drop(applied);
        self.announce().await?;
        Ok(Settings {
            own,
            version: before.version + 1,
            ..before
        })
    }

    /// Has the plugin take the settings up, if it runs; says whether it does.
    async fn try_out(
        &self,
        info: &PluginInfo,
        own: &Document,
        before: &Settings,
    ) -> Result<bool, SettingsError> {
        let host = &self.0.host;
        host.set_settings(&info.name, Value::Object(own.clone()));
        if !info.state.is_running() {
            return Ok(false);
        }
        if let Err(error) = host.reload(&info.name).await {
            host.set_settings(&info.name, Value::Object(before.own.clone()));
            return Err(error.into());
        }
        Ok(true)
    }
}

/// What changed, for the audit log: values, and of secrets only which.
fn told(before: &Settings, own: &Document) -> Value {
    let (old, new) = (before.public(), before.schema.public(own));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name));
    let changes: Document = changed
        .map(|name| {
            (
                name.clone(),
                json!({ "from": old.get(name), "to": new.get(name) }),
            )
        })
        .collect();
    let differs = |secret: &&String| {
        let at = |document: &Document| Value::Object(document.clone()).pointer(secret).cloned();
        at(&before.own) != at(own)
    };
    let secrets: Vec<&String> = before.schema.secrets().iter().filter(differs).collect();
    json!({ "version": before.version + 1, "changes": changes, "secrets": secrets })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_audit_row_tells_values_and_of_secrets_only_that_they_changed() {
        let schema = json!({ "type": "object", "properties": {
            "n": { "type": "integer" }, "same": { "type": "integer" },
            "token": { "type": "string", "writeOnly": true },
            "smtp": { "type": "object", "properties": { "password": { "type": "string", "format": "password" } } },
        } });
        let document = |value: Value| value.as_object().unwrap().clone();
        let before = Settings {
            schema: Schema::read(&schema).unwrap().unwrap(),
            own: document(json!({ "n": 1, "same": 2, "token": "hunter1" })),
            version: 4,
        };
        let new =
            json!({ "n": 3, "same": 2, "token": "hunter2", "smtp": { "password": "hunter3" } });
        let told = told(&before, &document(new));
        assert_eq!(
            told,
            json!({
                "version": 5,
                "changes": { "n": { "from": 1, "to": 3 }, "smtp": { "from": null, "to": {} } },
                "secrets": ["/smtp/password", "/token"],
            })
        );
    }
}
