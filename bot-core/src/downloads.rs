//! Downloads that are counted exactly.
//!
//! A plugin sets a rule ([`vahta_rows::downloads`]) and asks for grants; each is the right to
//! download one file once, by a link that nobody can guess. A grant is reserved by one
//! compare-and-set on its rule, so whoever races gets no more than the rule says. It lives by a
//! lease on the database's clock, which answers under way renew; whatever breaks off, a client or a
//! process, leaves a lease behind within which the download may go on under the same link, from
//! whichever instance. Afterwards it is given back.
//!
//! | Module | What |
//! |---|---|
//! | `reserve` | a grant for a plugin |
//! | `sending` | one answer: what it may send, and what it has sent |
//! | `pump` | bytes from the store to a connection, by leave of `sending` |
//! | `end` | complete or given back: the count, and the owner's job |
//! | [`keep`] | leases that are over |
//! | `coverage` | which bytes were sent |
//! | `rows` | the tables |
//!
//! **Why nobody gets a file uncounted.** The last byte of a file leaves only after the commit that
//! counts it. Every other byte leaves only after a row says that it may have left ("claimed"), so a
//! process that dies leaves no byte that nobody knows of; when a lease ends and what was sent and
//! claimed is the whole file, the download counts.

mod coverage;
mod end;
pub mod keep;
mod pump;
mod reserve;
mod rows;
mod sending;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::BoxStream;
use vahta_rows::{Db, DbError, DownloadId, InstanceId, with_db};

use self::rows::DownloadRows as _;
use crate::blobs::{Blob, BlobError, Blobs};
use crate::jobs::Jobs;
use crate::tokens::{self, NoRandomness};

pub use self::reserve::{Granted, NewGrant, Refused};

/// Grants and streams; cheap to clone, one a process.
#[derive(Clone)]
pub struct Downloads(Arc<Parts>);

struct Parts {
    db: Db,
    blobs: Blobs,
    jobs: Jobs,
    instance: InstanceId,
    lease: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Complete or given back.
    #[error("this download is over")]
    Over,
    /// Its bytes were sent more often than broken connections explain; it is over with that.
    #[error("this download was sent too often")]
    Spent,
    #[error("too many answers are under way for this download")]
    Busy,
}

/// A grant that can be used now, and its file.
#[derive(Debug, Clone)]
pub struct Grant {
    pub id: DownloadId,
    pub plugin: String,
    pub key: String,
    pub name: String,
    pub blob: Blob,
}

/// Who comes for a download.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    pub address: Option<String>,
    pub agent: Option<String>,
}

/// The bytes of an answer, as fast as they are taken.
pub type Sent = BoxStream<'static, Result<Bytes, BlobError>>;

impl Downloads {
    pub fn new(db: Db, blobs: Blobs, jobs: Jobs, instance: InstanceId, lease: Duration) -> Self {
        Self(Arc::new(Parts {
            db,
            blobs,
            jobs,
            instance,
            lease,
        }))
    }

    /// The grant of a link; `None` when nobody was ever given this link. Changes nothing, unless
    /// the file is gone.
    ///
    /// # Errors
    /// [`DownloadError::Over`], the database's.
    pub async fn look(&self, token: &str) -> Result<Option<Grant>, DownloadError> {
        if !tokens::is_well_formed(token) {
            return Ok(None);
        }
        let hash = tokens::hash(token);
        let Some(found) = with_db!(self.0.db, c => c.find_download(&hash).await)? else {
            return Ok(None);
        };
        if !found.is_alive {
            return Err(DownloadError::Over);
        }
        let id = DownloadId(found.id);
        let blob = self.0.blobs.find_granted(&found.plugin, &found.blob);
        let Some(blob) = blob.await? else {
            self.give_back(id, &found.plugin, &found.key).await?;
            return Err(DownloadError::Over);
        };
        Ok(Some(Grant {
            id,
            plugin: found.plugin,
            key: found.key,
            name: found.name,
            blob,
        }))
    }

    /// In microseconds.
    fn lease(&self) -> i64 {
        i64::try_from(self.0.lease.as_micros()).unwrap_or(i64::MAX)
    }
}
