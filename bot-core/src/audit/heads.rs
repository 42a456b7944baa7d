//! What the chain's end was, in a file beside the key: a chain that was cut back no longer holds it.
//!
//! One line a round, `<position> <mac> <microseconds>`. Any head vouches for everything before it,
//! so old lines are thinned out when the file grows.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::Link;

/// About 10,000 lines.
const LONG: u64 = 1024 * 1024;
/// Lines that are kept when a long file is thinned out.
const KEPT: usize = 2_000;

pub(super) struct Heads {
    path: PathBuf,
}

struct Head {
    position: i64,
    mac: String,
}

/// Why nothing that was noted can be compared.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoHeads {
    /// As it should be only before the first link.
    #[error("{0} is not there")]
    NotThere(String),
    #[error("{0} holds no end of a chain")]
    Empty(String),
    #[error("{0} cannot be read: {1}")]
    Unreadable(String, String),
}

impl Heads {
    pub(super) fn beside(key_file: &Path) -> Self {
        Self {
            path: key_file.with_extension("heads"),
        }
    }

    /// Position and MAC of every head in the file.
    pub(super) fn all(&self) -> Result<BTreeMap<i64, String>, NoHeads> {
        let path = || self.path.display().to_string();
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(NoHeads::NotThere(path()));
            }
            Err(error) => return Err(NoHeads::Unreadable(path(), error.to_string())),
        };
        let heads: BTreeMap<i64, String> = text
            .lines()
            .filter_map(read)
            .map(|head| (head.position, head.mac))
            .collect();
        if heads.is_empty() {
            return Err(NoHeads::Empty(path()));
        }
        Ok(heads)
    }

    /// Notes the chain's end. A file that cannot be written is logged: the log has the head, too.
    pub(super) async fn add(&self, link: &Link) {
        let line = format!("{} {} {}\n", link.position, link.mac, link.linked_at.0);
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || add(&path, &line)).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(%error, path = %self.path.display(), "the end of the audit chain could not be noted");
        }
    }
}

fn read(line: &str) -> Option<Head> {
    let mut words = line.split(' ');
    let position = words.next()?.parse().ok()?;
    let mac = words.next()?.to_string();
    Some(Head { position, mac })
}

fn add(path: &Path, line: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if std::fs::metadata(path).is_ok_and(|data| data.len() > LONG) {
        thin_out(path)?;
    }
    let mut file = open(path, true)?;
    file.write_all(line.as_bytes())?;
    file.sync_data()
}

fn thin_out(path: &Path) -> std::io::Result<()> {
    let text = std::fs::read_to_string(path)?;
    let lines: Vec<&str> = text.lines().collect();
    let kept = &lines[lines.len().saturating_sub(KEPT)..];
    let aside = path.with_extension("heads.new");
    let mut file = open(&aside, false)?;
    file.write_all((kept.join("\n") + "\n").as_bytes())?;
    file.sync_data()?;
    std::fs::rename(&aside, path)
}

fn open(path: &Path, append: bool) -> std::io::Result<std::fs::File> {
    std::fs::OpenOptions::new()
        .create(true)
        .write(true)
        .append(append)
        .truncate(!append)
        .mode(0o600)
        .open(path)
}
