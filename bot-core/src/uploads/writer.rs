//! The bytes of one file, as they come in one request.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use vahta_rows::{DbError, Micros, diesel, transaction};

use super::begin::too_large;
use super::finish::finish;
use super::rows::UploadRows as _;
use super::sha::Sha;
use super::{Grant, PATIENCE, Upload, UploadError, Uploads};
use crate::blobs::chunks::{ChunkRows as _, Open};
use crate::blobs::{BlobError, fresh_id};

/// How long a part stays open while little comes: what a crash may cost of a slow line.
const FLUSH: Duration = Duration::from_secs(30);
/// Parts of one file: whoever sends single bytes is stopped.
const MOST: i32 = 50_000;

/// One file being written. [`Writer::end`] keeps what came; one that is just dropped loses its last
/// part, which the next one takes away.
pub struct Writer {
    uploads: Uploads,
    grant: Grant,
    upload: Upload,
    /// Up to the last byte that was taken.
    sha: Sha,
    chunk: Option<Open>,
    opened_at: Instant,
    _place: OwnedSemaphorePermit,
}

/// A file all of whose bytes are there, and that is not told of yet.
pub struct Whole {
    upload: Upload,
    sha: Sha,
}

impl Whole {
    pub fn upload(&self) -> &Upload {
        &self.upload
    }

    pub fn sha256(&self) -> String {
        self.sha.hex()
    }
}

impl Uploads {
    /// Goes on with a file where its bytes end. Whoever else was at it cannot add to it any more.
    ///
    /// # Errors
    /// [`UploadError::Offset`] says where it ends; [`UploadError::Gone`]; busy; the database's.
    pub async fn go_on(&self, grant: &Grant, id: &str, offset: u64) -> Result<Writer, UploadError> {
        let place = self.blobs.place()?;
        let found = self.find(grant, id).await?.ok_or(UploadError::Gone)?;
        if found.is_whole || found.offset != offset {
            return Err(UploadError::Offset(found.offset));
        }
        if found.chunks >= MOST {
            return Err(UploadError::TooManyParts);
        }
        let sha = Sha::read(&found.sha).ok_or(UploadError::Gone)?;
        let upload = Upload {
            epoch: found.epoch + 1,
            ..found
        };
        let (db, object, now) = (self.blobs.db(), fresh_id()?, Micros::now());
        let start = i64::try_from(offset).unwrap_or(i64::MAX);
        let left = transaction!(db, c => {
            if !c.claim(&upload, now).await? {
                return Ok(None);
            }
            let left = c.take_unfinished_chunks(id).await?;
            c.put_chunk(&object, id, start, now).await?;
            Ok(Some(left))
        })?;
        let Some(left) = left else {
            return Err(self.lost(grant, id).await?);
        };
        self.blobs.drop_chunks(&left).await;
        Ok(Writer {
            uploads: self.clone(),
            grant: grant.clone(),
            upload,
            sha,
            chunk: Some(Open::begin(&self.blobs, object).await?),
            opened_at: Instant::now(),
            _place: place,
        })
    }

    /// May there be one part more?
    async fn check_next(&self, upload: &Upload) -> Result<(), UploadError> {
        if upload.chunks >= MOST {
            return Err(UploadError::TooManyParts);
        }
        Ok(self.blobs.check_room(0).await?)
    }

    /// Is this still the one who goes on?
    async fn is_its(&self, grant: &Grant, writes: &Upload) -> Result<bool, UploadError> {
        let found = self.find(grant, &writes.id).await?;
        Ok(found.is_some_and(|found| found.epoch == writes.epoch))
    }

    /// What somebody is told who cannot go on: another one does, from there, or nobody can.
    async fn lost(&self, grant: &Grant, id: &str) -> Result<UploadError, UploadError> {
        let found = self.find(grant, id).await?;
        Ok(found.map_or(UploadError::Gone, |found| UploadError::Offset(found.offset)))
    }

    /// Makes several files whole at once: all of them or none.
    ///
    /// # Errors
    /// [`UploadError::Gone`]; the database's.
    pub async fn finish(&self, grant: &Grant, files: &[Whole]) -> Result<(), UploadError> {
        let (db, now) = (self.blobs.db(), Micros::now());
        let done = transaction!(db, c => {
            for file in files {
                finish(c, grant, &file.upload, &file.sha, now).await?;
            }
            Ok(())
        });
        done.map_err(|error| of_transaction(error, grant))?;
        self.jobs.wake();
        Ok(())
    }
}

impl Writer {
    pub fn upload(&self) -> &Upload {
        &self.upload
    }

    /// Takes the next bytes. After an error only dropping it makes sense.
    ///
    /// # Errors
    /// [`UploadError::TooLong`], [`UploadError::TooLarge`]; [`UploadError::Gone`]: it was given up;
    /// [`UploadError::Offset`]: somebody else went on with it; the store's; the database's.
    pub async fn write(&mut self, mut bytes: Bytes) -> Result<(), UploadError> {
        while !bytes.is_empty() {
            let chunk = self.chunk.as_mut().ok_or(UploadError::TooLong)?;
            let there = self.upload.offset + chunk.size();
            let length = self.upload.length;
            if length.is_some_and(|length| there + bytes.len() as u64 > length) {
                return Err(UploadError::TooLong);
            }
            let before = bytes.clone();
            chunk.write(&self.uploads.blobs, &mut bytes).await?;
            self.sha.update(&before[..before.len() - bytes.len()]);
            if chunk.is_full() {
                self.commit(true).await?;
            }
        }
        if self.opened_at.elapsed() >= FLUSH {
            self.flush().await?;
        }
        Ok(())
    }

    /// When the part that is open should be written down, however little came.
    pub fn due_at(&self) -> Instant {
        self.opened_at + FLUSH
    }

    /// Writes down what came.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn flush(&mut self) -> Result<(), UploadError> {
        match self.chunk.as_ref().map(Open::size) {
            Some(0) => self.opened_at = Instant::now(),
            Some(_) => self.commit(true).await?,
            None => {}
        }
        Ok(())
    }

    /// Keeps what came; a file that is whole is told of.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn end(mut self) -> Result<Upload, UploadError> {
        self.close().await?;
        Ok(self.upload)
    }

    /// Keeps what came, which is all of it; [`Uploads::finish`] tells.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn whole(mut self) -> Result<Whole, UploadError> {
        self.close().await?;
        Ok(Whole {
            upload: self.upload,
            sha: self.sha,
        })
    }

    async fn close(&mut self) -> Result<(), UploadError> {
        match self.chunk.as_ref().map(Open::size) {
            // Nothing came since the last part.
            Some(0) => {
                let (db, id) = (self.uploads.blobs.db(), &self.upload.id);
                self.chunk = None;
                let epoch = self.upload.epoch;
                let left = transaction!(db, c => {
                    // Not those of whoever went on meanwhile.
                    match c.is_mine(id, epoch).await? {
                        true => c.take_unfinished_chunks(id).await,
                        false => Ok(Vec::new()),
                    }
                })?;
                self.uploads.blobs.drop_chunks(&left).await;
                Ok(())
            }
            Some(_) => self.commit(false).await,
            None => Ok(()),
        }
    }

    /// The part is whole: the row says so, and where the file goes on; the last one ends the file.
    async fn commit(&mut self, more: bool) -> Result<(), UploadError> {
        let mut chunk = self.chunk.take().ok_or(UploadError::Gone)?;
        if let Err(error) = chunk.finish().await {
            // Whoever went on has taken away what was open.
            let (uploads, grant) = (&self.uploads, &self.grant);
            return Err(match uploads.is_its(grant, &self.upload).await? {
                true => error.into(),
                false => uploads.lost(grant, &self.upload.id).await?,
            });
        }
        let now = Micros::now();
        let (before, size) = (self.upload.offset, chunk.size());
        let upload = Upload {
            offset: before + size,
            chunks: self.upload.chunks + 1,
            sha: self.sha.written(),
            expires_at: self.grant.expires_at.min(now.plus(PATIENCE)),
            is_whole: self.upload.length == Some(before + size),
            ..self.upload.clone()
        };
        // Whatever came is kept; only what comes next may have no place.
        let goes_on = match more && !upload.is_whole {
            true => Some(self.uploads.check_next(&upload).await),
            false => None,
        };
        let next = match goes_on {
            Some(Ok(())) => Some(fresh_id()?),
            _ => None,
        };
        let (grant, sha) = (&self.grant, &self.sha);
        let (db, object) = (self.uploads.blobs.db(), chunk.object());
        let signed = i64::try_from(size).unwrap_or(i64::MAX);
        let start = i64::try_from(upload.offset).unwrap_or(i64::MAX);
        let done = transaction!(db, c => {
            if !c.advance(&upload, before, now).await? {
                return Ok(false);
            }
            // What was announced was reserved then.
            if upload.length.is_none() && !c.reserve(grant.id, 0, size, now).await? {
                return Err(DbError::Query(diesel::result::Error::RollbackTransaction));
            }
            if !c.end_chunk(object, signed).await? {
                return Err(DbError::Query(diesel::result::Error::NotFound));
            }
            if let Some(next) = &next {
                c.put_chunk(next, &upload.id, start, now).await?;
            }
            if upload.is_whole {
                finish(c, grant, &upload, sha, now).await?;
            }
            Ok(true)
        });
        // After an error nobody knows whether it was committed: then the part stays for whoever
        // goes on, or for housekeeping.
        if !done.map_err(|error| of_transaction(error, grant))? {
            self.uploads.blobs.drop_chunks(&[object.to_owned()]).await;
            return Err(self.uploads.lost(grant, &upload.id).await?);
        }
        if upload.is_whole {
            self.uploads.jobs.wake();
        }
        self.upload = upload;
        goes_on.transpose()?;
        if let Some(next) = next {
            self.chunk = Some(Open::begin(&self.uploads.blobs, next).await?);
            self.opened_at = Instant::now();
        }
        Ok(())
    }
}

/// What a transaction that took itself back says.
fn of_transaction(error: DbError, grant: &Grant) -> UploadError {
    match error {
        DbError::Query(diesel::result::Error::RollbackTransaction) => too_large(grant),
        DbError::Query(diesel::result::Error::NotFound) => UploadError::Gone,
        error => UploadError::Blob(BlobError::Db(error)),
    }
}
