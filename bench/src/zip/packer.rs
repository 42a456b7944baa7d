//! One program that packs, run once.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use async_process::{Command, Stdio};

use super::corpus::Corpus;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packer {
    Ours,
    Zip(u8),
    /// Deflates as `pigz -1 -p2`, into gzip.
    Pigz,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Run {
    pub(super) seconds: f64,
    pub(super) size: u64,
    /// What the resident set grew by, at its peak; ours only.
    pub(super) grown_mib: f64,
}

impl fmt::Display for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours => f.pad("Vahta"),
            Self::Zip(level) => f.pad(&format!("zip -{level}")),
            Self::Pigz => f.pad("pigz -1 -p2"),
        }
    }
}

impl Packer {
    pub(super) async fn is_there(self) -> bool {
        let program = match self {
            Self::Ours => return true,
            Self::Zip(_) => "zip",
            Self::Pigz => "pigz",
        };
        let said = Command::new(program).arg("--version").output().await;
        said.is_ok_and(|said| said.status.success())
    }

    pub(super) async fn version(self) -> String {
        let (program, argument) = match self {
            Self::Ours => return env!("CARGO_PKG_VERSION").to_owned(),
            Self::Zip(_) => ("zip", "-v"),
            Self::Pigz => ("pigz", "--version"),
        };
        let Ok(said) = Command::new(program).arg(argument).output().await else {
            return format!("{program} is not installed");
        };
        let text = String::from_utf8_lossy(&said.stdout);
        // zip begins with its copyright.
        let line = text.lines().find(|line| !line.starts_with("Copyright"));
        line.unwrap_or(program).to_owned()
    }

    pub(super) async fn run(self, corpus: &Corpus, folder: &Path) -> Result<Run> {
        let archive = folder.join("archive.zip");
        let list = folder.join("list");
        let names: Vec<_> = corpus
            .files
            .iter()
            .map(|file| file.to_string_lossy())
            .collect();
        std::fs::write(&list, names.join("\n") + "\n")?;
        let mut command = match self {
            Self::Ours => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg("pack").arg(&archive);
                command
            }
            Self::Zip(level) => {
                let mut command = Command::new("zip");
                command
                    .args(["-q", &format!("-{level}"), "-@"])
                    .arg(&archive);
                command
            }
            Self::Pigz => {
                let mut command = Command::new("pigz");
                command.args(["-1", "-p2", "-c"]).args(&corpus.files);
                command
            }
        };
        if self == Self::Pigz {
            command.stdout(File::create(&archive)?);
        } else {
            command.stdin(File::open(&list)?).stdout(Stdio::piped());
        }
        let before = Instant::now();
        let said = command.output().await?;
        let seconds = before.elapsed().as_secs_f64();
        ensure!(said.status.success(), "{self} failed: {said:?}");
        let run = Run {
            seconds,
            size: std::fs::metadata(&archive)?.len(),
            grown_mib: match self {
                Self::Ours => String::from_utf8(said.stdout)?
                    .trim()
                    .parse()
                    .context("the packer said nothing of its memory")?,
                _ => 0.0,
            },
        };
        if self == Self::Ours {
            verify(&archive).await?;
        }
        std::fs::remove_file(&archive)?;
        Ok(run)
    }
}

/// A fast archive that nobody can read would be no archive.
async fn verify(archive: &Path) -> Result<()> {
    let said = Command::new("unzip")
        .arg("-tqq")
        .arg(archive)
        .output()
        .await?;
    ensure!(said.status.success(), "unzip refuses it: {said:?}");
    Ok(())
}
