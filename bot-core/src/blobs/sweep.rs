//! What nobody wants any more goes away: uploads that died, files that were not kept, deletions
//! that were cut off.

use vahta_rows::{Micros, transaction};

use super::rows::BlobRows as _;
use super::{BlobError, Blobs};

/// Files that one sweep deletes; the next one goes on.
const MOST: i64 = 500;
/// Failures that end a sweep.
const FAILURES: usize = 3;

impl Blobs {
    /// One sweep; tells how many files are gone.
    ///
    /// # Errors
    /// The database's. What the store does not delete now, the next sweep tries again.
    pub async fn sweep(&self) -> Result<usize, BlobError> {
        self.0.writers.sweep(Micros::now()).await;
        let now = Micros::now();
        self.sweep_chunks(now, MOST).await?;
        let doomed = transaction!(self.0.db, c => c.take_doomed(now, MOST).await)?;
        let (mut gone, mut failed) = (0, 0);
        for (id, upload) in doomed {
            match self.remove(&id, upload.as_deref()).await {
                Ok(()) => gone += 1,
                Err(error) => {
                    tracing::warn!(%error, blob = id, "a file could not be deleted yet");
                    failed += 1;
                    // A store that is away keeps nobody else waiting: the next sweep goes on.
                    if failed >= FAILURES {
                        break;
                    }
                }
            }
        }
        if gone > 0 {
            tracing::debug!(gone, "files deleted that nobody wants");
        }
        Ok(gone)
    }
}
