//! Starts that ended the process: a library that crashes while it starts, or never gives the
//! database back, must not keep the whole bot from running.
//!
//! A start leaves a mark in the run folder and takes it away when it comes to an end, whichever. A
//! mark that is found there was left by a process that ended in the middle. It is a file and no
//! row: a plugin that holds the database is one of those that it is for.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use super::desk::WriterDesk;
use super::{HostError, catalogue};

/// After so many, the plugin waits for somebody to ask for it.
const MOST: u32 = 3;

/// How many processes in a row ended while these very bytes started.
pub(super) fn ended(run_dir: &Path, plugin: &str, sha256: &str) -> u32 {
    let mark = fs::read_to_string(path(run_dir, plugin)).unwrap_or_default();
    match mark.split_once(' ') {
        Some((count, of)) if of == sha256 => count.parse().unwrap_or_default(),
        _ => 0,
    }
}

/// Too many: it is not started with the others.
pub(super) fn refused(plugin: &str, ended: u32) -> Result<(), HostError> {
    if ended < MOST {
        return Ok(());
    }
    Err(HostError::Start {
        name: plugin.to_owned(),
        reason: format!(
            "the process ended {ended} times in a row while it started; reload it to try again"
        ),
    })
}

/// The mark of a start under way.
pub(super) struct Mark {
    file: PathBuf,
    plugin: Arc<str>,
    desk: WriterDesk,
}

impl Mark {
    pub(super) fn leave(
        run_dir: &Path,
        plugin: &Arc<str>,
        sha256: &str,
        desk: &WriterDesk,
    ) -> io::Result<Self> {
        let count = ended(run_dir, plugin, sha256) + 1;
        catalogue::private_dir(run_dir)?;
        let file = path(run_dir, plugin);
        fs::write(&file, format!("{count} {sha256}"))?;
        Ok(Self {
            file,
            plugin: Arc::clone(plugin),
            desk: desk.clone(),
        })
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        // Given up because the plugin holds the database: the process is about to end for it.
        if !self.desk.is_held_by(&self.plugin) {
            let _ = fs::remove_file(&self.file);
        }
    }
}

fn path(run_dir: &Path, plugin: &str) -> PathBuf {
    run_dir.join(format!("{plugin}.starting"))
}

#[cfg(test)]
mod tests {
    use super::super::desk::InstanceTickets;
    use super::*;

    #[tokio::test]
    async fn a_start_that_is_given_up_while_it_holds_the_database_keeps_its_mark() {
        let dir = tempfile::tempdir().unwrap();
        let (plugin, desk) = (Arc::from("task"), WriterDesk::default());
        let mark = Mark::leave(dir.path(), &plugin, "abc", &desk).unwrap();
        let limit = std::time::Duration::from_secs(1);
        let tickets = InstanceTickets::new(desk, plugin, limit);
        tickets.take().await.unwrap();
        drop(mark);
        assert_eq!(ended(dir.path(), "task", "abc"), 1);
    }

    #[test]
    fn marks_add_up_for_the_same_bytes_and_a_start_that_ends_takes_its_own_away() {
        let dir = tempfile::tempdir().unwrap();
        let (run, plugin, desk) = (dir.path(), Arc::from("task"), WriterDesk::default());
        for count in 1..=MOST {
            let mark = Mark::leave(run, &plugin, "abc", &desk).unwrap();
            std::mem::forget(mark);
            assert_eq!(ended(run, "task", "abc"), count);
        }
        assert!(refused("task", MOST - 1).is_ok());
        assert!(refused("task", MOST).is_err());
        assert_eq!(ended(run, "task", "def"), 0, "a new version begins anew");
        drop(Mark::leave(run, &plugin, "abc", &desk).unwrap());
        assert_eq!(ended(run, "task", "abc"), 0);
    }
}
