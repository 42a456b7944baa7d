//! Archives of the plugin's own files (capability `blobs`): the host moves the bytes.
//!
//! ```ignore
//! let mut zip = Zip::new(&archive.id, "holiday.zip");
//! for file in &files {
//!     zip.add(&file.blob, &file.name, Some(file.created_at));
//! }
//! let built = ctx.zips().build(&zip).await?;
//! transaction!(db, c => { effects.keep_blob(c, &built.blob, None).await? });
//! ```
//!
//! A build ends early when the plugin stops, when its delivery is given up, or by
//! [`Zips::cancel`]; then nothing is left of it. Build in a job: it may take minutes, which count as
//! the host's time, not the plugin's.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use vahta_rows::Micros;

use crate::{Ctx, Error, Host, Secret};

/// An archive to be built.
#[derive(Clone, Debug, Serialize)]
pub struct Zip {
    id: String,
    name: String,
    entries: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    password: Option<Secret>,
    level: u8,
}

#[derive(Clone, Debug, Serialize)]
struct Entry {
    blob: String,
    name: String,
    modified: Option<Micros>,
}

/// An archive that is whole. It lives for an hour; keep it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Built {
    pub blob: String,
    pub size: u64,
    /// In hexadecimal.
    pub sha256: String,
    pub entries: u64,
    /// Files that deflate would not have made smaller.
    pub stored: u64,
    /// Bytes of all files.
    pub input: u64,
    /// Of the entries, in their order, as they stand in the archive: safe, and different.
    pub names: Vec<String>,
}

/// How far a build is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum Progress {
    Running {
        /// Bytes of files that are read.
        done: u64,
        /// 0 while it waits for its turn.
        total: u64,
        /// The entry that is being read, from 0.
        entry: u64,
    },
    /// No such build is under way here.
    Unknown,
}

impl Zip {
    /// `id` is what the plugin calls this build by; `name` what the archive is called.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            entries: Vec::new(),
            password: None,
            level: 1,
        }
    }

    /// Adds one of the plugin's files. Its name may be anything: the host makes it safe.
    pub fn add(&mut self, blob: impl Into<String>, name: impl Into<String>, at: Option<Micros>) {
        self.entries.push(Entry {
            blob: blob.into(),
            name: name.into(),
            modified: at,
        });
    }

    /// Encrypts the contents by AES-256: 7-Zip opens it, and what knows WinZip's AES.
    #[must_use]
    pub fn locked(mut self, password: impl Into<String>) -> Self {
        self.password = Some(Secret(password.into()));
        self
    }

    /// From 1, the fastest, to 9.
    #[must_use]
    pub fn level(mut self, level: u8) -> Self {
        self.level = level;
        self
    }
}

/// A password prints itself nowhere but on its way to the host.
fn exposed<S: Serializer>(password: &Option<Secret>, to: S) -> Result<S::Ok, S::Error> {
    password.as_ref().map(Secret::expose).serialize(to)
}

/// The builds, as one delivery or the plugin itself reaches them.
#[derive(Clone)]
pub struct Zips {
    host: Host,
    delivery: u64,
}

impl Ctx {
    /// Archives, in the name of this delivery.
    pub fn zips(&self) -> Zips {
        Zips {
            host: self.host().clone(),
            delivery: self.number(),
        }
    }
}

impl Host {
    /// Archives, for work that no delivery caused.
    pub fn zips(&self) -> Zips {
        Zips {
            host: self.clone(),
            delivery: 0,
        }
    }
}

impl Zips {
    /// Builds an archive, however long it takes.
    ///
    /// # Errors
    /// The host's: `gone` when a file is missing (`detail` has its `entry` and `blob`), `no_room`,
    /// `cancelled`, `busy` when one of this id is under way.
    pub async fn build(&self, zip: &Zip) -> Result<Built, Error> {
        self.host.call_in(self.delivery, "zips.build", zip).await
    }

    /// How far a build of this plugin is.
    ///
    /// # Errors
    /// The host's.
    pub async fn progress(&self, id: &str) -> Result<Progress, Error> {
        self.call("zips.progress", id).await
    }

    /// Ends a build of this plugin; false when there is none.
    ///
    /// # Errors
    /// The host's.
    pub async fn cancel(&self, id: &str) -> Result<bool, Error> {
        self.call("zips.cancel", id).await
    }

    async fn call<A: serde::de::DeserializeOwned>(
        &self,
        method: &str,
        id: &str,
    ) -> Result<A, Error> {
        let body = json!({ "id": id });
        self.host.call_in(self.delivery, method, &body).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_password_reaches_the_host_and_no_log() {
        let mut zip = Zip::new("a17", "holiday.zip").locked("correct horse");
        zip.add("5f0c", "beach/a.jpg", Some(Micros(7)));
        let sent = serde_json::to_value(&zip).unwrap();
        let expected = json!({
            "id": "a17", "name": "holiday.zip", "password": "correct horse", "level": 1,
            "entries": [{ "blob": "5f0c", "name": "beach/a.jpg", "modified": 7 }],
        });
        assert_eq!(sent, expected);
        assert!(!format!("{zip:?}").contains("horse"));
    }

    #[test]
    fn progress_is_read_as_the_host_writes_it() {
        let read = |json| serde_json::from_value::<Progress>(json).unwrap();
        let running = json!({ "state": "running", "done": 1, "total": 2, "entry": 0 });
        let expected = Progress::Running {
            done: 1,
            total: 2,
            entry: 0,
        };
        assert_eq!(read(running), expected);
        assert_eq!(read(json!({ "state": "unknown" })), Progress::Unknown);
    }
}
