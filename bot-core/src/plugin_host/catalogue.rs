//! Files: finding libraries in the plugins' folder, and the private copies that are loaded.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

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

/// Tells this process from an earlier one with the same id: in a container each may be process 1.
static BEGAN: LazyLock<u128> = LazyLock::new(|| {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_micros())
});

/// Writes the checked bytes to a file whose name was never used before: loading the same path
/// again would silently keep the old code.
pub(super) fn copy(run_dir: &Path, plugin: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    private_dir(run_dir)?;
    let (pid, began) = (std::process::id(), *BEGAN);
    let number = COPIES.fetch_add(1, Ordering::Relaxed);
    let extension = std::env::consts::DLL_EXTENSION;
    let file = run_dir.join(format!("{pid}-{began}-{number}-{plugin}.{extension}"));
    private_file(&file)?.write_all(bytes)?;
    Ok(file)
}

/// Removes copies that a process left behind which is no more.
pub(super) fn clean(run_dir: &Path) {
    let Ok(entries) = fs::read_dir(run_dir) else {
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        if entry.file_name().to_str().is_some_and(is_left_behind) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_left_behind(name: &str) -> bool {
    let mut parts = name.split('-');
    let pid = parts.next().and_then(|pid| pid.parse::<u32>().ok());
    let began = parts.next().and_then(|began| began.parse::<u128>().ok());
    match (pid, began) {
        (Some(pid), Some(began)) if pid == std::process::id() => began != *BEGAN,
        (Some(pid), Some(_)) => !Path::new(&format!("/proc/{pid}")).exists(),
        _ => false,
    }
}

#[cfg(unix)]
pub(super) fn private_dir(dir: &Path) -> io::Result<()> {
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
pub(super) fn private_dir(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)
}

#[cfg(not(unix))]
fn private_file(file: &Path) -> io::Result<fs::File> {
    OpenOptions::new().write(true).create_new(true).open(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_dead_processes_are_left_behind_and_ours_are_not() {
        let (pid, began) = (std::process::id(), *BEGAN);
        assert!(!is_left_behind(&format!("{pid}-{began}-1-task.so")));
        assert!(is_left_behind(&format!("{pid}-{}-1-task.so", began - 1)));
        assert!(is_left_behind("4294967295-1-1-task.so"));
        assert!(!is_left_behind("1-notes.txt"));
        assert!(!is_left_behind("README"));
    }
}
