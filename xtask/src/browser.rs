//! What the browser tests of the admin site want: Debian's chromium, and the packages of
//! `tests/browser/package-lock.json`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::deps::find_program;

/// The browser that is installed; none is ever downloaded.
pub fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .find_map(|name| find_program(name))
}

/// Installs the packages unless what the lock file names is there already. Two that ask at once take
/// turns.
///
/// # Errors
/// If npm fails.
pub fn install() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/browser");
    let (lock_file, modules) = (
        folder.join("package-lock.json"),
        folder.join("node_modules"),
    );
    let wanted = std::fs::read(&lock_file)
        .with_context(|| format!("{} cannot be read", lock_file.display()))?;
    let turn = File::open(&lock_file)?;
    turn.lock().context("package-lock.json cannot be locked")?;
    let mark = modules.join(".installed");
    if std::fs::read(&mark).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    let status = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-fund", "--no-audit"])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .status()
        .context("npm did not start")?;
    ensure!(
        status.success(),
        "`npm ci` failed in {}; it wants the network, or a registry that npm's settings name, and to \
         write into {}",
        folder.display(),
        modules.display()
    );
    // The next time costs one comparison.
    std::fs::write(&mark, wanted).with_context(|| format!("{} cannot be written", mark.display()))
}
