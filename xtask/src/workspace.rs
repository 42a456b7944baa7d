//! What `cargo metadata` says about this workspace.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::environment;

pub struct Workspace {
    pub root: PathBuf,
    /// Honours `CARGO_TARGET_DIR` and cargo's configuration.
    pub target: PathBuf,
    pub packages: Vec<Package>,
}

pub struct Package {
    pub name: String,
    pub folder: PathBuf,
    pub cdylib: bool,
}

impl Workspace {
    /// # Errors
    /// If cargo does not run or a manifest is broken (cargo's message is passed on).
    pub fn load() -> Result<Workspace> {
        let metadata = metadata(&["--no-deps"])?;
        let path = |key: &str| -> Result<PathBuf> {
            Ok(metadata[key]
                .as_str()
                .with_context(|| format!("no {key} in metadata"))?
                .into())
        };
        let packages = array(&metadata["packages"])
            .iter()
            .filter_map(Package::read)
            .collect();
        Ok(Workspace {
            root: path("workspace_root")?,
            target: path("target_directory")?,
            packages,
        })
    }

    /// Packages under `plugins/` that become shared libraries.
    pub fn plugins(&self) -> impl Iterator<Item = &Package> {
        let home = self.root.join("plugins");
        self.packages
            .iter()
            .filter(move |p| p.cdylib && p.folder.parent() == Some(&home))
    }
}

impl Package {
    fn read(package: &Value) -> Option<Package> {
        let manifest = Path::new(package["manifest_path"].as_str()?);
        Some(Package {
            name: package["name"].as_str()?.to_owned(),
            folder: manifest.parent()?.to_owned(),
            cdylib: is_cdylib(package),
        })
    }

    /// The name a plugin goes by: its folder.
    pub fn plugin_name(&self) -> String {
        self.folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }
}

/// Whether a package of `cargo metadata` builds a shared library.
pub fn is_cdylib(package: &Value) -> bool {
    array(&package["targets"])
        .iter()
        .any(|t| array(&t["kind"]).iter().any(|k| k == "cdylib"))
}

/// The resolved dependency graph, as far as this platform needs it: others' packages would have to
/// be downloaded for nothing.
///
/// # Errors
/// As `cargo metadata`; also if `Cargo.lock` is stale.
pub fn graph() -> Result<Value> {
    let rustc = Command::new("rustc")
        .arg("-vV")
        .output()
        .context("rustc did not start")?;
    let said = String::from_utf8_lossy(&rustc.stdout);
    let host = said
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("no host")?;
    metadata(&["--locked", "--filter-platform", host])
}

/// Runs `cargo metadata` with additional arguments.
fn metadata(args: &[&str]) -> Result<Value> {
    let output = cargo()
        .args(["metadata", "--format-version", "1"])
        .args(args)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo did not start")?;
    ensure!(
        output.status.success(),
        "cargo metadata failed ({})",
        output.status
    );
    serde_json::from_slice(&output.stdout).context("cargo metadata gave no JSON")
}

/// A nested cargo, free of what `cargo run` put into our environment.
pub fn cargo() -> Command {
    let mut cargo = Command::new(environment::var("CARGO").unwrap_or_else(|| "cargo".into()));
    environment::without_cargo(&mut cargo);
    cargo
}

/// The elements of a JSON array; nothing for anything else.
pub fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
