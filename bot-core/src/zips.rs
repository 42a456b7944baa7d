//! Archives of plugins' files: the plugin says which, the core moves the bytes.
//!
//! One build of a name at a time for each plugin, two at once in the process; further ones wait. A
//! build that ends early aborts its upload; one that dies with the process leaves an upload without
//! a heartbeat, which housekeeping deletes.

mod build;
mod under_way;

use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use vahta_rows::{DbError, Micros, UserId};
use vahta_zip::{Level, Password, Summary};

use self::under_way::UnderWay;
use crate::blobs::{Blob, BlobError, Blobs};

/// Builds at once: each takes the machine's cores.
const AT_ONCE: usize = 2;
/// Threads of one build at most; more would keep chats waiting.
const THREADS: usize = 4;

/// An archive to be built.
#[derive(Debug)]
pub struct Order {
    pub plugin: String,
    /// What the plugin calls this build by.
    pub id: String,
    /// The archive's name.
    pub name: String,
    pub entries: Vec<Entry>,
    pub password: Option<Password>,
    pub level: Level,
    pub created_by: Option<UserId>,
}

/// One of the plugin's files.
#[derive(Debug)]
pub struct Entry {
    pub blob: String,
    /// As its bringer called it; made safe here.
    pub name: String,
    pub modified: Option<Micros>,
}

/// An archive that is whole. Its blob is fresh: the plugin keeps it, or it goes.
#[derive(Debug)]
pub struct Built {
    pub blob: Blob,
    pub summary: Summary,
    /// Of the entries, in their order, as they stand in the archive.
    pub names: Vec<String>,
}

/// How far a build is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of files that are read.
    pub done: u64,
    pub total: u64,
    /// The entry that is being read, from 0.
    pub entry: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum ZipError {
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error("entry {entry}: there is no file {blob}, or no longer")]
    Gone { entry: usize, blob: String },
    #[error("the build was cancelled")]
    Cancelled,
    #[error("a build of this name is under way")]
    Busy,
    #[error("the archive: {0}")]
    Archive(String),
}

impl From<DbError> for ZipError {
    fn from(error: DbError) -> Self {
        Self::Blob(error.into())
    }
}

/// Cheap to clone; one a process.
#[derive(Clone)]
pub struct Zips(Arc<Parts>);

struct Parts {
    blobs: Blobs,
    places: Semaphore,
    under_way: UnderWay,
    threads: NonZeroUsize,
}

impl Zips {
    pub fn new(blobs: Blobs) -> Self {
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let most = NonZeroUsize::MIN.saturating_add(THREADS - 1);
        Self(Arc::new(Parts {
            blobs,
            places: Semaphore::new(AT_ONCE),
            under_way: UnderWay::default(),
            threads: cores.min(most),
        }))
    }

    /// Builds an archive; ends early, and leaves nothing, when `stop` is cancelled. Run it on a task
    /// of its own: dropped in the middle it leaves its upload to housekeeping.
    ///
    /// # Errors
    /// [`ZipError`]; [`BlobError::NoRoom`] and [`BlobError::Busy`] among them.
    pub async fn build(&self, order: Order, stop: CancellationToken) -> Result<Built, ZipError> {
        let mine = (order.plugin.clone(), order.id.clone());
        let build = self.0.under_way.begin(mine, stop).ok_or(ZipError::Busy)?;
        let place = tokio::select! {
            biased;
            () = build.stop.cancelled() => return Err(ZipError::Cancelled),
            place = self.0.places.acquire() => place,
        };
        let _place = place.map_err(|_| ZipError::Cancelled)?;
        build::run(&self.0.blobs, order, self.0.threads, &build).await
    }

    /// `None` when no such build is under way in this process.
    pub fn progress(&self, plugin: &str, id: &str) -> Option<Progress> {
        self.0.under_way.progress(plugin, id)
    }

    /// Ends a build; false when none is under way in this process.
    pub fn cancel(&self, plugin: &str, id: &str) -> bool {
        self.0.under_way.cancel(plugin, id)
    }
}
