//! Notices saved files by looking at their times twice a second: a few hundred `stat` calls, no
//! limits of the kernel to run into, and the same on every file system (bind mounts included).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::{Duration, SystemTime};

use super::Event;
use crate::workspace::Workspace;

type Snapshot = BTreeMap<PathBuf, (SystemTime, u64)>;

/// Packages that the running programs are not made of.
const OTHERS: &[&str] = &["xtask", "vahta-tests", "vahta-bench"];

/// Reports changed files once nothing has changed for a moment.
pub(super) fn start(workspace: &Workspace, events: Sender<Event>) {
    let root = workspace.root.clone();
    let mut places: Vec<PathBuf> = ["src", "migrations", "plugins", "Cargo.toml"]
        .iter()
        .map(|name| root.join(name))
        .collect();
    places.extend(
        workspace
            .packages
            .iter()
            .filter(|p| p.folder != root && !OTHERS.contains(&p.name.as_str()))
            .map(|p| p.folder.clone()),
    );
    std::thread::spawn(move || {
        let mut built = snapshot(&places);
        let mut last = built.clone();
        loop {
            crate::process::pause(Duration::from_millis(500));
            let now = snapshot(&places);
            let settled = now == last;
            last = now;
            if !settled || last == built {
                continue;
            }
            let files = changed(&built, &last)
                .map(|path| {
                    path.strip_prefix(&root)
                        .unwrap_or(path)
                        .display()
                        .to_string()
                })
                .collect();
            if events.send(Event::SourcesChanged(files)).is_err() {
                return;
            }
            built = last.clone();
        }
    });
}

/// The first few names, for people.
pub(super) fn summary(files: &[String]) -> String {
    match files {
        [] => "something".to_owned(),
        [first @ .., _] if files.len() > 3 => {
            format!("{} and {} more", first[..2].join(", "), files.len() - 2)
        }
        few => few.join(", "),
    }
}

fn changed<'a>(before: &'a Snapshot, now: &'a Snapshot) -> impl Iterator<Item = &'a Path> {
    let touched = now
        .iter()
        .filter(|(path, state)| before.get(*path) != Some(*state));
    let gone = before.iter().filter(|(path, _)| !now.contains_key(*path));
    touched.chain(gone).map(|(path, _)| path.as_path())
}

fn snapshot(places: &[PathBuf]) -> Snapshot {
    let mut snapshot = Snapshot::new();
    let mut open = places.to_vec();
    while let Some(path) = open.pop() {
        let Ok(meta) = path.metadata() else { continue };
        if meta.is_dir() {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            open.extend(entries.map(|e| e.path()).filter(|p| interesting(p)));
        } else if let Ok(time) = meta.modified() {
            snapshot.insert(path, (time, meta.len()));
        }
    }
    snapshot
}

/// Neither hidden files (editors' swap files), nor backups, nor build outputs.
fn interesting(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with(['.', '#']) && !name.ends_with('~') && name != "target"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_changed_and_removed_files_are_all_noticed() {
        let state = |n| (SystemTime::UNIX_EPOCH + Duration::from_secs(n), n);
        let before = Snapshot::from([("a".into(), state(1)), ("b".into(), state(1))]);
        let now = Snapshot::from([("b".into(), state(2)), ("c".into(), state(1))]);
        let found: Vec<_> = changed(&before, &now).map(Path::to_string_lossy).collect();
        assert_eq!(found, ["b", "c", "a"]);
    }

    #[test]
    fn editors_leftovers_are_no_sources() {
        let seen = [
            "x/.lib.rs.swp",
            "x/lib.rs~",
            "x/#lib.rs#",
            "x/target",
            "x/lib.rs",
        ];
        let kept: Vec<_> = seen.iter().filter(|p| interesting(Path::new(p))).collect();
        assert_eq!(kept, [&"x/lib.rs"]);
    }
}
