//! What is packed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::{Options, Work};

const LARGE: u64 = 4 << 30;

pub(super) struct Corpus {
    pub(super) files: Vec<PathBuf>,
    pub(super) bytes: u64,
    /// Made by us, to be removed.
    own: Option<PathBuf>,
}

impl Corpus {
    pub(super) fn make(work: Work, options: &Options, folder: &Path) -> Result<Self> {
        let most = options.megabytes * 1_000_000;
        if work == Work::Files {
            let (files, bytes) = sources(options, most)?;
            // Into memory, as the others are.
            for file in &files {
                io::copy(&mut File::open(file)?, &mut io::sink())?;
            }
            let own = None;
            return Ok(Self { files, bytes, own });
        }
        let path = folder.join("corpus");
        let mut out = BufWriter::new(File::create(&path)?);
        match work {
            Work::Noise => {
                let mut noise = File::open("/dev/urandom")?.take(most);
                io::copy(&mut noise, &mut out)?;
            }
            Work::Large => {
                // As much text as there is, again and again: further apart than deflate looks.
                let mut text = Vec::new();
                for file in sources(options, most)?.0 {
                    File::open(file)?.read_to_end(&mut text)?;
                }
                let mut left = LARGE;
                while left > 0 {
                    let part = left.min(text.len() as u64);
                    out.write_all(&text[..usize::try_from(part)?])?;
                    left -= part;
                }
            }
            Work::Text | Work::Files => {
                for file in sources(options, most)?.0 {
                    io::copy(&mut File::open(file)?, &mut out)?;
                }
            }
        }
        // On the disk before the clock starts: what is written later would disturb.
        out.into_inner()?.sync_all()?;
        Ok(Self {
            bytes: fs::metadata(&path)?.len(),
            files: vec![path.clone()],
            own: Some(path),
        })
    }

    pub(super) fn remove(self) -> Result<()> {
        if let Some(path) = self.own {
            fs::remove_file(path)?;
        }
        Ok(())
    }
}

/// Files of source text in cargo's registry, in the order of their names, and their bytes.
fn sources(options: &Options, most: u64) -> Result<(Vec<PathBuf>, u64)> {
    let home = match &options.cargo_home {
        Some(home) => home.clone(),
        None => std::env::home_dir()
            .context("no home folder; say --cargo-home")?
            .join(".cargo"),
    };
    let (mut files, mut bytes) = (Vec::new(), 0);
    collect(&home.join("registry/src"), most, &mut files, &mut bytes)?;
    ensure!(bytes > most / 2, "only {bytes} bytes of source text here");
    Ok((files, bytes))
}

fn collect(folder: &Path, most: u64, files: &mut Vec<PathBuf>, bytes: &mut u64) -> Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        let is_source = ["rs", "c", "h", "md", "toml"]
            .iter()
            .any(|ending| path.extension().is_some_and(|has| has == *ending));
        if kind.is_dir() {
            collect(&path, most, files, bytes)?;
        } else if kind.is_file() && is_source {
            let size = entry.metadata()?.len();
            if *bytes + size > most {
                return Ok(());
            }
            *bytes += size;
            files.push(path);
        }
    }
    Ok(())
}
