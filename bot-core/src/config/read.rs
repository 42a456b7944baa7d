//! From raw settings to a validated [`Config`].

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use figment::Figment;
use figment::providers::{Format as _, Serialized, Toml};
use serde::Deserialize;

use super::{
    AccessRules, Config, Database, Environment, Intake, Logs, OutboundProfile, Plugins, Secret,
    Telegram, Web,
};

/// Every fault of the configuration, in one message.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has {} fault(s):\n{}", .0.len(), .0.iter().map(|f| format!("  - {f}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError(pub Vec<String>);

/// Environment variables and the setting that each one is; `.env` takes the same names.
pub const ENVIRONMENT: &[(&str, &str)] = &[
    ("TELEGRAM_BOT_TOKEN", "token"),
    ("TELEGRAM_API_URL", "api_url"),
    ("VAHTA_WEBHOOK_URL", "webhook_url"),
    ("VAHTA_WEBHOOK_SECRET", "webhook_secret"),
    ("VAHTA_OUTBOUND", "outbound"),
    ("DATABASE_URL", "database_url"),
    ("VAHTA_DB_POOL", "database_pool"),
    ("VAHTA_WEB_ADDR", "web_addr"),
    ("VAHTA_PLUGIN_DIR", "plugin_dir"),
    ("VAHTA_PLUGIN_RUN_DIR", "plugin_run_dir"),
    ("VAHTA_PLUGIN_DEADLINE_MS", "plugin_deadline_ms"),
    ("VAHTA_ADMINS", "admins"),
    ("VAHTA_REFUSALS_BEFORE_BLOCK", "refusals_before_block"),
    ("VAHTA_LIMIT_BURST", "limit_burst"),
    ("VAHTA_LIMIT_PER_SECOND", "limit_per_second"),
    ("VAHTA_LOG", "log"),
    ("VAHTA_LOG_DIR", "log_dir"),
    ("VAHTA_LOG_JSON", "log_json"),
    ("VAHTA_ENV", "environment"),
];

/// The settings as people write them: flat, each with its default.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    token: String,
    api_url: String,
    webhook_url: String,
    webhook_secret: String,
    outbound: String,
    database_url: String,
    database_pool: usize,
    web_addr: String,
    plugin_dir: PathBuf,
    plugin_run_dir: PathBuf,
    plugin_deadline_ms: u64,
    admins: String,
    refusals_before_block: i32,
    limit_burst: u32,
    limit_per_second: u32,
    log: String,
    log_dir: PathBuf,
    log_json: bool,
    environment: Environment,
}

fn defaults() -> figment::value::Dict {
    use figment::value::Value;
    [
        ("token", Value::from("")),
        ("api_url", Value::from("https://api.telegram.org")),
        ("webhook_url", Value::from("")),
        ("webhook_secret", Value::from("")),
        ("outbound", Value::from("telegram")),
        ("database_url", Value::from("sqlite:data/vahta.db")),
        ("database_pool", Value::from(6)),
        ("web_addr", Value::from("127.0.0.1:8080")),
        ("plugin_dir", Value::from("data/plugins")),
        ("plugin_run_dir", Value::from("data/run")),
        ("plugin_deadline_ms", Value::from(10_000)),
        ("admins", Value::from("")),
        ("refusals_before_block", Value::from(5)),
        ("limit_burst", Value::from(60)),
        ("limit_per_second", Value::from(1)),
        ("log", Value::from("info")),
        ("log_dir", Value::from("logs")),
        ("log_json", Value::from(false)),
        ("environment", Value::from("prod")),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_string(), value))
    .collect()
}

pub(super) fn load() -> Result<Config, ConfigError> {
    let dotenv: Vec<(String, String)> = dotenvy::dotenv_iter()
        .map(|pairs| pairs.filter_map(Result::ok).collect())
        .unwrap_or_default();
    let environment = std::env::vars().collect::<Vec<_>>();
    from_layers(Some("vahta.toml"), &[dotenv, environment])
}

/// Reads `toml` (if it is there), then each layer of variables over it.
pub(super) fn from_layers(
    toml: Option<&str>,
    layers: &[Vec<(String, String)>],
) -> Result<Config, ConfigError> {
    let mut figment = Figment::from(Serialized::defaults(defaults()));
    if let Some(toml) = toml {
        figment = figment.merge(Toml::file(toml));
    }
    for layer in layers {
        for (name, setting) in ENVIRONMENT {
            let Some((_, text)) = layer.iter().find(|(key, _)| key == name) else {
                continue;
            };
            // A list of ids is kept as text: "1001,1002" is no number.
            let value = match *setting {
                "admins" | "token" | "webhook_secret" => figment::value::Value::from(text.as_str()),
                _ => text
                    .parse()
                    .unwrap_or_else(|_| figment::value::Value::from(text.as_str())),
            };
            figment = figment.merge(Serialized::default(setting, value));
        }
    }
    let raw: Raw = figment
        .extract()
        .map_err(|error| ConfigError(error.into_iter().map(|fault| fault.to_string()).collect()))?;
    validate(raw)
}

fn validate(raw: Raw) -> Result<Config, ConfigError> {
    let mut faults = Vec::new();
    let mut fault = |text: String| faults.push(text);

    let well_formed = raw.token.split_once(':').is_some_and(|(id, key)| {
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) && !key.is_empty()
    });
    if raw.token.is_empty() {
        fault("TELEGRAM_BOT_TOKEN is missing: @BotFather gives one, or use `make dev` with the sandbox".into());
    } else if !well_formed {
        fault("TELEGRAM_BOT_TOKEN does not look like 123456:ABC-DEF".into());
    }
    if !raw.api_url.starts_with("http://") && !raw.api_url.starts_with("https://") {
        fault("TELEGRAM_API_URL must start with http:// or https://".into());
    }
    let outbound = match raw.outbound.as_str() {
        "telegram" => OutboundProfile::Telegram,
        "unlimited" => OutboundProfile::Unlimited,
        other => {
            fault(format!(
                "VAHTA_OUTBOUND is `{other}`; it can be telegram or unlimited"
            ));
            OutboundProfile::Telegram
        }
    };
    if !["sqlite:", "postgres://", "postgresql://"]
        .iter()
        .any(|p| raw.database_url.starts_with(p))
    {
        fault("DATABASE_URL must start with sqlite: or postgres://".into());
    }
    if raw.database_pool == 0 {
        fault("VAHTA_DB_POOL must be at least 1".into());
    }
    let addr = raw.web_addr.parse::<SocketAddr>().unwrap_or_else(|_| {
        fault(format!(
            "VAHTA_WEB_ADDR is `{}`; it must be an address such as 127.0.0.1:8080",
            raw.web_addr
        ));
        SocketAddr::from(([127, 0, 0, 1], 8080))
    });
    let intake = if raw.webhook_url.is_empty() {
        Intake::Polling
    } else {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if raw.webhook_secret.len() < 16
            || raw.webhook_secret.len() > 256
            || !raw.webhook_secret.bytes().all(legal)
        {
            fault("VAHTA_WEBHOOK_SECRET must be 16 to 256 of A-Z a-z 0-9 _ - when VAHTA_WEBHOOK_URL is set".into());
        }
        Intake::Webhook {
            url: raw.webhook_url,
            secret: Secret::new(raw.webhook_secret),
        }
    };
    let mut admins = Vec::new();
    for part in raw.admins.split([',', ' ']).filter(|part| !part.is_empty()) {
        match part.parse() {
            Ok(id) => admins.push(id),
            Err(_) => fault(format!(
                "VAHTA_ADMINS holds `{part}`, which is not a Telegram id"
            )),
        }
    }
    if raw.limit_burst == 0 || raw.limit_per_second == 0 {
        fault("VAHTA_LIMIT_BURST and VAHTA_LIMIT_PER_SECOND must be at least 1".into());
    }
    if raw.refusals_before_block < 1 {
        fault("VAHTA_REFUSALS_BEFORE_BLOCK must be at least 1".into());
    }
    if !faults.is_empty() {
        return Err(ConfigError(faults));
    }
    Ok(Config {
        telegram: Telegram {
            token: Secret::new(raw.token),
            api_url: raw.api_url.trim_end_matches('/').to_string(),
            intake,
            outbound,
        },
        database: Database {
            url: Secret::new(raw.database_url),
            pool_size: raw.database_pool,
        },
        web: Web { addr },
        plugins: Plugins {
            dir: raw.plugin_dir,
            run_dir: raw.plugin_run_dir,
            deadline: Duration::from_millis(raw.plugin_deadline_ms),
        },
        access: AccessRules {
            admins,
            refusals_before_block: raw.refusals_before_block,
            burst: raw.limit_burst,
            per_second: raw.limit_per_second,
        },
        logs: Logs {
            filter: raw.log,
            dir: raw.log_dir,
            stdout_json: raw.log_json,
        },
        environment: raw.environment,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn layer(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(k, v)| (k.to_string(), v.to_string()))
            .collect()
    }

    #[test]
    fn the_environment_overrides_the_file_of_variables() {
        let dotenv = layer(&[("TELEGRAM_BOT_TOKEN", "1:a"), ("VAHTA_ADMINS", "1001,1002")]);
        let environment = layer(&[("TELEGRAM_BOT_TOKEN", "2:b")]);
        let config = from_layers(None, &[dotenv, environment]).unwrap();
        assert_eq!(config.telegram.token.expose(), "2:b");
        assert_eq!(config.access.admins, [1001, 1002]);
    }

    #[test]
    fn every_fault_is_listed_at_once_and_no_secret_is_printed() {
        let bad = layer(&[
            ("TELEGRAM_BOT_TOKEN", "hunter2"),
            ("DATABASE_URL", "mysql://root:hunter2@localhost"),
            ("VAHTA_WEB_ADDR", "nowhere"),
            ("VAHTA_ADMINS", "ada"),
        ]);
        let error = from_layers(None, &[bad]).unwrap_err();
        assert_eq!(error.0.len(), 4, "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_configuration_prints_without_its_secrets() {
        let good = layer(&[
            ("TELEGRAM_BOT_TOKEN", "1:hunter2"),
            ("DATABASE_URL", "postgres://u:hunter2@h/d"),
        ]);
        let config = from_layers(None, &[good]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
