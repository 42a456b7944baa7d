//! Entries to write, and an archive in a folder of its own.

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use bytes::Bytes;
use futures::stream;
use vahta_zip::{Entry, Level, Options, Password, Sink, Summary, Writer};

/// 2026-01-02 03:04:06 UTC; even, as DOS has it.
pub(super) const MODIFIED: i64 = 1_767_323_046;

#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    /// The size of the pieces in which they come.
    pub(super) pieces: usize,
}

pub(super) fn file(name: &str, bytes: impl Into<Vec<u8>>) -> File {
    File {
        name: name.to_owned(),
        bytes: bytes.into(),
        pieces: 64 * 1024,
    }
}

/// What deflate makes small, and no two lines alike.
pub(super) fn text(size: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size + 80);
    let mut seed = size as u32;
    while bytes.len() < size {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let line = format!("let value_{} = table[{}];\n", seed >> 20, seed >> 8 & 0xfff);
        bytes.extend_from_slice(line.as_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// What deflate cannot make smaller.
pub(super) fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ size as u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(size).collect()
}

pub(super) fn options(level: u8) -> Options {
    Options {
        level: Level::new(level).unwrap(),
        threads: NonZeroUsize::new(2).unwrap(),
        password: None,
    }
}

pub(super) fn locked(password: &str) -> Options {
    Options {
        password: Password::new(password),
        ..options(1)
    }
}

pub(super) struct Disk(io::BufWriter<std::fs::File>);

impl Disk {
    pub(super) fn new(path: &std::path::Path) -> Self {
        Self(io::BufWriter::new(std::fs::File::create(path).unwrap()))
    }
}

impl Sink for Disk {
    type Error = io::Error;

    async fn write(&mut self, piece: Bytes) -> io::Result<()> {
        self.0.write_all(&piece)
    }
}

/// An archive on the disk, and what its writer said of it.
pub(super) struct Built {
    /// Goes away with this.
    _folder: tempfile::TempDir,
    pub(super) path: PathBuf,
    pub(super) summary: Summary,
}

pub(super) async fn build(files: &[File], folders: &[&str], options: &Options) -> Built {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.zip");
    let mut writer = Writer::new(Disk::new(&path), options).unwrap();
    for file in files {
        let entry = Entry {
            name: &file.name,
            modified: Some(MODIFIED),
            size: Some(file.bytes.len() as u64),
        };
        let pieces = file.bytes.chunks(file.pieces.max(1));
        let pieces = pieces.map(|piece| Ok(Bytes::copy_from_slice(piece)));
        writer.add(entry, stream::iter(pieces)).await.unwrap();
    }
    for folder in folders {
        writer.folder(folder, Some(MODIFIED)).await.unwrap();
    }
    let ended = writer.finish().await;
    let summary = ended.result.unwrap();
    ended.sink.unwrap().0.flush().unwrap();
    assert_eq!(summary.output, std::fs::metadata(&path).unwrap().len());
    Built {
        _folder: folder,
        path,
        summary,
    }
}
