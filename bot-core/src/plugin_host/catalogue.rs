//! Files: finding libraries in the plugins' folder, and the private copies that are loaded.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The libraries in `dir`, by name; none when there is no such folder.
pub(super) fn scan(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|file| {
            file.extension()
                .is_some_and(|e| e == std::env::consts::DLL_EXTENSION)
        })
        .collect();
    files.sort();
    files
}

static COPIES: AtomicU64 = AtomicU64::new(1);

/// Writes the checked bytes to a file whose name was never used before: loading the same path
/// again would silently keep the old code.
pub(super) fn copy(run_dir: &Path, plugin: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    private_dir(run_dir)?;
    let number = COPIES.fetch_add(1, Ordering::Relaxed);
    let name = format!(
        "{}-{number}-{plugin}.{}",
        std::process::id(),
        std::env::consts::DLL_EXTENSION
    );
    let file = run_dir.join(name);
    let mut open = private_file(&file)?;
    open.write_all(bytes)?;
    Ok(file)
}

/// Removes copies that a process left behind which is no more.
pub(super) fn clean(run_dir: &Path) {
    let Ok(entries) = fs::read_dir(run_dir) else {
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let pid = name
            .to_str()
            .and_then(|name| name.split_once('-'))
            .map(|(pid, _)| pid);
        let Some(pid) = pid.and_then(|pid| pid.parse::<u32>().ok()) else {
            continue;
        };
        if pid != std::process::id() && !Path::new(&format!("/proc/{pid}")).exists() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(unix)]
fn private_dir(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)?;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
}

#[cfg(unix)]
fn private_file(file: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o700)
        .open(file)
}

#[cfg(not(unix))]
fn private_dir(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)
}

#[cfg(not(unix))]
fn private_file(file: &Path) -> io::Result<fs::File> {
    OpenOptions::new().write(true).create_new(true).open(file)
}
