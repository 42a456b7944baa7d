//! The plugin's own files (capability `blobs`): read, written, kept and deleted in bounded pieces.
//!
//! A file is there whole or not at all, and goes away after an hour unless it is kept. With a
//! database, keep it in the transaction of the row that names it: `effects.keep_blob(c, &id, None)`.
//! Big files never cross the border at once: [`Blobs::read`] and [`Writer::write`] take 1 MiB at
//! most, and pages answer [`Answer::blob`](crate::web::Answer::blob) instead of bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use teloxide::types::{FileId, InputFile};
use vahta_rows::Micros;

use crate::{Ctx, Error, Host};

/// What one call reads or writes at most.
pub const PIECE: usize = 1024 * 1024;

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Blob {
    pub id: String,
    pub name: String,
    pub media_type: String,
    pub size: u64,
    /// In hexadecimal.
    pub sha256: String,
    /// None: kept until it is deleted.
    pub expires_at: Option<Micros>,
}

/// What a file of Telegram's becomes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fetch<'a> {
    pub name: &'a str,
    pub media_type: &'a str,
    /// More is refused.
    pub max_bytes: Option<u64>,
}

/// The files, as one delivery or the plugin itself reaches them.
#[derive(Clone)]
pub struct Blobs {
    host: Host,
    delivery: u64,
}

/// A file being written. Nobody sees it before [`Writer::finish`]; one that is forgotten goes away.
pub struct Writer {
    blobs: Blobs,
    id: String,
    size: u64,
}

impl Ctx {
    /// The plugin's files, in the name of this delivery.
    pub fn blobs(&self) -> Blobs {
        Blobs {
            host: self.host().clone(),
            delivery: self.number(),
        }
    }
}

impl Host {
    /// The plugin's files, for work that no delivery caused.
    pub fn blobs(&self) -> Blobs {
        Blobs {
            host: self.clone(),
            delivery: 0,
        }
    }
}

/// A file of the plugin's own, to be sent: `SendDocument::new(chat, blobs::to_send(&id))`. The host
/// puts its bytes into the call (Bot API: 50 MB, 10 MB for a photo), also when the call comes from the
/// outbox; the file must be there until it has arrived.
pub fn to_send(id: &str) -> InputFile {
    InputFile::file_id(FileId(format!("blob:{id}")))
}

impl Blobs {
    /// What is known of a file; none when there is none, or no longer.
    ///
    /// # Errors
    /// The host's.
    pub async fn info(&self, id: &str) -> Result<Option<Blob>, Error> {
        self.call("blobs.info", &json!({ "id": id })).await
    }

    /// Keeps a file: until an instant, or until it is deleted. False when there is none any more.
    ///
    /// # Errors
    /// The host's.
    pub async fn keep(&self, id: &str, until: Option<Micros>) -> Result<bool, Error> {
        let body = json!({ "id": id, "until": until });
        self.call("blobs.keep", &body).await
    }

    /// Deletes a file; false when there is none.
    ///
    /// # Errors
    /// The host's.
    pub async fn delete(&self, id: &str) -> Result<bool, Error> {
        self.call("blobs.delete", &json!({ "id": id })).await
    }

    /// Reads up to [`PIECE`] bytes; fewer, or none, at the end of the file.
    ///
    /// # Errors
    /// The host's: `gone` when there is no such file any more.
    pub async fn read(&self, id: &str, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        #[derive(Deserialize)]
        struct Answer {
            bytes: String,
        }
        let body = json!({ "id": id, "offset": offset, "length": length.min(PIECE) });
        let Answer { bytes } = self.call("blobs.read", &body).await?;
        STANDARD.decode(bytes).map_err(Error::other)
    }

    /// Brings a file that somebody sent in Telegram; the host streams it (capability `telegram.send`,
    /// too). It lives for an hour; keep it.
    ///
    /// # Errors
    /// The host's: `too_big` when it is over `max_bytes`, or over what Telegram gives to bots (20 MB);
    /// `gone` when Telegram has it no longer, `no_room`, `later` when Telegram is away.
    pub async fn fetch(&self, file: &FileId, what: &Fetch<'_>) -> Result<Blob, Error> {
        let body = json!({
            "file_id": file.0, "name": what.name, "media_type": what.media_type,
            "max_bytes": what.max_bytes,
        });
        self.call("blobs.fetch", &body).await
    }

    /// Begins a file.
    ///
    /// # Errors
    /// The host's: `busy` when the plugin writes eight already, `no_room` when the disk is full.
    pub async fn create(&self, name: &str, media_type: &str) -> Result<Writer, Error> {
        #[derive(Deserialize)]
        struct Answer {
            id: String,
        }
        let body = json!({ "name": name, "media_type": media_type });
        let Answer { id } = self.call("blobs.create", &body).await?;
        Ok(Writer {
            blobs: self.clone(),
            id,
            size: 0,
        })
    }

    async fn call<A: serde::de::DeserializeOwned>(
        &self,
        method: &str,
        body: &serde_json::Value,
    ) -> Result<A, Error> {
        self.host.call_in(self.delivery, method, body).await
    }
}

impl Writer {
    /// What the file will be called by.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Writes on, however much it is.
    ///
    /// # Errors
    /// The host's; then nothing is left of the file, except after `deadline` or `closed`, when it
    /// goes away by itself.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        #[derive(Deserialize)]
        struct Answer {
            size: u64,
        }
        for piece in bytes.chunks(PIECE) {
            let bytes = STANDARD.encode(piece);
            let body = json!({ "id": self.id, "offset": self.size, "bytes": bytes });
            let Answer { size } = self.blobs.call("blobs.write", &body).await?;
            self.size = size;
        }
        Ok(())
    }

    /// Makes the file appear. It lives for an hour; keep it.
    ///
    /// # Errors
    /// The host's.
    pub async fn finish(self) -> Result<Blob, Error> {
        let body = json!({ "id": self.id });
        self.blobs.call("blobs.finish", &body).await
    }
}
