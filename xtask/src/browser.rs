//! What the browser tests of the admin site want: Debian's chromium, and the packages of
//! `tests/browser/package-lock.json`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::deps::find_program;

/// The browser that is installed; none is ever downloaded.
pub fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .find_map(|name| find_program(name))
}

/// Installs the packages unless what the lock file names is there already.
///
/// # Errors
/// If npm fails.
pub fn install() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/browser");
    let wanted = std::fs::read(folder.join("package-lock.json"))?;
    let mark = folder.join("node_modules/.installed");
    if std::fs::read(&mark).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    let status = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-fund", "--no-audit"])
        .current_dir(&folder)
        .status()
        .context("npm did not start")?;
    ensure!(status.success(), "`npm ci` failed in {}", folder.display());
    // The next time costs one comparison.
    std::fs::write(mark, wanted).context("node_modules cannot be written")
}
