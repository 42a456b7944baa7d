//! Files: bytes in a folder or a bucket, and a row that says whose they are.
//!
//! | Module | What |
//! |---|---|
//! | `store` | the folder or the bucket, through `object_store` |
//! | `upload` | one file being written, piece by piece |
//! | `writers` | those that plugins write, between their calls |
//! | `chunks` | files that came in parts, each a thing of its own in the store |
//! | `rows` | the table |
//! | `sweep` | what nobody wants any more goes away |
//!
//! A row is there before the first byte and after the last one, so whatever a crash leaves in the
//! store has a row that names it: *uploading* rows have a heartbeat, and whoever finds one without
//! deletes it as an expired one: the row becomes *deleting*, the bytes go, then the row. A fresh
//! blob lives for [`FRESH`]; its plugin keeps it, or it goes.

pub(crate) mod chunks;
mod http;
mod room;
pub(crate) mod rows;
mod store;
mod sweep;
mod upload;
mod writers;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::BoxStream;
use vahta_rows::blobs::KeepBlob as _;
use vahta_rows::{Db, DbError, Micros, UserId, transaction, with_db};

use self::chunks::ChunkRows as _;
use self::rows::BlobRows as _;
use self::store::Store;
use self::writers::Writers;
use crate::config;
use crate::tokens::NoRandomness;

pub use self::upload::Upload;
pub(crate) use self::upload::{fresh_id, hex};

/// How long a file waits for its plugin to keep it.
pub const FRESH: Duration = Duration::from_secs(3600);
/// Files being written at once, by browsers and by plugins: each holds memory, and a disk its head.
const AT_ONCE: usize = 32;
/// Longer names are cut.
const NAME_LENGTH: usize = 200;

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    pub id: String,
    /// Whose it is; nobody else gets it.
    pub plugin: String,
    /// What its bringer called it, cleaned: for people, never a path.
    pub name: String,
    /// What its bringer says that it is.
    pub media_type: String,
    pub size: u64,
    /// In hexadecimal.
    pub sha256: String,
    /// `None`: kept until its plugin deletes it.
    pub expires_at: Option<Micros>,
    /// How many things it is in the store; 0: one, under its id.
    pub chunks: u32,
}

/// A file that somebody wants to store.
#[derive(Debug, Clone)]
pub struct NewBlob {
    pub plugin: String,
    pub name: String,
    pub media_type: String,
    pub created_by: Option<UserId>,
}

#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the blob store: {0}")]
    Store(#[source] object_store::Error),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("there is no room for more files")]
    NoRoom,
    #[error("too many files are being written at once")]
    Busy,
    #[error("there is no such file, or no longer")]
    Gone,
    #[error("{0}")]
    Wrong(String),
}

impl BlobError {
    /// Would the same call succeed later?
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Db(error) => error.is_transient(),
            Self::Busy | Self::Store(_) => true,
            Self::NoRandomness(_) | Self::NoRoom | Self::Gone | Self::Wrong(_) => false,
        }
    }
}

/// Cheap to clone; one a process.
#[derive(Clone)]
pub struct Blobs(Arc<Parts>);

struct Parts {
    db: Db,
    store: Store,
    places: Arc<tokio::sync::Semaphore>,
    writers: Writers,
}

impl Blobs {
    /// Opens the folder, which is made when it is missing, or the bucket, which is not asked yet.
    ///
    /// # Errors
    /// When there is no such folder and it cannot be made.
    pub fn open(db: Db, config: &config::Blobs) -> Result<Self, BlobError> {
        Ok(Self(Arc::new(Parts {
            db,
            store: Store::open(config)?,
            places: Arc::new(tokio::sync::Semaphore::new(AT_ONCE)),
            writers: Writers::default(),
        })))
    }

    /// Begins a file; what is written to it shows when it is finished.
    ///
    /// # Errors
    /// [`BlobError::NoRoom`], [`BlobError::Busy`], the database's, the store's.
    pub async fn begin(&self, new: NewBlob) -> Result<Upload, BlobError> {
        Upload::begin(self.clone(), new).await
    }

    /// A plugin's file that is whole and not over.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(&self, plugin: &str, id: &str) -> Result<Option<Blob>, DbError> {
        with_db!(self.0.db, c => c.blob(plugin, id, Micros::now()).await)
    }

    /// A plugin's file that somebody was granted: it may end after the file's time is over.
    pub(crate) async fn find_granted(
        &self,
        plugin: &str,
        id: &str,
    ) -> Result<Option<Blob>, DbError> {
        with_db!(self.0.db, c => c.ready_blob(plugin, id).await)
    }

    /// Reads a part of a file as it is asked for, a piece at a time.
    ///
    /// # Errors
    /// The store's; [`BlobError::Gone`] when the bytes are not there.
    pub async fn read(
        &self,
        blob: &Blob,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        match blob.chunks {
            0 => self.0.store.read(&blob.id, range).await,
            _ => self.read_chunks(blob, range).await,
        }
    }

    /// Keeps a file until then, or for ever; false when there is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep(
        &self,
        plugin: &str,
        id: &str,
        until: Option<Micros>,
    ) -> Result<bool, DbError> {
        transaction!(self.0.db, c => c.keep_blob(plugin, id, until).await)
    }

    /// Deletes a plugin's file now; false when there is none.
    ///
    /// # Errors
    /// The database's or the store's; then housekeeping goes on with it.
    pub async fn delete(&self, plugin: &str, id: &str) -> Result<bool, BlobError> {
        let now = Micros::now();
        let taken = transaction!(self.0.db, c => c.take_ready(plugin, id, now).await)?;
        if taken {
            self.remove(id, None).await?;
        }
        Ok(taken)
    }

    /// Deletes those of a plugin's files that it did not keep: what they were uploaded for failed.
    pub async fn discard(&self, plugin: &str, ids: &[String]) {
        for id in ids {
            let now = Micros::now();
            let taken = transaction!(self.0.db, c => c.take_fresh(plugin, id, now).await);
            let done = match taken {
                Ok(true) => self.remove(id, None).await,
                Ok(false) => Ok(()),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = done {
                tracing::warn!(%error, plugin, "a file that nobody wants is deleted later");
            }
        }
    }

    /// The bytes first, then the row, which is *deleting* already.
    pub(crate) async fn remove(&self, id: &str, upload: Option<&str>) -> Result<(), BlobError> {
        self.0.store.delete(id, upload).await?;
        for object in with_db!(self.0.db, c => c.objects_of(id).await)? {
            self.0.store.delete(&object, None).await?;
        }
        transaction!(self.0.db, c => c.drop_row(id).await)?;
        Ok(())
    }
}

/// A name as people see it: no path, no control or bidi characters, not too long. It is never used
/// as a path. Source: Unicode, UAX #9, "Directional Formatting Characters".
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_bidi = |c: char| matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_bidi(*c) && *c != '\u{feff}')
        .take(NAME_LENGTH)
        .collect();
    match clean.trim() {
        "" | "." | ".." => "file".to_owned(),
        clean => clean.to_owned(),
    }
}

/// `type/subtype` in small letters, without parameters; what is no media type is bytes. Source:
/// RFC 6838, section 4.2.
pub fn clean_media_type(text: &str) -> String {
    let kind = text.split(';').next().unwrap_or_default().trim();
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
    let is_name = |name: &str| (1..=64).contains(&name.len()) && name.bytes().all(legal);
    match kind.split_once('/') {
        Some((family, name)) if is_name(family) && is_name(name) => kind.to_ascii_lowercase(),
        _ => "application/octet-stream".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_path_and_hides_nothing() {
        for (name, clean) in [
            ("report.pdf", "report.pdf"),
            ("C:\\Users\\ada\\report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("a\r\nSet-Cookie: x\".txt", "aSet-Cookie: x\".txt"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("отчёт 2026.pdf", "отчёт 2026.pdf"),
            ("", "file"),
            ("..", "file"),
            ("dir/", "file"),
        ] {
            assert_eq!(clean_name(name), clean);
        }
        assert_eq!(clean_name(&"ё".repeat(500)).chars().count(), NAME_LENGTH);
    }

    #[test]
    fn what_is_no_media_type_is_bytes() {
        assert_eq!(clean_media_type("Text/HTML; charset=utf-8"), "text/html");
        for wrong in ["", "text", "text/", "a b/c", "text/html\r\nx: y"] {
            assert_eq!(clean_media_type(wrong), "application/octet-stream");
        }
    }
}
