//! Takes entries, and keeps a bounded number of blocks under way.

use std::pin::pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

use crate::press::{self, BLOCK, Place};
use crate::scribe::{self, Block, Ended, Head, Item};
use crate::workers::Workers;
use crate::{Error, Options, Password, Sink};

/// What a small block counts as: it costs more than its bytes.
const LEAST: usize = 4 * 1024;
/// Blocks that a thread has before it, so that it does not wait for a reader that stops now and then.
const AHEAD: usize = 4;
/// Waiting items; most of them are blocks, which the budget bounds.
const ITEMS: usize = 256;
/// From here on sizes take eight bytes.
const HUGE: u64 = u32::MAX as u64;
/// Times that an archive can tell: DOS begins with 1980, and the exact ones have 32 bits.
const TIMES: (i64, i64) = (315_532_800, u32::MAX as i64);

/// What is told of an entry before its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Safe and unlike all others: [`crate::Names`] makes it so.
    pub name: &'a str,
    /// Seconds since 1970.
    pub modified: Option<i64>,
    /// When it is known. It tells readers early that an entry has 4 GiB or more.
    pub size: Option<u64>,
}

/// An archive that is being written. [`Writer::finish`] ends it; after an error, or when it is no
/// longer wanted, [`Writer::abandon`] does.
pub struct Writer<S: Sink> {
    items: mpsc::Sender<Item>,
    scribe: Scribe<S>,
    workers: Workers,
    budget: Arc<Semaphore>,
    password: Option<Password>,
}

impl<S: Sink> Writer<S> {
    /// Starts the threads, and a task that feeds the sink.
    ///
    /// # Errors
    /// [`Error::Threads`].
    pub fn new(sink: S, options: &Options) -> Result<Self, Error<S::Error>> {
        let workers = Workers::start(options.threads, options.level).map_err(Error::Threads)?;
        let (items, receiver) = mpsc::channel(ITEMS);
        let blocks = options.threads.get() * AHEAD + 1;
        Ok(Self {
            items,
            scribe: Scribe(tokio::spawn(scribe::write(sink, receiver))),
            workers,
            budget: Arc::new(Semaphore::new(blocks * BLOCK)),
            password: options.password.clone(),
        })
    }

    /// Adds a file; returns when its last bytes are taken, not when they are written.
    ///
    /// # Errors
    /// [`Error::Source`]; [`Error::Over`] when the archive has failed: [`Self::abandon`] tells how.
    /// Nothing can be added after an error.
    pub async fn add(
        &mut self,
        entry: Entry<'_>,
        bytes: impl Stream<Item = Result<Bytes, S::Error>> + Send,
    ) -> Result<(), Error<S::Error>> {
        let mut bytes = pin!(bytes.fuse());
        let mut rest = Bytes::new();
        let mut block = next_block(&mut bytes, &mut rest).await?;
        let mut coming = next_block(&mut bytes, &mut rest).await?;
        let whole = coming.is_empty();
        let method = (!whole).then(|| press::method(&block));
        let mut head = Some(Head {
            name: entry.name.to_owned(),
            modified: entry.modified.map(clamp),
            is_huge: entry.size.is_some_and(|size| size >= HUGE),
        });
        loop {
            let last = coming.is_empty();
            let place = match method {
                None => Place::Whole,
                Some(method) => Place::Part { method, last },
            };
            let packed = self.pack(block, place, head.is_some()).await?;
            let item = match head.take() {
                Some(head) => Item::File(head, packed),
                None => Item::Next(packed),
            };
            self.give(item).await?;
            if last {
                return Ok(());
            }
            block = coming;
            coming = next_block(&mut bytes, &mut rest).await?;
        }
    }

    /// Adds an empty folder, whose name ends with a slash.
    ///
    /// # Errors
    /// [`Error::Over`], as above.
    pub async fn folder(
        &mut self,
        name: &str,
        modified: Option<i64>,
    ) -> Result<(), Error<S::Error>> {
        let head = Head {
            name: name.to_owned(),
            modified: modified.map(clamp),
            is_huge: false,
        };
        self.give(Item::Folder(head)).await
    }

    /// Writes what is under way, and the list of entries.
    pub async fn finish(self) -> Ended<S> {
        // A scribe that is gone has told why.
        drop(self.give(Item::End).await);
        self.abandon().await
    }

    /// Stops here. The result tells what had failed; [`Error::Over`] when nothing had.
    pub async fn abandon(self) -> Ended<S> {
        let Self { items, scribe, .. } = self;
        drop(items);
        scribe.ended().await
    }

    async fn pack(
        &self,
        block: Bytes,
        place: Place,
        is_first: bool,
    ) -> Result<Block, Error<S::Error>> {
        let size = u32::try_from(block.len().max(LEAST)).unwrap_or(u32::MAX);
        let room = self.budget.clone().acquire_many_owned(size).await;
        let password = self.password.clone().filter(|_| is_first);
        let last = !matches!(place, Place::Part { last: false, .. });
        Ok(Block {
            done: self.workers.pack(block, place, password),
            last,
            _place: room.map_err(|_| Error::Over)?,
        })
    }

    async fn give(&self, item: Item) -> Result<(), Error<S::Error>> {
        self.items.send(item).await.map_err(|_| Error::Over)
    }
}

/// The task behind a writer; it ends with it.
struct Scribe<S: Sink>(JoinHandle<Ended<S>>);

impl<S: Sink> Scribe<S> {
    async fn ended(mut self) -> Ended<S> {
        (&mut self.0).await.unwrap_or(Ended {
            sink: None,
            result: Err(Error::Over),
        })
    }
}

impl<S: Sink> Drop for Scribe<S> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The next [`BLOCK`] bytes, less only at the end; `rest` keeps what is more.
async fn next_block<E>(
    bytes: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
    rest: &mut Bytes,
) -> Result<Bytes, Error<E>> {
    // A file that comes in one piece is not copied.
    while rest.is_empty() {
        match bytes.next().await.transpose().map_err(Error::Source)? {
            Some(piece) => *rest = piece,
            None => return Ok(Bytes::new()),
        }
    }
    if rest.len() >= BLOCK {
        return Ok(rest.split_to(BLOCK));
    }
    let Some(more) = bytes.next().await.transpose().map_err(Error::Source)? else {
        return Ok(std::mem::take(rest));
    };
    let mut block = BytesMut::with_capacity(BLOCK);
    block.extend_from_slice(rest);
    *rest = more;
    loop {
        let room = (BLOCK - block.len()).min(rest.len());
        block.extend_from_slice(&rest.split_to(room));
        if block.len() == BLOCK {
            return Ok(block.freeze());
        }
        match bytes.next().await.transpose().map_err(Error::Source)? {
            Some(piece) => *rest = piece,
            None => return Ok(block.freeze()),
        }
    }
}

fn clamp(modified: i64) -> u32 {
    let (first, last) = TIMES;
    u32::try_from(modified.clamp(first, last)).unwrap_or_default()
}
