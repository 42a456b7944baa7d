//! What the host gives a plugin to start with.

use std::path::PathBuf;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Error;

/// How the plugin was set up. Plugins read no environment variables.
#[derive(Clone, Default, Deserialize)]
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
    /// The admin site as people reach it, without a slash at its end: for links in messages.
    #[serde(default)]
    pub public_url: String,
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

/// Without the settings: some are secrets, and a plugin may log its configuration.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("instance_id", &self.instance_id)
            .field("data_dir", &self.data_dir)
            .field("workers", &self.workers)
            .field("environment", &self.environment)
            .field("log_level", &self.log_level)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// The settings as a type of the plugin's own. The host has checked them by the manifest's
    /// schema and filled its defaults in; read them in `start`, which runs again when they change.
    ///
    /// # Errors
    /// When a setting has another type or is missing. The message names it and does not hold its
    /// value, for it becomes the plugin's state and may be about a secret.
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_path_to_error::deserialize(&self.settings).map_err(|error| {
            let (path, fault) = (error.path().to_string(), error.inner().to_string());
            Error::other(format!("settings: {path}: {}", without_value(&fault)))
        })
    }
}

/// serde says `invalid type: string "…", expected u32`: what stands before the comma may be secret.
fn without_value(fault: &str) -> String {
    match fault.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None if fault.starts_with("missing field") => fault.to_owned(),
        None => "does not fit".to_owned(),
    }
}

/// A text that does not print itself: for settings that the schema marks as secrets.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub(crate) String);

impl Secret {
    /// The text, for whoever has to send it on.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Own {
        #[serde(rename = "n")]
        _n: u8,
        #[serde(rename = "token")]
        _token: Secret,
    }

    #[test]
    fn a_setting_that_does_not_fit_is_named_without_its_value() {
        let of = |settings: Value| {
            let config = Config {
                settings,
                ..Config::default()
            };
            config.settings::<Own>().map_err(|error| error.to_string())
        };
        let bad = |settings: Value| of(settings).unwrap_err();
        assert_eq!(
            bad(json!({ "n": "hunter2", "token": "x" })),
            "settings: n: expected u8"
        );
        assert_eq!(
            bad(json!({ "n": 1, "token": 2 })),
            "settings: token: expected a string"
        );
        assert_eq!(bad(json!({ "n": 1 })), "settings: .: missing field `token`");
        assert_eq!(
            bad(json!({ "n": 300, "token": "x" })),
            "settings: n: expected u8"
        );
    }

    #[test]
    fn neither_settings_nor_secrets_print_themselves() {
        let settings = json!({ "n": 1, "token": "hunter2" });
        let config = Config {
            settings,
            ..Config::default()
        };
        let own: Own = config.settings().unwrap();
        assert!(!format!("{config:?} {own:?}").contains("hunter2"));
    }
}
