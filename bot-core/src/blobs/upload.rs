//! One file being written.

use bytes::{Bytes, BytesMut};
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use vahta_rows::{Micros, transaction, with_db};

use super::rows::{BlobRows as _, HEARTBEAT};
use super::store::Part;
use super::{Blob, BlobError, Blobs, FRESH, NewBlob, clean_media_type, clean_name};
use crate::tokens::NoRandomness;

/// After so many bytes it is asked again whether there is room.
const LOOK_EVERY: u64 = 16 * 1024 * 1024;

/// A file that is not whole yet. [`Upload::finish`] or [`Upload::abort`] ends it; one that is just
/// dropped is deleted by housekeeping.
pub struct Upload {
    blobs: Blobs,
    blob: Blob,
    part: Part,
    waiting: BytesMut,
    sha: Sha256,
    /// The bucket's id of this upload.
    upload: Option<String>,
    touched_at: Micros,
    looked_at: u64,
    _place: OwnedSemaphorePermit,
}

impl Upload {
    pub(super) async fn begin(blobs: Blobs, new: NewBlob) -> Result<Self, BlobError> {
        let places = blobs.0.places.clone();
        let place = places.try_acquire_owned().map_err(|_| BlobError::Busy)?;
        blobs.0.store.check_room(0).await?;
        let (id, now) = (fresh_id()?, Micros::now());
        let blob = Blob {
            id: id.clone(),
            plugin: new.plugin,
            name: clean_name(&new.name),
            media_type: clean_media_type(&new.media_type),
            size: 0,
            sha256: String::new(),
            expires_at: Some(now.plus(FRESH)),
            chunks: 0,
        };
        // The row comes first: whatever the store has after a crash is named by one.
        transaction!(blobs.0.db, c => c.put_blob(&blob, new.created_by, now).await)?;
        let part = match blobs.0.store.begin(&id).await {
            Ok(part) => part,
            Err(error) => {
                give_up(&blobs, &id, None).await;
                return Err(error);
            }
        };
        Ok(Self {
            blobs,
            blob,
            part,
            waiting: BytesMut::new(),
            sha: Sha256::new(),
            upload: None,
            touched_at: now,
            looked_at: 0,
            _place: place,
        })
    }

    pub fn id(&self) -> &str {
        &self.blob.id
    }

    /// So far.
    pub fn size(&self) -> u64 {
        self.blob.size
    }

    pub(super) fn plugin(&self) -> &str {
        &self.blob.plugin
    }

    /// Takes the next bytes; holds less than one part of them in memory. After an error only
    /// [`Self::abort`] makes sense.
    ///
    /// # Errors
    /// [`BlobError::NoRoom`], the store's, the database's; [`BlobError::Gone`] when housekeeping
    /// took this for dead.
    pub async fn write(&mut self, mut bytes: Bytes) -> Result<(), BlobError> {
        self.sha.update(&bytes);
        self.blob.size += bytes.len() as u64;
        let full = self.blobs.0.store.part_size();
        while self.waiting.len() + bytes.len() >= full {
            let rest = bytes.split_off(full - self.waiting.len());
            self.waiting.extend_from_slice(&bytes);
            bytes = rest;
            let part = self.waiting.split().freeze();
            self.send(part).await?;
        }
        self.waiting.extend_from_slice(&bytes);
        self.touch().await
    }

    async fn send(&mut self, part: Bytes) -> Result<(), BlobError> {
        if self.blob.size - self.looked_at >= LOOK_EVERY {
            self.looked_at = self.blob.size;
            self.blobs.0.store.check_room(0).await?;
        }
        if let Some(upload) = self.part.named().await? {
            let (id, db) = (&self.blob.id, &self.blobs.0.db);
            let named = transaction!(db, c => c.name_upload(id, &upload).await);
            self.upload = Some(upload);
            if !named? {
                return Err(BlobError::Gone);
            }
        }
        self.part.put(part).await
    }

    /// Says now and then that this upload lives.
    async fn touch(&mut self) -> Result<(), BlobError> {
        let now = Micros::now();
        if self.touched_at.plus(HEARTBEAT) > now {
            return Ok(());
        }
        let (id, db) = (&self.blob.id, &self.blobs.0.db);
        if !transaction!(db, c => c.touch(id, now).await)? {
            return Err(BlobError::Gone);
        }
        self.touched_at = now;
        Ok(())
    }

    /// Makes the file appear, whole or not at all.
    ///
    /// # Errors
    /// As [`Self::write`]; then nothing is left of it.
    pub async fn finish(mut self) -> Result<Blob, BlobError> {
        match self.complete().await {
            Ok(()) => Ok(self.blob),
            Err(error) => {
                self.abort().await;
                Err(error)
            }
        }
    }

    async fn complete(&mut self) -> Result<(), BlobError> {
        let last = self.waiting.split().freeze();
        self.part.finish(last).await?;
        let now = Micros::now();
        self.blob.sha256 = hex(&self.sha.finalize_reset());
        self.blob.expires_at = Some(now.plus(FRESH));
        let (blob, db) = (&self.blob, &self.blobs.0.db);
        // Compare and set, after the object exists: housekeeping may have taken the row for dead.
        if transaction!(db, c => c.make_ready(blob, now).await)? {
            Ok(())
        } else {
            Err(BlobError::Gone)
        }
    }

    /// Leaves nothing behind.
    pub async fn abort(self) {
        let Self {
            blobs,
            blob,
            part,
            upload,
            ..
        } = self;
        drop(part);
        give_up(&blobs, &blob.id, upload.as_deref()).await;
    }
}

async fn give_up(blobs: &Blobs, id: &str, upload: Option<&str>) {
    let now = Micros::now();
    let taken = transaction!(blobs.0.db, c => c.take_unfinished(id, now).await);
    let done = match taken {
        Ok(true) => blobs.remove(id, upload).await,
        // The commit that made it ready was in doubt and did happen: it goes with its hour.
        Ok(false) => match with_db!(blobs.0.db, c => c.is_ready(id).await) {
            Ok(true) => Ok(()),
            Ok(false) => blobs.remove(id, upload).await,
            Err(error) => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    };
    if let Err(error) = done {
        tracing::warn!(%error, blob = id, "what was written of a file is deleted later");
    }
}

/// 128 bits in hexadecimal: also a file's name on any disk.
pub(crate) fn fresh_id() -> Result<String, NoRandomness> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| NoRandomness::from(error.to_string()))?;
    Ok(hex(&bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
