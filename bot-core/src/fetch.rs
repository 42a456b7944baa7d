//! Files that people sent in Telegram, brought into the store. Source: Bot API, `getFile`.
//!
//! `getFile` waits its turn as every call does; the bytes then come past the scheduler, for they
//! count for no limit of a chat, and go into the store as they come.

use std::borrow::Cow;

use futures::TryStreamExt as _;
use serde::Deserialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use vahta_rows::outbox::Lane;

use crate::blobs::{Blob, BlobError, Blobs, NewBlob, Upload};
use crate::outbound::{Call, CallError, Client, Outbound};

/// Brings files of Telegram's; cheap to clone.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    outbound: Outbound,
    blobs: Blobs,
}

/// A file to be brought.
#[derive(Debug)]
pub struct Wanted {
    pub file_id: String,
    pub new: NewBlob,
    pub max_bytes: u64,
    pub lane: Lane,
}

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error("the file is larger than it may be")]
    TooBig,
    #[error("Telegram has no such file, or no longer")]
    Gone,
    #[error("Telegram does not give the file now: {0}")]
    Later(String),
    #[error("nobody waits for the file any more")]
    Cancelled,
}

/// `File` of the Bot API.
#[derive(Deserialize)]
struct File {
    file_size: Option<u64>,
    file_path: Option<String>,
}

impl Fetcher {
    pub fn new(client: Client, outbound: Outbound, blobs: Blobs) -> Self {
        Self {
            client,
            outbound,
            blobs,
        }
    }

    /// Brings one file; leaves nothing when it fails, or when `stop` is cancelled. Run it on a task
    /// of its own: dropped in the middle it leaves its upload to housekeeping.
    ///
    /// # Errors
    /// [`FetchError`]; [`BlobError::NoRoom`] among them.
    pub async fn fetch(&self, wanted: Wanted, stop: CancellationToken) -> Result<Blob, FetchError> {
        let asked = tokio::select! {
            biased;
            () = stop.cancelled() => return Err(FetchError::Cancelled),
            asked = self.ask(&wanted) => asked?,
        };
        let size = asked.file_size.unwrap_or_default();
        if size > wanted.max_bytes {
            return Err(FetchError::TooBig);
        }
        // Without a path it cannot be downloaded for now.
        let path = asked.file_path.ok_or(FetchError::Gone)?;
        let mut upload = self.blobs.begin(wanted.new).await?;
        let brought = tokio::select! {
            biased;
            () = stop.cancelled() => Err(FetchError::Cancelled),
            brought = self.bring(&path, size, wanted.max_bytes, &mut upload) => brought,
        };
        match brought {
            Ok(()) => Ok(upload.finish().await?),
            Err(error) => {
                upload.abort().await;
                Err(error)
            }
        }
    }

    async fn ask(&self, wanted: &Wanted) -> Result<File, FetchError> {
        let call = Call {
            method: Cow::Borrowed("getFile"),
            payload: json!({ "file_id": wanted.file_id }).into(),
            chat: None,
            lane: wanted.lane,
            origin: wanted.new.plugin.as_str().into(),
            secret: false,
        };
        let answer = self
            .outbound
            .call(call)
            .await
            .map_err(|error| meant(&error))?;
        serde_json::from_str(answer.get()).map_err(|error| FetchError::Later(error.to_string()))
    }

    async fn bring(
        &self,
        path: &str,
        size: u64,
        most: u64,
        upload: &mut Upload,
    ) -> Result<(), FetchError> {
        let download = self.client.download(path, size).await;
        let mut bytes = download.map_err(|error| meant(&error))?;
        while let Some(piece) = bytes.try_next().await.map_err(|error| meant(&error))? {
            if upload.size() + piece.len() as u64 > most {
                return Err(FetchError::TooBig);
            }
            upload.write(piece).await?;
        }
        if upload.size() < size {
            return Err(FetchError::Later("the download ended early".to_owned()));
        }
        Ok(())
    }
}

/// What an answer of Telegram's means here. Its descriptions are all that tells these apart.
fn meant(error: &CallError) -> FetchError {
    match error {
        CallError::Telegram {
            code: 400,
            description,
            ..
        } => {
            let text = description.to_ascii_lowercase();
            if text.contains("too big") {
                FetchError::TooBig
            } else if text.contains("temporarily unavailable") {
                FetchError::Later(description.clone())
            } else {
                FetchError::Gone
            }
        }
        CallError::Telegram { code: 404, .. } | CallError::Garbage { status: 404 | 410 } => {
            FetchError::Gone
        }
        other => FetchError::Later(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_of_telegram_has_one_meaning() {
        let refused = |description: &str| CallError::Telegram {
            code: 400,
            description: description.into(),
            retry_after: None,
            migrate_to: None,
        };
        let meant = |description| meant(&refused(description));
        assert!(matches!(
            meant("Bad Request: file is too big"),
            FetchError::TooBig
        ));
        assert!(matches!(
            meant("Bad Request: invalid file_id"),
            FetchError::Gone
        ));
        let later = "Bad Request: file is temporarily unavailable";
        assert!(matches!(meant(later), FetchError::Later(_)));
    }
}
