//! Puts what was built where it runs from: plugins into the plugin folder, programs beside the
//! build. Always by rename, so that nobody ever sees half a file.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::DEV;
use super::build::{BOT, Build, SANDBOX};
use super::settings::Settings;

/// What is different now from what was installed before.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) bot: bool,
    pub(super) sandbox: bool,
    /// Names of plugins.
    pub(super) plugins: Vec<String>,
}

pub(super) fn install(settings: &Settings, build: &Build) -> Changes {
    let mut changes = Changes::default();
    if let Some(program) = &build.bot {
        changes.bot = place(program, &settings.programs.join(BOT));
    }
    if let Some(program) = &build.sandbox {
        changes.sandbox = place(program, &settings.programs.join(SANDBOX));
    }
    for (name, library) in &build.plugins {
        let file = library.file_name().unwrap_or_default();
        if place(library, &settings.plugins.join(file)) {
            changes.plugins.push(name.clone());
        }
    }
    changes
}

/// Whether the file at `to` is a different one now.
fn place(from: &Path, to: &Path) -> bool {
    try_place(from, to).unwrap_or_else(|error| {
        DEV.say(&format!("cannot install {}: {error:#}", to.display()));
        false
    })
}

fn try_place(from: &Path, to: &Path) -> Result<bool> {
    let built = from
        .metadata()
        .with_context(|| format!("cannot read {}", from.display()))?;
    if let Ok(there) = to.metadata() {
        // The copy carries the original's time (set below).
        if there.len() == built.len() && there.modified()? == built.modified()? {
            return Ok(false);
        }
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = to.with_extension("new");
    fs::copy(from, &fresh)?;
    fs::File::options()
        .write(true)
        .open(&fresh)?
        .set_modified(built.modified()?)?;
    fs::rename(&fresh, to)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_placed_once_and_again_when_it_changed() {
        let name = format!("vahta-place-{}", crate::secret::hex(4).unwrap());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        let (from, to) = (folder.join("built.so"), folder.join("plugins/task.so"));
        fs::write(&from, "one").unwrap();
        assert!(try_place(&from, &to).unwrap());
        assert!(!try_place(&from, &to).unwrap());
        fs::write(&from, "three").unwrap();
        assert!(try_place(&from, &to).unwrap());
        assert_eq!(fs::read_to_string(&to).unwrap(), "three");
        fs::remove_dir_all(&folder).unwrap();
    }
}
