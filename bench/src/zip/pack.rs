//! Our side: the crate as the bot uses it, on files.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use futures::{Stream, stream};
use vahta_zip::{Entry, Level, Names, Options, Sink, Writer};

/// The names of the files to pack come on standard input; what the resident set grew by, in MiB,
/// goes to standard output.
#[derive(clap::Args)]
pub(crate) struct Pack {
    archive: PathBuf,
    #[arg(long, default_value_t = 1)]
    level: u8,
    #[arg(long, default_value_t = NonZeroUsize::MIN.saturating_add(1))]
    threads: NonZeroUsize,
}

/// As the bot's blobs are read.
const PIECE: usize = 256 * 1024;

struct Disk(File);

impl Sink for Disk {
    type Error = io::Error;

    async fn write(&mut self, piece: Bytes) -> io::Result<()> {
        self.0.write_all(&piece)
    }
}

pub(crate) fn pack(options: &Pack) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let idle = resident_kib("VmRSS:")?;
    runtime.block_on(write(options))?;
    println!("{:.1}", (resident_kib("VmHWM:")? - idle) / 1024.0);
    Ok(())
}

async fn write(pack: &Pack) -> Result<()> {
    let options = Options {
        level: Level::new(pack.level).context("a level is 1 to 9")?,
        threads: pack.threads,
        password: None,
    };
    let mut writer = Writer::new(Disk(File::create(&pack.archive)?), &options)?;
    let mut names = Names::new();
    for path in io::stdin().lines() {
        let path = path?;
        let file = File::open(&path)?;
        let size = file.metadata()?.len();
        let entry = Entry {
            name: &names.unique_safe_name(&path),
            modified: None,
            size: Some(size),
        };
        writer.add(entry, read(file, size)).await?;
    }
    let ended = writer.finish().await;
    ended.result?;
    Ok(())
}

fn read(file: File, size: u64) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((file, size), async |(mut file, left)| {
        if left == 0 {
            return Ok(None);
        }
        let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
        file.read_exact(&mut piece)?;
        let left = left - piece.len() as u64;
        Ok(Some((piece.into(), (file, left))))
    })
}

/// A line of `/proc/self/status`.
fn resident_kib(line: &str) -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let text = status.lines().find_map(|text| text.strip_prefix(line));
    let number = text.and_then(|text| text.split_whitespace().next());
    Ok(number.context("no resident set")?.parse()?)
}
