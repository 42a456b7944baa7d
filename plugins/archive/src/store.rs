//! Archives in the database, the same on SQLite and PostgreSQL.
//!
//! Each function is one step of the caller's transaction. What changes an archive locks its row
//! first ([`ArchiveRows::lock`]): of two who do something at once the second sees what the first did.
//!
//! | Module | What |
//! |---|---|
//! | `archives` | archives one by one, and lists of them |
//! | [`files`] | what goes into them |
//! | [`downloads`] | who took them |
//! | [`tries`] | wrong passwords |

mod archives;
pub mod downloads;
pub mod files;
pub mod schema;
pub mod tries;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use vahta_plugin_sdk::rows::migrate::Sets;
use vahta_plugin_sdk::rows::{DbError, Micros};

use crate::archive::{Archive, ArchiveId, Edit, NewArchive, Sum, Whole};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The plugin's migrations; their versions begin with a date and time of their own.
pub fn migrations() -> Sets {
    Sets {
        sqlite: SQLITE,
        postgres: POSTGRES,
    }
}

/// Which archives a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Everybodys,
    Of(i64),
}

/// Archives on either connection; used inside `transaction!` and `with_db!`.
#[async_trait::async_trait]
pub trait ArchiveRows {
    /// Makes one, or finds the one that the same message made before (then the flag is false).
    async fn create(&mut self, new: &NewArchive) -> Result<(Archive, bool), DbError>;

    async fn archive(&mut self, id: ArchiveId) -> Result<Option<Archive>, DbError>;

    async fn archive_of_link(&mut self, token: &str) -> Result<Option<Archive>, DbError>;

    /// A link with which others bring files, in the place of the one before.
    async fn put_request(&mut self, id: ArchiveId, token: &str, path: &str) -> Result<(), DbError>;

    /// Its token.
    async fn request_of(&mut self, id: ArchiveId) -> Result<Option<String>, DbError>;

    /// The archive behind such a link, and the core's way in.
    async fn archive_of_request(
        &mut self,
        token: &str,
    ) -> Result<Option<(Archive, String)>, DbError>;

    async fn drop_request(&mut self, id: ArchiveId) -> Result<(), DbError>;

    /// As [`Self::archive`]; until the transaction ends nobody else changes it.
    async fn lock(&mut self, id: ArchiveId) -> Result<Option<Archive>, DbError>;

    /// Changes one that was locked; its next version.
    async fn edit(&mut self, archive: &Archive, edit: Edit, at: Micros)
    -> Result<Archive, DbError>;

    /// The newest first, from after `before` (or the newest of all).
    async fn archives(
        &mut self,
        whose: Whose,
        before: Option<i64>,
        most: i64,
    ) -> Result<Vec<Archive>, DbError>;

    async fn whole(&mut self, archive: Archive) -> Result<Whole, DbError>;

    /// What somebody's archives hold, or everybody's: files that wait, and ZIPs.
    async fn held(&mut self, whose: Whose) -> Result<Sum, DbError>;

    /// Being built, and silent since then: their process died.
    async fn silent_builds(&mut self, since: Micros) -> Result<Vec<ArchiveId>, DbError>;
}
