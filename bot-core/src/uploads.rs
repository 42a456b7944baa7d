//! Files that come by a grant: a plugin says who may bring how much, the core moves the bytes, and
//! the plugin hears of each file that is whole.
//!
//! | Module | What |
//! |---|---|
//! | `grants` | the right to bring files, by a token |
//! | `begin` | a file is announced, and its bytes are reserved |
//! | `writer` | its bytes, a part at a time |
//! | `finish` | the last part: the blob is ready and the plugin has a job, in one transaction |
//! | `ends` | what is given up: by its bringer, by the plugin, by time |
//! | `path` | names as people may see them |
//! | `sha` | a hasher that is written down between two parts |
//! | `rows` | the tables |
//!
//! Everything that another process must know is in the tables after each part, so whoever is asked
//! next goes on. Two that write at once are told apart by the epoch: who came last goes on, and what
//! the other one still holds is not taken.

mod begin;
mod ends;
mod finish;
mod grants;
mod path;
mod rows;
mod sha;
mod writer;

use std::time::Duration;

use serde_json::Value;
use vahta_rows::{DbError, Micros, UserId, with_db};

use self::rows::UploadRows as _;
use crate::blobs::{BlobError, Blobs};
use crate::jobs::Jobs;
use crate::tokens::NoRandomness;

pub use begin::NewUpload;
pub use grants::{Granted, NewGrant};
pub use writer::{Whole, Writer};

/// How long a file that is not whole waits for its bringer.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);
/// How long a whole one waits for its plugin, which may be switched off: whoever brought it has gone.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// What a token allows.
#[derive(Debug, Clone)]
pub struct Grant {
    pub id: i64,
    pub plugin: String,
    pub key: String,
    pub max_bytes: u64,
    pub max_files: u32,
    /// Empty: every kind. `image/*` stands for every picture.
    pub media_types: Vec<String>,
    pub user: Option<UserId>,
    pub meta: Value,
    pub taken_bytes: u64,
    pub taken_files: u32,
    pub expires_at: Micros,
}

impl Grant {
    pub fn left_bytes(&self) -> u64 {
        self.max_bytes.saturating_sub(self.taken_bytes)
    }

    pub fn left_files(&self) -> u32 {
        self.max_files.saturating_sub(self.taken_files)
    }
}

/// A file under way, or whole since a moment ago.
#[derive(Debug, Clone)]
pub struct Upload {
    pub id: String,
    pub path: String,
    /// `None`: known at its end.
    pub length: Option<u64>,
    /// What has arrived.
    pub offset: u64,
    pub is_whole: bool,
    pub expires_at: Micros,
    grant: i64,
    chunks: i32,
    sha: String,
    epoch: i32,
}

#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error("there is no such grant, or it was revoked")]
    Unknown,
    #[error("its time is over")]
    Over,
    #[error("there is no such upload, or no longer")]
    Gone,
    #[error("the upload has {0} bytes")]
    Offset(u64),
    #[error("the file has more bytes than were announced")]
    TooLong,
    #[error("the file came in too many parts")]
    TooManyParts,
    #[error("{left} bytes are left of {most}")]
    TooLarge { left: u64, most: u64 },
    #[error("no more than {0} files fit")]
    TooManyFiles(u32),
    #[error("only files of these kinds fit: {0}")]
    MediaType(String),
    #[error("{0}")]
    Wrong(String),
}

impl From<DbError> for UploadError {
    fn from(error: DbError) -> Self {
        Self::Blob(error.into())
    }
}

impl From<NoRandomness> for UploadError {
    fn from(error: NoRandomness) -> Self {
        Self::Blob(error.into())
    }
}

/// Cheap to clone; one a process.
#[derive(Clone)]
pub struct Uploads {
    blobs: Blobs,
    jobs: Jobs,
}

impl Uploads {
    pub fn new(blobs: Blobs, jobs: Jobs) -> Self {
        Self { blobs, jobs }
    }

    /// A file of this grant; `None`: there is none, or it was given up.
    ///
    /// # Errors
    /// The database's.
    pub async fn find(&self, grant: &Grant, id: &str) -> Result<Option<Upload>, UploadError> {
        let (db, now) = (self.blobs.db(), Micros::now());
        let found = with_db!(db, c => c.upload(grant.id, id).await)?;
        Ok(found.filter(|upload| upload.is_whole || upload.expires_at > now))
    }

    /// Those of this grant that are not whole, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn under_way(&self, grant: &Grant) -> Result<Vec<Upload>, UploadError> {
        let (db, now) = (self.blobs.db(), Micros::now());
        Ok(with_db!(db, c => c.under_way(grant.id, now).await)?)
    }
}
