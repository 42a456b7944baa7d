//! Files that came in parts: each part is a thing of its own in the store, with a row that is there
//! before its first byte. So any process goes on where another one ended, and nothing is copied when
//! the last part is there.

mod rows;

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};
use tokio::sync::OwnedSemaphorePermit;
use vahta_rows::{Db, Micros, transaction, with_db};

use super::store::Part;
use super::{Blob, BlobError, Blobs};

pub(crate) use rows::ChunkRows;

/// What one part has at most: what a crash may cost, and as much as a bucket takes at once.
pub(crate) const SIZE: u64 = 8 * 1024 * 1024;

/// A part being written. Dropped, it is housekeeping's.
pub(crate) struct Open {
    object: String,
    part: Part,
    waiting: BytesMut,
    size: u64,
}

impl Open {
    /// Begins what a row names already.
    pub(crate) async fn begin(blobs: &Blobs, object: String) -> Result<Self, BlobError> {
        let part = blobs.0.store.begin(&object).await?;
        Ok(Self {
            object,
            part,
            waiting: BytesMut::new(),
            size: 0,
        })
    }

    pub(crate) fn object(&self) -> &str {
        &self.object
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn is_full(&self) -> bool {
        self.size >= SIZE
    }

    /// Takes what fits into this part, and leaves the rest.
    pub(crate) async fn write(
        &mut self,
        blobs: &Blobs,
        bytes: &mut Bytes,
    ) -> Result<(), BlobError> {
        let room = usize::try_from(SIZE.saturating_sub(self.size)).unwrap_or(usize::MAX);
        let mut taken = bytes.split_to(room.min(bytes.len()));
        self.size += taken.len() as u64;
        let piece = blobs.0.store.part_size();
        // The last piece waits for the end: a bucket takes the whole part in one request then.
        while self.waiting.len() + taken.len() > piece {
            let rest = taken.split_off(piece - self.waiting.len());
            self.waiting.extend_from_slice(&taken);
            self.part.put(self.waiting.split().freeze()).await?;
            taken = rest;
        }
        self.waiting.extend_from_slice(&taken);
        Ok(())
    }

    /// Makes the part appear in the store.
    pub(crate) async fn finish(&mut self) -> Result<(), BlobError> {
        self.part.finish(self.waiting.split().freeze()).await
    }
}

impl Blobs {
    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    /// One of the places for those who write.
    pub(crate) fn place(&self) -> Result<OwnedSemaphorePermit, BlobError> {
        let places = self.0.places.clone();
        places.try_acquire_owned().map_err(|_| BlobError::Busy)
    }

    /// Is there room for so many bytes more?
    pub(crate) async fn check_room(&self, bytes: u64) -> Result<(), BlobError> {
        self.0.store.check_room(bytes).await
    }

    /// Deletes parts that belong to nothing; their rows say so already. What fails, housekeeping
    /// tries again.
    pub(crate) async fn drop_chunks(&self, objects: &[String]) {
        for object in objects {
            let done = self.drop_chunk(object).await;
            if let Err(error) = done {
                tracing::warn!(%error, "a part that nobody wants is deleted later");
            }
        }
    }

    async fn drop_chunk(&self, object: &str) -> Result<(), BlobError> {
        self.0.store.delete(object, None).await?;
        transaction!(self.0.db, c => c.drop_chunk(object).await)?;
        Ok(())
    }

    /// Deletes parts whose writer died.
    pub(super) async fn sweep_chunks(&self, now: Micros, most: i64) -> Result<(), BlobError> {
        let doomed = transaction!(self.0.db, c => c.take_dead_chunks(now, most).await)?;
        self.drop_chunks(&doomed).await;
        Ok(())
    }

    /// Reads over the borders of parts.
    pub(super) async fn read_chunks(
        &self,
        blob: &Blob,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        let chunks = with_db!(self.0.db, c => c.chunks_of(&blob.id, &range).await)?;
        let parts: Vec<(String, Range<u64>)> = chunks
            .into_iter()
            .map(|chunk| chunk.within(&range))
            .collect();
        let there: u64 = parts.iter().map(|(_, part)| part.end - part.start).sum();
        if there != range.end.saturating_sub(range.start) {
            return Err(BlobError::Gone);
        }
        let blobs = self.clone();
        let parts = stream::iter(parts).then(move |(object, part)| {
            let blobs = blobs.clone();
            async move { blobs.0.store.read(&object, part).await }
        });
        Ok(parts.try_flatten().boxed())
    }
}
