//! The libraries that these tests load: fixtures of the workspace, and small ones compiled here.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;

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

/// The library of a fixture. `make test` builds the whole workspace first and its library is taken
/// as it is; whoever runs these tests alone gets it built.
pub(crate) fn library(name: &str) -> PathBuf {
    static BUILT: OnceLock<Mutex<HashMap<String, PathBuf>>> = OnceLock::new();
    let built = BUILT.get_or_init(Mutex::default);
    // Held to the end: tests in one process take turns.
    let mut built = built.lock().unwrap_or_else(PoisonError::into_inner);
    let test = std::env::current_exe().expect("this test is a file");
    let profile = test.ancestors().nth(2).expect("target/<profile>/deps/…");
    let library = profile.join(format!("libfixture_{}.so", name.replace('-', "_")));
    if library.exists() {
        return stripped(&library);
    }
    let library = built.entry(name.to_owned()).or_insert_with(|| build(name));
    stripped(library)
}

fn build(name: &str) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(workspace())
        .args(["build", "--quiet", "--message-format=json", "--package"])
        .arg(format!("fixture-{name}"));
    // As the caller of the tests was told to build, not as rustdoc or clippy would.
    cargo.env_remove("RUSTC_WORKSPACE_WRAPPER");
    let output = cargo.output().expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let messages = String::from_utf8(output.stdout).expect("cargo writes JSON");
    let mut made = messages.lines().filter_map(artifact);
    made.find(|(made, _)| made == name)
        .unwrap_or_else(|| panic!("there is no fixture {name}"))
        .1
}

/// A copy without what debuggers want: a third of the size to hash and to copy in every test. Made
/// once, and again when the library is newer.
fn stripped(library: &Path) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures");
    std::fs::create_dir_all(&dir).expect("a folder for the fixtures");
    let name = library.file_name().expect("a library has a name");
    // Tests in other processes may do the same at this moment: each renames a whole file.
    let (own, shared) = (dir.join(std::process::id().to_string()), dir.join(name));
    let written = |file: &Path| std::fs::metadata(file).and_then(|of| of.modified()).ok();
    if written(&shared) >= written(library) {
        return shared;
    }
    let done = Command::new("strip")
        .arg("-g")
        .arg("-o")
        .args([&own, library])
        .status();
    assert!(
        done.expect("strip runs").success(),
        "strip does not take {}",
        library.display()
    );
    std::fs::rename(own, &shared).expect("the copy is renamed");
    shared
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

/// Compiles C against the border's header; the library is called `lib<name>.so`.
pub(crate) fn c_library(dir: &Path, name: &str, source: &Path) {
    let built = Command::new("gcc")
        .args([
            "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-pthread", "-I",
        ])
        .args([&workspace().join("plugins/abi/include"), source])
        .arg("-o")
        .arg(dir.join(format!("lib{name}.so")))
        .status()
        .expect("gcc runs");
    assert!(built.success(), "gcc does not take {}", source.display());
}

/// As [`c_library`], from a text.
pub(crate) fn c_library_of(dir: &Path, name: &str, source: &str) {
    let file = dir.join(format!("{name}.c"));
    std::fs::write(&file, source).expect("the source is written");
    c_library(dir, name, &file);
}

/// Compiles Rust without cargo, with these arguments for rustc.
pub(crate) fn rust_library(dir: &Path, name: &str, source: &str, args: &[&str]) {
    let file = dir.join(format!("{name}.rs"));
    std::fs::write(&file, source).expect("the source is written");
    let built = Command::new("rustc")
        .args(["--edition=2024", "--crate-type=cdylib"])
        .args(args)
        .arg(&file)
        .arg("-o")
        .arg(dir.join(format!("lib{name}.so")))
        .status()
        .expect("rustc runs");
    assert!(built.success(), "rustc does not take {name}");
}
