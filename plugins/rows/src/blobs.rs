//! Files that plugins were given: kept or let go in the caller's transaction.
//!
//! The core writes and deletes blobs. A fresh one goes away by itself after a while; a plugin keeps
//! it in the transaction of its own row that names it, so that neither is there without the other.

use crate::schema::blobs;
use crate::{DbError, Micros, PgConn, SqliteConn};

/// `blobs.state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum BlobState {
    Uploading = 0,
    Ready = 1,
    /// Nobody reads it any more; its bytes are on their way out.
    Deleting = 2,
    /// Some of it is there; whoever brings it may go on later.
    Partial = 3,
}

/// Keeping and dropping blobs on either connection; used inside
/// [`transaction!`](crate::transaction).
#[async_trait::async_trait]
pub trait KeepBlob {
    /// Keeps a plugin's blob: until an instant, or (`None`) until it is dropped. False when there is
    /// none, or no longer: then its bytes may be gone, and the caller must not name it.
    async fn keep_blob(
        &mut self,
        plugin: &str,
        id: &str,
        until: Option<Micros>,
    ) -> Result<bool, DbError>;
    /// Lets a plugin's blob go; the core deletes it within a minute. False when there is none.
    async fn drop_blob(&mut self, plugin: &str, id: &str) -> Result<bool, DbError>;
}

macro_rules! keep_blob {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl KeepBlob for $conn {
            async fn keep_blob(
                &mut self,
                plugin: &str,
                id: &str,
                until: Option<Micros>,
            ) -> Result<bool, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                let alive = blobs::expires_at
                    .is_null()
                    .or(blobs::expires_at.gt(Micros::now().0));
                let mine = blobs::table
                    .find(id)
                    .filter(blobs::plugin.eq(plugin))
                    .filter(blobs::state.eq(BlobState::Ready as i16))
                    .filter(alive);
                let update =
                    diesel::update(mine).set(blobs::expires_at.eq(until.map(|until| until.0)));
                Ok(RunQueryDsl::execute(update, self).await? > 0)
            }

            async fn drop_blob(&mut self, plugin: &str, id: &str) -> Result<bool, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                let mine = blobs::table
                    .find(id)
                    .filter(blobs::plugin.eq(plugin))
                    .filter(blobs::state.eq(BlobState::Ready as i16));
                let update = diesel::update(mine).set(blobs::expires_at.eq(Some(0_i64)));
                Ok(RunQueryDsl::execute(update, self).await? > 0)
            }
        }
    };
}
keep_blob!(SqliteConn);
keep_blob!(PgConn);
