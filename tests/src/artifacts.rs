//! Where the plugins' libraries and the program are.
//!
//! `make test` builds the whole workspace before it runs anything. Whoever runs a single story
//! with cargo gets what is missing built once; what is there is taken as it is.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xtask::workspace::{array, cargo};

/// The program.
pub const VAHTA: &str = "vahta";

/// What cargo makes of a package: `vahta` is the program, everything else a library.
fn file_name(package: &str) -> String {
    if package == VAHTA {
        return format!("{VAHTA}{}", std::env::consts::EXE_SUFFIX);
    }
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    format!("{prefix}{}{suffix}", package.replace('-', "_"))
}

/// The package of a plugin by the name it goes by: one of `plugins/`, else a fixture.
fn package(plugin: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if root.join("plugins").join(plugin).is_dir() {
        format!("vahta-{plugin}")
    } else {
        format!("fixture-{}", plugin.replace('_', "-"))
    }
}

/// The library of a plugin.
///
/// # Errors
/// If it is not there and cannot be built.
pub fn library(plugin: &str) -> Result<PathBuf> {
    find(&package(plugin))
}

/// The program `vahta`.
///
/// # Errors
/// If it is not there and cannot be built.
pub fn program() -> Result<PathBuf> {
    find(VAHTA)
}

fn find(package: &str) -> Result<PathBuf> {
    let folder = folder()?;
    let file = folder.join(file_name(package));
    if file.exists() {
        return Ok(file);
    }
    // Side by side, tests would wait for cargo's own lock and then each find the other's work.
    let lock = File::create(folder.join(".vahta-tests.lock"))?;
    lock.lock()?;
    if file.exists() {
        return Ok(file);
    }
    build(package, &file)
}

/// Where cargo put this test: `target/<profile>/deps/…`; or where `VAHTA_TEST_ARTIFACTS` says.
fn folder() -> Result<PathBuf> {
    if let Some(folder) = xtask::environment::var("VAHTA_TEST_ARTIFACTS") {
        return Ok(folder.into());
    }
    let test = std::env::current_exe().context("where is this test?")?;
    let deps = test.parent().context("a test lies in a folder")?;
    let folder = if deps.ends_with("deps") {
        deps.parent()
    } else {
        Some(deps)
    };
    Ok(folder.context("target/<profile>")?.to_path_buf())
}

fn build(package: &str, wanted: &Path) -> Result<PathBuf> {
    let output = cargo()
        .args(["build", "--message-format=json", "--package", package])
        .output()
        .context("cargo did not start")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "`cargo build -p {package}` failed:\n{said}"
    );
    let built = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .flat_map(|line| {
            let files = array(&line["filenames"])
                .iter()
                .chain([&line["executable"]]);
            files
                .filter_map(|file| Some(PathBuf::from(file.as_str()?)))
                .collect::<Vec<_>>()
        })
        .find(|file| file.file_name() == wanted.file_name());
    let Some(built) = built else {
        bail!("`cargo build -p {package}` made no {}", wanted.display());
    };
    Ok(built)
}

/// Puts a file into a folder without writing its bytes again where the file system allows it.
///
/// # Errors
/// If it can be neither linked nor copied.
pub fn place(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().context("a file has a name")?;
    let to = folder.join(name);
    if fs::hard_link(file, &to).is_err() {
        fs::copy(file, &to).with_context(|| format!("{} cannot be copied", file.display()))?;
    }
    Ok(())
}
