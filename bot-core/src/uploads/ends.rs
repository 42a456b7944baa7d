//! What comes to nothing: its bytes go, and its grant has them back.

use vahta_rows::{DbError, Micros, transaction, with_db};

use super::rows::UploadRows;
use super::{Grant, UploadError, Uploads};
use crate::blobs::rows::BlobRows;

/// Rows that are read at once.
const AT_ONCE: i64 = 500;

impl Uploads {
    /// Gives a file up that is not whole; false when there is none.
    ///
    /// # Errors
    /// The database's. What of its bytes is left, housekeeping deletes.
    pub async fn give_up(&self, grant: &Grant, id: &str) -> Result<bool, UploadError> {
        let db = self.blobs.db();
        let is_its = with_db!(db, c => c.upload(grant.id, id).await)?.is_some();
        Ok(is_its && self.end(id).await?)
    }

    async fn end(&self, id: &str) -> Result<bool, UploadError> {
        let (db, now) = (self.blobs.db(), Micros::now());
        let ended = transaction!(db, c => end(c, id, now).await)?;
        if ended && let Err(error) = self.blobs.remove(id, None).await {
            tracing::warn!(%error, blob = id, "what came of a file is deleted later");
        }
        Ok(ended)
    }

    /// Ends what nobody goes on with: files whose time is over, and those of revoked grants. Answers
    /// how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_unwanted(&self) -> Result<usize, UploadError> {
        let (db, now) = (self.blobs.db(), Micros::now());
        let mut ended = 0;
        loop {
            let before = ended;
            for id in with_db!(db, c => c.unwanted(now, AT_ONCE).await)? {
                ended += usize::from(self.end(&id).await?);
            }
            if ended == before {
                break;
            }
        }
        if ended > 0 {
            tracing::debug!(ended, "uploads ended that nobody goes on with");
        }
        Ok(ended)
    }
}

/// Under way → gone, with what it had reserved. Everybody locks in this order: the file, its grant.
async fn end<C: UploadRows + BlobRows + Send>(
    c: &mut C,
    id: &str,
    now: Micros,
) -> Result<bool, DbError> {
    let Some((grant, reserved)) = c.drop_upload(id).await? else {
        return Ok(false);
    };
    c.release(grant, 1, reserved).await?;
    c.take_partial(id, now).await
}
