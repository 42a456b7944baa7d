//! Configuration, read in one place: `vahta.toml` (optional), `.env` (optional), then the
//! environment, each overriding the one before. Every fault is reported in one message.

mod blobs;
mod network;
mod read;
mod secret;
mod sources;
mod web;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use network::Network;
pub use read::{ConfigError, ENVIRONMENT};
pub use secret::Secret;

/// Everything a process of Vahta is told from outside, validated.
#[derive(Debug, Clone)]
pub struct Config {
    pub telegram: Telegram,
    pub database: Database,
    /// Where instances tell each other of events; `None`: each looks by itself.
    pub redis: Option<Secret>,
    pub web: Web,
    pub blobs: Blobs,
    pub downloads: Downloads,
    pub plugins: Plugins,
    pub access: AccessRules,
    pub notices: Notices,
    pub logs: Logs,
    pub audit: Audit,
    /// `dev` approves every library in the plugin folder; `prod` wants its SHA-256 approved.
    pub environment: Environment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    Dev,
    Prod,
}

#[derive(Debug, Clone)]
pub struct Telegram {
    pub token: Secret,
    /// The Bot API server, without a trailing slash.
    pub api_url: String,
    pub intake: Intake,
    pub outbound: OutboundProfile,
}

/// How updates come in.
#[derive(Debug, Clone)]
pub enum Intake {
    Polling,
    /// Telegram posts to `url`; `secret` comes back in `X-Telegram-Bot-Api-Secret-Token`.
    Webhook {
        url: String,
        secret: Secret,
    },
}

/// Which limits the outbound scheduler keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboundProfile {
    /// Telegram's limits per chat, per group and overall.
    Telegram,
    /// The same code without waiting: for a sandbox that enforces nothing.
    Unlimited,
}

#[derive(Debug, Clone)]
pub struct Database {
    pub url: Secret,
    pub pool_size: usize,
}

#[derive(Debug, Clone)]
pub struct Web {
    pub addr: SocketAddr,
    /// What people's links begin with, without a trailing slash.
    pub public_url: String,
    /// `None`: plain HTTP, for loopback or behind a proxy.
    pub tls: Option<TlsFiles>,
    /// Whose `X-Forwarded-For` and `X-Forwarded-Proto` count.
    pub trusted_proxies: Vec<Network>,
    /// Sites that may frame the Mini App.
    pub mini_app_origins: Vec<String>,
    /// What second factors are encrypted with in the database; `None`: they are not.
    pub secret: Option<Secret>,
}

/// PEM files: the certificate with its chain, and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// Where files are kept.
#[derive(Debug, Clone)]
pub struct Blobs {
    pub place: BlobPlace,
    /// A folder takes no more when its disk has less room than this: the database lives there too.
    pub reserve_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobPlace {
    Folder(PathBuf),
    S3(S3),
}

/// A bucket of Amazon S3 or of what speaks its language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3 {
    pub bucket: String,
    /// What every object's name begins with, without slashes around it; may be empty.
    pub prefix: String,
    pub region: String,
    /// `None`: Amazon's.
    pub endpoint: Option<String>,
    /// `None`: what the machine's role gives.
    pub access_key: Option<Secret>,
    pub secret_key: Option<Secret>,
}

#[derive(Debug, Clone)]
pub struct Downloads {
    /// How long a download that nobody goes on with stays reserved.
    pub lease: Duration,
}

#[derive(Debug, Clone)]
pub struct Plugins {
    /// Where libraries are looked for.
    pub dir: PathBuf,
    /// Where each loaded library gets a copy with a unique name.
    pub run_dir: PathBuf,
    pub deadline: Duration,
    /// How much longer than its deadline a plugin may hold SQLite's writer ticket before the
    /// process ends, to be started again.
    pub writer_grace: Duration,
}

#[derive(Debug, Clone)]
pub struct AccessRules {
    /// Telegram ids that are admins from the start.
    pub admins: Vec<i64>,
    /// After this many refusals an unknown user is blocked.
    pub refusals_before_block: i32,
    /// Inbound messages that a user may send at once.
    pub burst: u32,
    /// After the burst: messages a second.
    pub per_second: u32,
}

#[derive(Debug, Clone)]
pub struct Notices {
    /// How long an open page has to show a notice before it goes to Telegram.
    pub delay: Duration,
}

#[derive(Debug, Clone)]
pub struct Logs {
    /// A `tracing` filter, such as `info` or `info,bot_core=debug`.
    pub filter: String,
    pub dir: PathBuf,
    /// JSON on standard output as well, for containers.
    pub stdout_json: bool,
}

impl Database {
    /// "sqlite" or "postgres": for people, never the URL.
    pub fn kind(&self) -> &'static str {
        match vahta_rows::db::sqlite_path(self.url.expose()) {
            Some(_) => "sqlite",
            None => "postgres",
        }
    }
}

/// The key of the audit chain, which must not be in the database.
#[derive(Debug, Clone)]
pub struct Audit {
    /// `None`: the one in `key_file`, which is made at the first start.
    pub key: Option<Secret>,
    /// Beside it, with the ending `heads`, is what the chain's end was.
    pub key_file: PathBuf,
}

impl Config {
    /// Reads the files of the working directory and the environment.
    pub fn load() -> Result<Self, ConfigError> {
        read::load()
    }

    /// Builds a configuration from variables alone (see [`ENVIRONMENT`]), without files: for
    /// programs that start a bot inside themselves, such as tests.
    pub fn from_variables(variables: &[(String, String)]) -> Result<Self, ConfigError> {
        read::from_variables(&[variables.to_vec()])
    }
}
