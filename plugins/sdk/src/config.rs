//! What the host gives a plugin to start with.

use std::path::PathBuf;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Error;

/// How the plugin was set up. Plugins read no environment variables.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Config {
    /// This run of this server process; rows that it writes carry the number.
    #[serde(default)]
    pub instance_id: i64,
    /// Only for plugins that declare the capability `database`. It may hold a password.
    #[serde(default)]
    pub(crate) database_url: Option<Secret>,
    /// The plugin's own settings, as its `settings_schema` describes them.
    #[serde(default)]
    pub settings: Value,
    /// Where it may keep files.
    #[serde(default)]
    pub data_dir: PathBuf,
    /// Worker threads for its runtime.
    #[serde(default = "one")]
    pub workers: usize,
    /// `dev` or `prod`.
    #[serde(default)]
    pub environment: String,
    /// The most detailed level it should log: `error`, `warn`, `info`, `debug` or `trace`.
    #[serde(default)]
    pub log_level: Option<String>,
}

fn one() -> usize {
    1
}

impl Config {
    /// The settings as a type of the plugin's own.
    ///
    /// # Errors
    /// When a setting has another type or is missing; the message names it.
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_value(self.settings.clone())
            .map_err(|error| Error::other(format!("settings: {error}")))
    }
}

/// A text that does not print itself.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(pub(crate) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
