//! Files that plugins write, between two of their calls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use vahta_rows::Micros;

use super::{Blob, BlobError, Blobs, NewBlob, Upload};

/// Of one plugin at once.
const EACH: usize = 8;
/// A writer that is silent for so long is given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// The open ones by id.
#[derive(Default)]
pub(super) struct Writers(Mutex<HashMap<String, Writer>>);

#[derive(Clone)]
struct Writer {
    plugin: Arc<str>,
    used_at: Micros,
    /// Taken out at its end.
    upload: Arc<tokio::sync::Mutex<Option<Upload>>>,
}

impl Blobs {
    /// Begins a file that a plugin writes; answers its id.
    ///
    /// # Errors
    /// As [`Blobs::begin`]; [`BlobError::Busy`] with too many at once.
    pub async fn open_writer(&self, new: NewBlob) -> Result<String, BlobError> {
        let writers = &self.0.writers;
        if writers.count(&new.plugin) >= EACH {
            return Err(BlobError::Busy);
        }
        let upload = self.begin(new).await?;
        let id = upload.id().to_owned();
        writers.insert(upload);
        Ok(id)
    }

    /// Takes the next bytes; `offset` is where they belong, which must be the end: so a call that is
    /// made again after a lost answer writes nothing twice. Answers the size after it.
    ///
    /// # Errors
    /// [`BlobError::Gone`]: no such writer. [`BlobError::Wrong`]: not the end.
    pub async fn append(
        &self,
        plugin: &str,
        id: &str,
        offset: u64,
        bytes: Bytes,
    ) -> Result<u64, BlobError> {
        let writer = self.0.writers.find(plugin, id).ok_or(BlobError::Gone)?;
        let mut slot = writer.upload.lock().await;
        let upload = slot.as_mut().ok_or(BlobError::Gone)?;
        if upload.size() == offset + bytes.len() as u64 && !bytes.is_empty() {
            return Ok(upload.size());
        }
        if upload.size() != offset {
            let text = format!("the file has {} bytes; go on there", upload.size());
            return Err(BlobError::Wrong(text));
        }
        match upload.write(bytes).await {
            Ok(()) => Ok(upload.size()),
            Err(error) => {
                let ended = slot.take();
                self.0.writers.remove(id);
                if let Some(upload) = ended {
                    upload.abort().await;
                }
                Err(error)
            }
        }
    }

    /// Makes the file appear.
    ///
    /// # Errors
    /// [`BlobError::Gone`]: no such writer; else as [`Upload::finish`].
    pub async fn close_writer(&self, plugin: &str, id: &str) -> Result<Blob, BlobError> {
        let writer = self.0.writers.find(plugin, id).ok_or(BlobError::Gone)?;
        let upload = writer.upload.lock().await.take().ok_or(BlobError::Gone)?;
        self.0.writers.remove(id);
        upload.finish().await
    }

    /// Gives a file up that is being written; false when there is none.
    pub async fn drop_writer(&self, plugin: &str, id: &str) -> bool {
        let Some(writer) = self.0.writers.find(plugin, id) else {
            return false;
        };
        self.0.writers.remove(id);
        match writer.upload.lock().await.take() {
            Some(upload) => upload.abort().await,
            None => return false,
        }
        true
    }
}

impl Writers {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Writer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, plugin: &str) -> usize {
        let open = self.lock();
        open.values().filter(|one| &*one.plugin == plugin).count()
    }

    fn insert(&self, upload: Upload) {
        let id = upload.id().to_owned();
        let writer = Writer {
            plugin: upload.plugin().into(),
            used_at: Micros::now(),
            upload: Arc::new(tokio::sync::Mutex::new(Some(upload))),
        };
        self.lock().insert(id, writer);
    }

    fn find(&self, plugin: &str, id: &str) -> Option<Writer> {
        let mut open = self.lock();
        let writer = open.get_mut(id).filter(|one| &*one.plugin == plugin)?;
        writer.used_at = Micros::now();
        Some(writer.clone())
    }

    fn remove(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Gives up those whose plugin is gone or has forgotten them.
    pub(super) async fn sweep(&self, now: Micros) {
        let silent = now.minus(PATIENCE);
        let ended: Vec<Writer> = {
            let mut open = self.lock();
            let ids: Vec<String> = open
                .iter()
                .filter(|(_, writer)| writer.used_at < silent)
                .map(|(id, _)| id.clone())
                .collect();
            ids.iter().filter_map(|id| open.remove(id)).collect()
        };
        for writer in ended {
            let upload = writer.upload.lock().await.take();
            if let Some(upload) = upload {
                upload.abort().await;
            }
        }
    }
}
