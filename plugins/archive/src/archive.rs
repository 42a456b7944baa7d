//! An archive, its files and who took it.

use diesel::prelude::{AsChangeset, Insertable, Queryable, Selectable};
use serde_json::json;
use vahta_plugin_sdk::rows::Micros;
use vahta_plugin_sdk::rows::events::Event;

use crate::state::State;
use crate::store::schema::{archive_archives, archive_downloads, archive_files};

/// The number that its owner knows an archive by: `#12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArchiveId(pub i64);

impl From<i64> for ArchiveId {
    fn from(id: i64) -> Self {
        Self(id)
    }
}

impl std::fmt::Display for ArchiveId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = archive_archives)]
pub struct Archive {
    #[diesel(deserialize_as = i64)]
    pub id: ArchiveId,
    pub owner: i64,
    pub owner_name: String,
    pub name: String,
    pub description: String,
    pub state: State,
    pub token: String,
    pub password: Option<String>,
    pub zip_password: Option<String>,
    pub is_encrypted: bool,
    pub lifetime_s: i64,
    pub most_downloads: Option<i32>,
    /// Bytes of the build so far, of so many.
    pub done: i64,
    pub total: i64,
    pub fault: Option<String>,
    pub fault_about: Option<String>,
    pub blob: Option<String>,
    pub size: i64,
    pub chat_id: Option<i64>,
    pub thread_id: Option<i32>,
    pub message_id: Option<i32>,
    pub language: String,
    pub album: Option<String>,
    pub album_at: i64,
    pub upload_path: Option<String>,
    pub created_at: i64,
    pub changed_at: i64,
    pub ready_at: Option<i64>,
    pub expires_at: Option<i64>,
    /// Grows with each change.
    pub version: i32,
}

impl Archive {
    /// What the audit log and events call it.
    pub fn object(&self) -> String {
        format!("archive:{}", self.id)
    }

    /// By which the core knows the rule of its downloads and the grants of its uploads.
    pub fn key(&self) -> String {
        format!("archive:{}", self.id)
    }

    /// As a file.
    pub fn file_name(&self) -> String {
        format!("{}.zip", self.name)
    }

    pub fn is_collecting(&self) -> bool {
        matches!(self.state, State::Collecting | State::Failed)
    }

    /// Names, links and passwords stay out of it: whoever may see them asks.
    pub fn event(&self, topic: &str) -> Event {
        Event {
            topic: topic.to_owned(),
            object: self.object(),
            payload: json!({
                "id": self.id.0,
                "state": self.state.as_str(),
                "owner": self.owner,
                "done": self.done,
                "total": self.total,
                "version": self.version,
            }),
        }
    }
}

/// One to make.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = archive_archives)]
pub struct NewArchive {
    pub owner: i64,
    pub owner_name: String,
    pub name: String,
    pub description: String,
    pub state: State,
    pub token: String,
    pub is_encrypted: bool,
    pub lifetime_s: i64,
    pub most_downloads: Option<i32>,
    pub done: i64,
    pub total: i64,
    pub size: i64,
    pub chat_id: Option<i64>,
    pub thread_id: Option<i32>,
    pub source_message_id: Option<i64>,
    pub language: String,
    pub album_at: i64,
    pub created_at: i64,
    pub changed_at: i64,
    pub version: i32,
}

/// What changes; the outer `None` leaves what is there, the inner one is NULL.
#[derive(Debug, Clone, Default, PartialEq, AsChangeset)]
#[diesel(table_name = archive_archives)]
pub struct Edit {
    pub name: Option<String>,
    pub description: Option<String>,
    pub state: Option<State>,
    pub token: Option<String>,
    pub password: Option<Option<String>>,
    pub zip_password: Option<Option<String>>,
    pub is_encrypted: Option<bool>,
    pub lifetime_s: Option<i64>,
    pub most_downloads: Option<Option<i32>>,
    pub done: Option<i64>,
    pub total: Option<i64>,
    pub fault: Option<Option<String>>,
    pub fault_about: Option<Option<String>>,
    pub blob: Option<Option<String>>,
    pub size: Option<i64>,
    pub message_id: Option<Option<i32>>,
    pub album: Option<Option<String>>,
    pub album_at: Option<i64>,
    pub upload_path: Option<Option<String>>,
    pub ready_at: Option<Option<i64>>,
    pub expires_at: Option<Option<i64>>,
}

/// A file that goes into an archive.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = archive_files)]
pub struct File {
    pub id: i64,
    pub archive_id: i64,
    pub name: String,
    pub size: i64,
    pub file_id: Option<String>,
    pub media_type: String,
    pub blob: Option<String>,
    pub modified_at: i64,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = archive_files)]
pub struct NewFile {
    pub archive_id: i64,
    /// As a path with `/`; made safe and unique when the ZIP is written.
    pub name: String,
    pub size: i64,
    pub source: String,
    pub file_id: Option<String>,
    pub media_type: String,
    pub blob: Option<String>,
    pub modified_at: i64,
}

/// Somebody took the ZIP, or began to.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = archive_downloads)]
pub struct Download {
    pub archive_id: i64,
    pub grant_id: i64,
    pub address: String,
    pub agent: String,
    pub referer: String,
    pub bytes: i64,
    pub is_whole: bool,
    pub started_at: i64,
    pub ended_at: i64,
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    pub files: i64,
    pub bytes: i64,
}

/// What somebody sees of an archive.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    pub archive: Archive,
    pub sum: Sum,
    /// The last that came.
    pub latest: Vec<String>,
    pub downloads: i64,
}

impl Whole {
    /// Is it over by the clock, though nobody has said so yet?
    pub fn is_over(&self, now: Micros) -> bool {
        let archive = &self.archive;
        archive.state.is_over() || archive.expires_at.is_some_and(|at| at <= now.0)
    }
}
