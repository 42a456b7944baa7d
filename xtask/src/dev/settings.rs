//! What `make dev` decides from `.env` and the environment, and passes to the children.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::DEV;
use crate::workspace::Workspace;
use crate::{environment, secret};

const EXAMPLE: &str = include_str!("../../../.env.example");

pub(super) struct Settings {
    pub(super) root: PathBuf,
    /// Copies of the programs that run, so that a build never touches a running file.
    pub(super) programs: PathBuf,
    pub(super) plugins: PathBuf,
    pub(super) web: SocketAddr,
    /// `None` when the bot talks to Telegram itself.
    pub(super) sandbox: Option<SocketAddr>,
    pub(super) database: String,
    /// Variables for the children, beyond those of our own environment.
    pub(super) variables: BTreeMap<String, String>,
}

impl Settings {
    /// Reads `.env`, after creating it if there is none.
    pub(super) fn load(workspace: &Workspace) -> Result<Settings> {
        let file = workspace.root.join(".env");
        if create(&file)? {
            DEV.say("wrote .env with fresh secrets");
        }
        let text = fs::read_to_string(&file).context("cannot read .env")?;
        let mut variables: BTreeMap<_, _> = parse(&text)
            .filter(|(name, _)| environment::var(name).is_none())
            .collect();
        let get = |variables: &BTreeMap<String, String>, name: &str, default: &str| {
            environment::var(name)
                .or_else(|| variables.get(name).cloned())
                .filter(|value| !value.is_empty())
                .unwrap_or_else(|| default.to_owned())
        };
        let address = |name: &str, default: &str| -> Result<SocketAddr> {
            let text = get(&variables, name, default);
            text.parse()
                .with_context(|| format!("{name} is `{text}`; expected 127.0.0.1:8080"))
        };
        let web = address("VAHTA_WEB_ADDR", "127.0.0.1:8080")?;
        let sandbox_address = address("VAHTA_SANDBOX_ADDR", "127.0.0.1:8081")?;
        let sandbox = get(&variables, "TELEGRAM_BOT_TOKEN", "")
            .is_empty()
            .then_some(sandbox_address);
        let plugins = workspace
            .root
            .join(get(&variables, "VAHTA_PLUGIN_DIR", "data/plugins"));
        let database = get(&variables, "DATABASE_URL", "sqlite:data/vahta.db");

        let mut default = |name: &str, value: &str| {
            let value = get(&variables, name, value);
            variables.insert(name.to_owned(), value);
        };
        default("VAHTA_ENV", "dev");
        if let Some(address) = sandbox {
            default("TELEGRAM_BOT_TOKEN", "1:sandbox");
            default("VAHTA_ADMINS", "1001");
            default("VAHTA_OUTBOUND", "unlimited");
            let address = address.to_string();
            variables.insert("TELEGRAM_API_URL".into(), format!("http://{address}"));
            variables.insert("VAHTA_SANDBOX_ADDR".into(), address);
        }
        Ok(Settings {
            root: workspace.root.clone(),
            programs: workspace.target.join("dev"),
            plugins,
            web,
            sandbox,
            database,
            variables,
        })
    }
}

/// Creates `.env` from the example with random secrets, readable by its owner only. An existing
/// file is left alone.
fn create(file: &Path) -> Result<bool> {
    let mut options = fs::OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(file) {
        Ok(mut env) => {
            env.write_all(filled(EXAMPLE)?.as_bytes())
                .context("cannot write .env")?;
            Ok(true)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).context("cannot create .env"),
    }
}

/// The example with a random value behind each empty `…_SECRET=` and `…_PASSWORD=`.
fn filled(example: &str) -> Result<String> {
    let mut text = String::new();
    for line in example.lines() {
        text.push_str(line);
        let secret = ["_SECRET=", "_PASSWORD="]
            .iter()
            .any(|end| line.ends_with(end));
        if secret && !line.starts_with('#') {
            text.push_str(&secret::hex(32)?);
        }
        text.push('\n');
    }
    Ok(text)
}

/// `NAME=value` lines; quotes around a value and a leading `export` are dropped.
fn parse(text: &str) -> impl Iterator<Item = (String, String)> {
    text.lines().filter_map(|line| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
        let value = value.trim();
        let unquoted = ['"', '\'']
            .iter()
            .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
            .unwrap_or(value);
        Some((name.trim().to_owned(), unquoted.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_empty_secret_of_the_example_is_filled_and_nothing_else() {
        let text = filled(EXAMPLE).unwrap();
        let values: BTreeMap<_, _> = parse(&text).collect();
        assert_eq!(values["VAHTA_WEBHOOK_SECRET"].len(), 64);
        assert_eq!(values["POSTGRES_PASSWORD"].len(), 64);
        assert_eq!(values["TELEGRAM_BOT_TOKEN"], "");
        assert_ne!(
            text,
            filled(EXAMPLE).unwrap(),
            "secrets are fresh each time"
        );
    }

    #[test]
    fn quotes_comments_and_export_are_understood() {
        let text = "# A=1\nexport B=\"two words\"\nC='3'\n\nD = 4 \nE=a=b";
        let values: Vec<_> = parse(text).map(|(n, v)| format!("{n}:{v}")).collect();
        assert_eq!(values, ["B:two words", "C:3", "D:4", "E:a=b"]);
    }

    #[test]
    fn an_existing_file_is_never_overwritten() {
        let file = std::env::temp_dir().join(format!("vahta-env-{}", secret::hex(4).unwrap()));
        assert!(create(&file).unwrap());
        fs::write(&file, "KEPT=1").unwrap();
        assert!(!create(&file).unwrap());
        assert_eq!(fs::read_to_string(&file).unwrap(), "KEPT=1");
        fs::remove_file(&file).unwrap();
    }
}
