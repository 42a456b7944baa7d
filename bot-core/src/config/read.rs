//! From raw settings to a validated [`Config`].

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use redis::IntoConnectionInfo as _;

use super::sources::{self, Layer};
use super::{
    AccessRules, Audit, Config, Database, Downloads, Environment, Intake, Logs, Notices,
    OutboundProfile, Plugins, Secret, Telegram, blobs, web,
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
    ("REDIS_URL", "redis_url"),
    ("VAHTA_WEB_ADDR", "web_addr"),
    ("VAHTA_PUBLIC_URL", "public_url"),
    ("VAHTA_TLS_CERT", "tls_cert"),
    ("VAHTA_TLS_KEY", "tls_key"),
    ("VAHTA_TRUSTED_PROXIES", "trusted_proxies"),
    ("VAHTA_MINI_APP_ORIGINS", "mini_app_origins"),
    ("VAHTA_SECRET", "secret"),
    ("BLOB_URL", "blob_url"),
    ("VAHTA_BLOB_RESERVE_MB", "blob_reserve_mb"),
    ("AWS_REGION", "s3_region"),
    ("AWS_ENDPOINT_URL", "s3_endpoint"),
    ("AWS_ACCESS_KEY_ID", "s3_access_key"),
    ("AWS_SECRET_ACCESS_KEY", "s3_secret_key"),
    ("VAHTA_PLUGIN_DIR", "plugin_dir"),
    ("VAHTA_PLUGIN_RUN_DIR", "plugin_run_dir"),
    ("VAHTA_PLUGIN_DEADLINE_MS", "plugin_deadline_ms"),
    ("VAHTA_WRITER_GRACE_MS", "writer_grace_ms"),
    ("VAHTA_ADMINS", "admins"),
    ("VAHTA_REFUSALS_BEFORE_BLOCK", "refusals_before_block"),
    ("VAHTA_LIMIT_BURST", "limit_burst"),
    ("VAHTA_LIMIT_PER_SECOND", "limit_per_second"),
    ("VAHTA_NOTICE_DELAY_MS", "notice_delay_ms"),
    ("VAHTA_DOWNLOAD_LEASE_MS", "download_lease_ms"),
    ("VAHTA_LOG", "log"),
    ("VAHTA_LOG_DIR", "log_dir"),
    ("VAHTA_LOG_JSON", "log_json"),
    ("VAHTA_AUDIT_KEY", "audit_key"),
    ("VAHTA_AUDIT_KEY_FILE", "audit_key_file"),
    ("VAHTA_ENV", "environment"),
];

/// The settings as people write them: flat, each with its default.
struct Raw {
    token: String,
    api_url: String,
    webhook_url: String,
    webhook_secret: String,
    outbound: OutboundProfile,
    database_url: String,
    database_pool: usize,
    redis_url: String,
    web: web::Raw,
    blobs: blobs::Raw,
    plugin_dir: PathBuf,
    plugin_run_dir: PathBuf,
    plugin_deadline_ms: u64,
    writer_grace_ms: u64,
    admins: String,
    refusals_before_block: i32,
    limit_burst: u32,
    limit_per_second: u32,
    notice_delay_ms: u64,
    download_lease_ms: u64,
    log: String,
    log_dir: PathBuf,
    log_json: bool,
    audit_key: String,
    audit_key_file: PathBuf,
    environment: Environment,
}

pub(super) fn load() -> Result<Config, ConfigError> {
    let mut faults = Vec::new();
    let mut layers = Vec::new();
    if let Some(text) = sources::text_of("vahta.toml", &mut faults) {
        layers.push(sources::toml("vahta.toml", &text, &mut faults));
    }
    if let Some(text) = sources::text_of(".env", &mut faults) {
        layers.push(sources::dotenv(".env", &text, &mut faults));
    }
    layers.push(sources::environment(std::env::vars_os(), &mut faults));
    read(&layers, faults)
}

/// Reads layers of variables, each over the one before.
pub(super) fn from_variables(layers: &[Vec<(String, String)>]) -> Result<Config, ConfigError> {
    let layers: Vec<Layer> = layers
        .iter()
        .map(|pairs| sources::variables(pairs))
        .collect();
    read(&layers, Vec::new())
}

fn read(layers: &[Layer], faults: Vec<String>) -> Result<Config, ConfigError> {
    let mut settings = Settings { layers, faults };
    let raw = Raw {
        token: settings.text("token", ""),
        api_url: settings.text("api_url", "https://api.telegram.org"),
        webhook_url: settings.text("webhook_url", ""),
        webhook_secret: settings.text("webhook_secret", ""),
        outbound: settings.one_of(
            "outbound",
            &[
                ("telegram", OutboundProfile::Telegram),
                ("unlimited", OutboundProfile::Unlimited),
            ],
        ),
        database_url: settings.text("database_url", "sqlite:data/vahta.db"),
        database_pool: settings.parsed("database_pool", 6, "a whole number"),
        redis_url: settings.text("redis_url", ""),
        web: web::Raw {
            addr: settings.parsed(
                "web_addr",
                SocketAddr::from(([127, 0, 0, 1], 8080)),
                "an address such as 127.0.0.1:8080",
            ),
            public_url: settings.text("public_url", ""),
            tls_cert: settings.text("tls_cert", ""),
            tls_key: settings.text("tls_key", ""),
            trusted_proxies: settings.text("trusted_proxies", ""),
            mini_app_origins: settings.text("mini_app_origins", "https://web.telegram.org"),
            secret: settings.text("secret", ""),
        },
        blobs: blobs::Raw {
            url: settings.text("blob_url", "data/blobs"),
            reserve_mb: settings.parsed("blob_reserve_mb", 256, "megabytes"),
            region: settings.text("s3_region", "us-east-1"),
            endpoint: settings.text("s3_endpoint", ""),
            access_key: settings.text("s3_access_key", ""),
            secret_key: settings.text("s3_secret_key", ""),
        },
        plugin_dir: settings.text("plugin_dir", "data/plugins").into(),
        plugin_run_dir: settings.text("plugin_run_dir", "data/run").into(),
        plugin_deadline_ms: settings.parsed("plugin_deadline_ms", 10_000, "milliseconds"),
        writer_grace_ms: settings.parsed("writer_grace_ms", 30_000, "milliseconds"),
        admins: settings.text("admins", ""),
        refusals_before_block: settings.parsed("refusals_before_block", 5, "a whole number"),
        limit_burst: settings.parsed("limit_burst", 60, "a whole number"),
        limit_per_second: settings.parsed("limit_per_second", 1, "a whole number"),
        notice_delay_ms: settings.parsed("notice_delay_ms", 10_000, "milliseconds"),
        download_lease_ms: settings.parsed("download_lease_ms", 120_000, "milliseconds"),
        log: settings.text("log", "info"),
        log_dir: settings.text("log_dir", "logs").into(),
        log_json: settings.parsed("log_json", false, "true or false"),
        audit_key: settings.text("audit_key", ""),
        audit_key_file: settings.text("audit_key_file", "data/audit.key").into(),
        environment: settings.one_of(
            "environment",
            &[("prod", Environment::Prod), ("dev", Environment::Dev)],
        ),
    };
    validate(raw, settings.faults)
}

/// What the layers say of each setting, and what is wrong with it. A fault names the setting and
/// never its value: a secret may stand in the wrong place.
struct Settings<'a> {
    layers: &'a [Layer],
    faults: Vec<String>,
}

impl Settings<'_> {
    fn get(&self, setting: &str) -> Option<&str> {
        let said = self
            .layers
            .iter()
            .rev()
            .find_map(|layer| layer.get(setting));
        said.map(String::as_str)
    }

    fn text(&self, setting: &str, default: &str) -> String {
        self.get(setting).unwrap_or(default).to_owned()
    }

    fn parsed<T: FromStr>(&mut self, setting: &str, default: T, expected: &str) -> T {
        let Some(text) = self.get(setting) else {
            return default;
        };
        text.trim().parse().unwrap_or_else(|_| {
            self.wrong(setting, expected);
            default
        })
    }

    /// The first choice is the default.
    fn one_of<T: Copy>(&mut self, setting: &str, choices: &[(&str, T)]) -> T {
        let said = self.get(setting).unwrap_or(choices[0].0).trim();
        match choices.iter().find(|(name, _)| *name == said) {
            Some((_, choice)) => *choice,
            None => {
                let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
                self.wrong(setting, &names.join(" or "));
                choices[0].1
            }
        }
    }

    fn wrong(&mut self, setting: &str, expected: &str) {
        let variable = ENVIRONMENT.iter().find(|(_, name)| *name == setting);
        let variable = variable.map_or(setting, |(variable, _)| *variable);
        self.faults.push(format!("{variable} must be {expected}"));
    }
}

fn validate(raw: Raw, mut faults: Vec<String>) -> Result<Config, ConfigError> {
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
    if !["sqlite:", "postgres://", "postgresql://"]
        .iter()
        .any(|p| raw.database_url.starts_with(p))
    {
        fault("DATABASE_URL must start with sqlite: or postgres://".into());
    }
    if raw.database_pool == 0 {
        fault("VAHTA_DB_POOL must be at least 1".into());
    }
    if raw.download_lease_ms < 1_000 {
        fault("VAHTA_DOWNLOAD_LEASE_MS must be at least 1000: clients need time to go on".into());
    }
    let redis = (!raw.redis_url.is_empty()).then(|| Secret::new(raw.redis_url));
    if redis
        .as_ref()
        .is_some_and(|url| url.expose().into_connection_info().is_err())
    {
        fault(
            "REDIS_URL must be as in redis://user:password@host:6379/0, or rediss:// for TLS"
                .into(),
        );
    }
    let web = web::check(raw.web, &mut fault);
    let blobs = blobs::check(raw.blobs, &mut fault);
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
            Err(_) => {
                fault("VAHTA_ADMINS must be Telegram ids, separated by commas".into());
                break;
            }
        }
    }
    if raw.limit_burst == 0 || raw.limit_per_second == 0 {
        fault("VAHTA_LIMIT_BURST and VAHTA_LIMIT_PER_SECOND must be at least 1".into());
    }
    if !raw.audit_key.is_empty() && raw.audit_key.len() < 32 {
        fault(
            "VAHTA_AUDIT_KEY must be at least 32 characters; `openssl rand -hex 32` makes one"
                .into(),
        );
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
            outbound: raw.outbound,
        },
        database: Database {
            url: Secret::new(raw.database_url),
            pool_size: raw.database_pool,
        },
        redis,
        web,
        blobs,
        plugins: Plugins {
            dir: raw.plugin_dir,
            run_dir: raw.plugin_run_dir,
            deadline: Duration::from_millis(raw.plugin_deadline_ms),
            writer_grace: Duration::from_millis(raw.writer_grace_ms),
        },
        access: AccessRules {
            admins,
            refusals_before_block: raw.refusals_before_block,
            burst: raw.limit_burst,
            per_second: raw.limit_per_second,
        },
        downloads: Downloads {
            lease: Duration::from_millis(raw.download_lease_ms),
        },
        notices: Notices {
            delay: Duration::from_millis(raw.notice_delay_ms),
        },
        logs: Logs {
            filter: raw.log,
            dir: raw.log_dir,
            stdout_json: raw.log_json,
        },
        audit: Audit {
            key: (!raw.audit_key.is_empty()).then(|| Secret::new(raw.audit_key)),
            key_file: raw.audit_key_file,
        },
        environment: raw.environment,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(k, v)| (k.to_string(), v.to_string()))
            .collect()
    }

    #[test]
    fn the_environment_overrides_the_file_of_variables() {
        let dotenv = pairs(&[("TELEGRAM_BOT_TOKEN", "1:a"), ("VAHTA_ADMINS", "1001,1002")]);
        let environment = pairs(&[("TELEGRAM_BOT_TOKEN", "2:b")]);
        let config = from_variables(&[dotenv, environment]).unwrap();
        assert_eq!(config.telegram.token.expose(), "2:b");
        assert_eq!(config.access.admins, [1001, 1002]);
    }

    #[test]
    fn every_fault_is_listed_at_once_and_no_secret_is_printed() {
        let bad = pairs(&[
            ("TELEGRAM_BOT_TOKEN", "hunter2"),
            ("DATABASE_URL", "mysql://root:hunter2@localhost"),
            ("VAHTA_WEB_ADDR", "nowhere"),
            ("VAHTA_ADMINS", "ada"),
            ("VAHTA_DB_POOL", "hunter2"),
            ("VAHTA_LIMIT_BURST", "-1"),
            ("VAHTA_LOG_JSON", "maybe"),
            ("VAHTA_OUTBOUND", "hunter2"),
            ("VAHTA_ENV", "test"),
        ]);
        let error = from_variables(&[bad]).unwrap_err();
        assert_eq!(error.0.len(), 9, "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_configuration_prints_without_its_secrets() {
        let good = pairs(&[
            ("TELEGRAM_BOT_TOKEN", "1:hunter2"),
            ("DATABASE_URL", "postgres://u:hunter2@h/d"),
            ("BLOB_URL", "s3://files"),
            ("AWS_ACCESS_KEY_ID", "hunter2"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ]);
        let config = from_variables(&[good]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn every_fault_of_the_web_settings_is_listed() {
        let bad = pairs(&[
            ("TELEGRAM_BOT_TOKEN", "1:a"),
            ("VAHTA_PUBLIC_URL", "hunter2.example.org/vahta"),
            ("VAHTA_TLS_CERT", "/nowhere/hunter2.pem"),
            ("VAHTA_TRUSTED_PROXIES", "10.0.0.0/8, hunter2"),
            ("VAHTA_MINI_APP_ORIGINS", "'self'; script-src *"),
            ("VAHTA_SECRET", "hunter2"),
        ]);
        let error = from_variables(&[bad]).unwrap_err();
        // The certificate is not there, and its key is not named.
        assert_eq!(error.0.len(), 6, "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn links_begin_with_the_sites_own_address_unless_told_otherwise() {
        let url = |some: &[(&str, &str)]| {
            let mut all = pairs(&[("TELEGRAM_BOT_TOKEN", "1:a")]);
            all.extend(pairs(some));
            from_variables(&[all]).unwrap().web.public_url
        };
        assert_eq!(url(&[]), "http://127.0.0.1:8080");
        let named = [("VAHTA_PUBLIC_URL", "https://ops.example.org/")];
        assert_eq!(url(&named), "https://ops.example.org");
    }
}
