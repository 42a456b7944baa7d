//! Writes the archive: records and packed blocks, in the order in which they were given.

mod tray;

use std::io::Write as _;

use crc32fast::Hasher;
use rawzip::extra_fields::ExtraFieldId;
use rawzip::time::UtcDateTime;
use rawzip::{CompressionMethod, DataDescriptorOutput, Header, ZipArchiveWriter, ZipEntryWriter};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use crate::lock;
use crate::press::Method;
use crate::workers::Done;
use crate::{Error, Sink};
use tray::Tray;

const FILE_MODE: u32 = 0o644;
const FOLDER_MODE: u32 = 0o755;

/// What an archive came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files and folders.
    pub entries: u64,
    /// Files that deflate would not have made smaller.
    pub stored: u64,
    /// Bytes of all files.
    pub input: u64,
    /// Bytes of the archive.
    pub output: u64,
}

/// The end of an archive, good or bad.
pub struct Ended<S: Sink> {
    /// The sink, unless it panicked: what it took is a whole archive only with a good result.
    pub sink: Option<S>,
    pub result: Result<Summary, Error<S::Error>>,
}

/// What the scribe is given.
pub(crate) enum Item {
    Folder(Head),
    File(Head, Block),
    /// Of the file that was given last.
    Next(Block),
    End,
}

pub(crate) struct Head {
    pub(crate) name: String,
    /// Seconds since 1970.
    pub(crate) modified: Option<u32>,
    /// Will have 4 GiB or more.
    pub(crate) is_huge: bool,
}

pub(crate) struct Block {
    pub(crate) done: oneshot::Receiver<Done>,
    pub(crate) last: bool,
    /// Lets the next block in when this one is written.
    pub(crate) _place: OwnedSemaphorePermit,
}

/// Runs until the end, or until nobody gives anything any more.
pub(crate) async fn write<S: Sink>(sink: S, items: mpsc::Receiver<Item>) -> Ended<S> {
    let tray = Tray::default();
    let mut scribe = Scribe {
        sink,
        items,
        tray: tray.clone(),
        summary: Summary::default(),
    };
    let result = scribe.all(ZipArchiveWriter::new(tray)).await;
    Ended {
        sink: Some(scribe.sink),
        result,
    }
}

struct Scribe<S> {
    sink: S,
    items: mpsc::Receiver<Item>,
    tray: Tray,
    summary: Summary,
}

impl<S: Sink> Scribe<S> {
    async fn all(
        &mut self,
        mut archive: ZipArchiveWriter<Tray>,
    ) -> Result<Summary, Error<S::Error>> {
        loop {
            match self.items.recv().await {
                Some(Item::Folder(head)) => folder(&mut archive, &head)?,
                Some(Item::File(head, first)) => self.file(&mut archive, &head, first).await?,
                Some(Item::End) => break,
                Some(Item::Next(_)) | None => return Err(Error::Over),
            }
            self.summary.entries += 1;
            self.send(false).await?;
        }
        archive.finish()?;
        self.send(true).await?;
        Ok(self.summary)
    }

    async fn file(
        &mut self,
        archive: &mut ZipArchiveWriter<Tray>,
        head: &Head,
        mut block: Block,
    ) -> Result<(), Error<S::Error>> {
        let mut done = answer(&mut block).await?;
        let mut lock = done.lock.take().transpose().map_err(Error::NoRandomness)?;
        let method = done.packed.method;
        let mut entry = begin(archive, head, method, lock.is_some())?;
        if let Some(lock) = &lock {
            put(&mut entry, lock.head())?;
        }
        let (mut crc, mut size) = (Hasher::new(), 0);
        loop {
            let packed = &done.packed;
            crc.combine(&Hasher::new_with_initial_len(packed.crc, packed.input));
            size += packed.input;
            put(&mut entry, &packed.bytes)?;
            if let Some(lock) = &mut lock {
                self.tray
                    .change_last(packed.bytes.len(), |bytes| lock.apply(bytes));
            }
            self.send(false).await?;
            if block.last {
                break;
            }
            block = match self.items.recv().await {
                Some(Item::Next(block)) => block,
                _ => return Err(Error::Over),
            };
            done = answer(&mut block).await?;
        }
        let crc = match lock {
            Some(lock) => {
                put(&mut entry, &lock.tail())?;
                lock::NO_CRC
            }
            None => crc.finalize(),
        };
        entry.finish(DataDescriptorOutput::new(crc, size))?;
        self.summary.input += size;
        self.summary.stored += u64::from(method == Method::Stored && size > 0);
        Ok(())
    }

    /// Hands over what is written, when it is worth it or the end.
    async fn send(&mut self, all: bool) -> Result<(), Error<S::Error>> {
        while let Some(piece) = self.tray.take(all) {
            self.summary.output += piece.len() as u64;
            self.sink.write(piece).await.map_err(Error::Sink)?;
        }
        Ok(())
    }
}

async fn answer<E>(block: &mut Block) -> Result<Done, Error<E>> {
    (&mut block.done).await.map_err(|_| Error::Over)
}

fn put(entry: &mut ZipEntryWriter<'_, Tray>, bytes: &[u8]) -> Result<(), rawzip::Error> {
    Ok(entry.write_all(bytes)?)
}

fn begin<'a>(
    archive: &'a mut ZipArchiveWriter<Tray>,
    head: &Head,
    method: Method,
    is_locked: bool,
) -> Result<ZipEntryWriter<'a, Tray>, rawzip::Error> {
    let method = match method {
        Method::Stored => CompressionMethod::STORE,
        Method::Deflated => CompressionMethod::DEFLATE,
    };
    let mut file = archive.new_file(&*head.name).unix_permissions(FILE_MODE);
    if let Some(modified) = head.modified {
        file = file
            .last_modified(UtcDateTime::from_unix(modified.into()))
            .extra_field(TIMESTAMP, &timestamp(modified), Header::LOCAL)?;
    }
    if head.is_huge {
        // Says that the data descriptor has sizes of eight bytes, for those who read as it comes.
        file = file.extra_field(ExtraFieldId::ZIP64, &[0; 16], Header::LOCAL)?;
    }
    if is_locked {
        let field = lock::field(method.as_u16());
        file = file
            .encrypted(true)
            .compression_method(CompressionMethod::AES)
            .extra_field(ExtraFieldId::AES, &field, Header::LOCAL)?
            .extra_field(ExtraFieldId::AES, &field, Header::CENTRAL)?;
    } else {
        file = file.compression_method(method);
    }
    Ok(file.start()?.0)
}

fn folder(archive: &mut ZipArchiveWriter<Tray>, head: &Head) -> Result<(), rawzip::Error> {
    let mut folder = archive.new_dir(&*head.name).unix_permissions(FOLDER_MODE);
    if let Some(modified) = head.modified {
        folder = folder
            .last_modified(UtcDateTime::from_unix(modified.into()))
            .extra_field(TIMESTAMP, &timestamp(modified), Header::LOCAL)?;
    }
    folder.create()?;
    Ok(())
}

/// The crate itself puts this field into the list at the end only; those who read as it comes want
/// it here, too.
const TIMESTAMP: ExtraFieldId = ExtraFieldId::EXTENDED_TIMESTAMP;

fn timestamp(modified: u32) -> [u8; 5] {
    const HAS_MODIFIED: u8 = 1;
    let [a, b, c, d] = modified.to_le_bytes();
    [HAS_MODIFIED, a, b, c, d]
}
