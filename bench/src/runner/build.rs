//! The release builds under test.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use async_process::Command;

pub(crate) struct Binaries {
    pub(crate) vahta: PathBuf,
    pub(crate) echo: PathBuf,
    pub(crate) bare: PathBuf,
    pub(crate) sandbox: PathBuf,
    pub(crate) task: PathBuf,
    /// cargo's target folder.
    pub(crate) target: PathBuf,
}

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

impl Binaries {
    /// Where they are or will be: beside this program.
    pub(crate) fn find() -> Result<Self> {
        let own = std::env::current_exe()?;
        let folder = own.parent().context("no folder")?;
        ensure!(
            folder.ends_with("release"),
            "figures of a debug build mean nothing: use --release"
        );
        let library = |name: &str| {
            use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
            folder.join(format!("{DLL_PREFIX}{name}{DLL_SUFFIX}"))
        };
        Ok(Self {
            vahta: folder.join("vahta"),
            echo: library("fixture_echo"),
            task: library("vahta_task"),
            sandbox: folder.join("telegram-sandbox"),
            bare: folder.join("bare-teloxide"),
            target: folder.parent().context("no target folder")?.to_owned(),
        })
    }

    pub(crate) async fn build(&self) -> Result<()> {
        // Two calls: this program must not be replaced while it runs.
        let ours = ["vahta", "fixture-echo", "vahta-task", "telegram-sandbox"];
        let ours: Vec<&str> = ours.iter().flat_map(|name| ["--package", name]).collect();
        self.cargo(&ours).await?;
        self.cargo(&["--package", "vahta-bench", "--bin", "bare-teloxide"])
            .await
    }

    async fn cargo(&self, what: &[&str]) -> Result<()> {
        let status = Command::new("cargo")
            .args(["build", "--release", "--quiet"])
            .args(what)
            .current_dir(root())
            .env("CARGO_TARGET_DIR", &self.target)
            .status()
            .await?;
        ensure!(status.success(), "cargo build {} failed", what.join(" "));
        Ok(())
    }
}

/// `0.17.0` of `teloxide`: what this program and the bots were compiled with.
pub(crate) fn locked_version(package: &str) -> &'static str {
    let lock = include_str!("../../../Cargo.lock");
    let (_, after) = lock
        .split_once(&format!("name = \"{package}\"\nversion = \""))
        .unwrap_or_default();
    after.split('"').next().unwrap_or_default()
}
