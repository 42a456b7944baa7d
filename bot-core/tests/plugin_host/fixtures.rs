//! Builds the fixture plugins once for all tests of this file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// Fixtures built by cargo, each a package `fixture-<name>`.
const FIXTURES: &[&str] = &["bundles-sqlite", "echo", "hangs", "panics", "wrong-abi"];

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let tests = tests.canonicalize().expect("this crate has tests");
    tests
        .ancestors()
        .nth(2)
        .expect("it lies in a workspace")
        .to_path_buf()
}

/// The library of a fixture.
pub(crate) fn library(name: &str) -> PathBuf {
    static BUILT: OnceLock<HashMap<String, PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(build);
    built
        .get(name)
        .unwrap_or_else(|| panic!("there is no fixture {name}"))
        .clone()
}

fn build() -> HashMap<String, PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(workspace())
        .args(["build", "--quiet", "--message-format=json"]);
    for name in FIXTURES {
        cargo.arg("--package").arg(format!("fixture-{name}"));
    }
    let output = cargo.output().expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let messages = String::from_utf8(output.stdout).expect("cargo writes JSON");
    messages.lines().filter_map(artifact).collect()
}

/// The fixture's name and its library, if this line tells of one.
fn artifact(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let name = message["target"]["name"]
        .as_str()?
        .strip_prefix("fixture_")?
        .replace('_', "-");
    let files = message["filenames"].as_array()?;
    let library = files
        .iter()
        .filter_map(Value::as_str)
        .find(|file| file.ends_with(".so"))?;
    Some((name, library.into()))
}
