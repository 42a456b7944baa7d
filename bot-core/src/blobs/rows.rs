//! `blobs` on either connection. What changes a state is a compare-and-set on the state before it.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::blobs::BlobState;
use vahta_rows::downloads::is_live;
use vahta_rows::schema::{blobs, downloads};
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId};

use super::{Blob, FRESH};
use crate::storage::schema::blob_chunks;

/// How often an upload says that it lives.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(30);
/// An upload that was silent for so long died with its process.
pub(super) const DEAD: Duration = Duration::from_secs(600);
/// A deletion that is so old was cut off.
pub(super) const STUCK: Duration = Duration::from_secs(60);

#[expect(clippy::cast_possible_truncation, reason = "an hour")]
const FRESH_MICROS: i64 = FRESH.as_micros() as i64;
const UPLOADING: i16 = BlobState::Uploading as i16;
const READY: i16 = BlobState::Ready as i16;
const DELETING: i16 = BlobState::Deleting as i16;
const PARTIAL: i16 = BlobState::Partial as i16;

#[derive(Queryable, Selectable)]
#[diesel(table_name = blobs)]
struct Row {
    id: String,
    plugin: String,
    name: String,
    media_type: String,
    size: i64,
    sha256: String,
    expires_at: Option<i64>,
    chunks: i32,
}

impl From<Row> for Blob {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            plugin: row.plugin,
            name: row.name,
            media_type: row.media_type,
            size: u64::try_from(row.size).unwrap_or_default(),
            sha256: row.sha256,
            expires_at: row.expires_at.map(Micros),
            chunks: u32::try_from(row.chunks).unwrap_or_default(),
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = blobs)]
struct NewRow<'a> {
    id: &'a str,
    plugin: &'a str,
    name: &'a str,
    media_type: &'a str,
    size: i64,
    sha256: &'a str,
    state: i16,
    created_by: Option<i64>,
    created_at: i64,
    touched_at: i64,
    expires_at: Option<i64>,
}

impl<'a> NewRow<'a> {
    fn of(blob: &'a Blob, state: i16, created_by: Option<UserId>, now: Micros) -> Self {
        Self {
            id: &blob.id,
            plugin: &blob.plugin,
            name: &blob.name,
            media_type: &blob.media_type,
            size: 0,
            sha256: "",
            state,
            created_by: created_by.map(|user| user.0),
            created_at: now.0,
            touched_at: now.0,
            expires_at: blob.expires_at.map(|at| at.0),
        }
    }
}

/// Out of everybody's sight: whoever sees a row become this deletes its bytes, then the row.
#[derive(AsChangeset)]
#[diesel(table_name = blobs)]
struct Taken {
    state: i16,
    touched_at: i64,
}

impl Taken {
    fn at(now: Micros) -> Self {
        Self {
            state: DELETING,
            touched_at: now.0,
        }
    }
}

/// A file whose time has come: its id, and that of its upload in the store.
pub(super) type Doomed = (String, Option<String>);

#[async_trait::async_trait]
pub(crate) trait BlobRows {
    async fn put_blob(
        &mut self,
        blob: &Blob,
        created_by: Option<UserId>,
        now: Micros,
    ) -> Result<(), DbError>;
    /// As [`Self::put_blob`], of a file that comes in parts.
    async fn put_partial(
        &mut self,
        blob: &Blob,
        created_by: Option<UserId>,
        now: Micros,
    ) -> Result<(), DbError>;
    /// A plugin's, whole and not over.
    async fn blob(&mut self, plugin: &str, id: &str, now: Micros) -> Result<Option<Blob>, DbError>;
    /// A plugin's and whole, also when its time is over and nobody has deleted it yet.
    async fn ready_blob(&mut self, plugin: &str, id: &str) -> Result<Option<Blob>, DbError>;
    /// One that comes in parts and is not whole, and who brings it.
    async fn partial(&mut self, id: &str) -> Result<Option<(Blob, Option<UserId>)>, DbError>;
    async fn name_upload(&mut self, id: &str, upload: &str) -> Result<bool, DbError>;
    async fn touch(&mut self, id: &str, now: Micros) -> Result<bool, DbError>;
    /// Uploading → ready.
    async fn make_ready(&mut self, blob: &Blob, now: Micros) -> Result<bool, DbError>;
    /// Partial → ready.
    async fn make_whole(&mut self, blob: &Blob, now: Micros) -> Result<bool, DbError>;
    /// Partial → deleting.
    async fn take_partial(&mut self, id: &str, now: Micros) -> Result<bool, DbError>;
    /// Uploading → deleting.
    async fn take_unfinished(&mut self, id: &str, now: Micros) -> Result<bool, DbError>;
    /// Ready → deleting.
    async fn take_ready(&mut self, plugin: &str, id: &str, now: Micros) -> Result<bool, DbError>;
    /// Ready and not kept → deleting.
    async fn take_fresh(&mut self, plugin: &str, id: &str, now: Micros) -> Result<bool, DbError>;
    async fn is_ready(&mut self, id: &str) -> Result<bool, DbError>;
    /// What died, expired or was half deleted becomes deleting: at most `most` of them.
    async fn take_doomed(&mut self, now: Micros, most: i64) -> Result<Vec<Doomed>, DbError>;
    /// With those of its parts.
    async fn drop_row(&mut self, id: &str) -> Result<(), DbError>;
}

/// Whoever was granted a file may end; a lease later at most, nobody is.
macro_rules! being_downloaded {
    () => {
        diesel::dsl::exists(
            downloads::table
                .filter(downloads::blob.eq(blobs::id))
                .filter(is_live()),
        )
    };
}

macro_rules! blob_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl BlobRows for $conn {
            async fn put_blob(
                &mut self,
                blob: &Blob,
                created_by: Option<UserId>,
                now: Micros,
            ) -> Result<(), DbError> {
                let row = NewRow::of(blob, UPLOADING, created_by, now);
                let insert = diesel::insert_into(blobs::table).values(row);
                Run::execute(insert, self).await?;
                Ok(())
            }

            async fn put_partial(
                &mut self,
                blob: &Blob,
                created_by: Option<UserId>,
                now: Micros,
            ) -> Result<(), DbError> {
                let row = NewRow::of(blob, PARTIAL, created_by, now);
                let insert = diesel::insert_into(blobs::table).values(row);
                Run::execute(insert, self).await?;
                Ok(())
            }

            async fn blob(
                &mut self,
                plugin: &str,
                id: &str,
                now: Micros,
            ) -> Result<Option<Blob>, DbError> {
                let alive = blobs::expires_at.is_null().or(blobs::expires_at.gt(now.0));
                let find = blobs::table
                    .filter(blobs::id.eq(id))
                    .filter(blobs::plugin.eq(plugin))
                    .filter(blobs::state.eq(READY))
                    .filter(alive)
                    .select(Row::as_select());
                let row: Option<Row> = Run::first(find, self).await.optional()?;
                Ok(row.map(Blob::from))
            }

            async fn ready_blob(
                &mut self,
                plugin: &str,
                id: &str,
            ) -> Result<Option<Blob>, DbError> {
                let find = blobs::table
                    .filter(blobs::id.eq(id))
                    .filter(blobs::plugin.eq(plugin))
                    .filter(blobs::state.eq(READY))
                    .select(Row::as_select());
                let row: Option<Row> = Run::first(find, self).await.optional()?;
                Ok(row.map(Blob::from))
            }

            async fn partial(
                &mut self,
                id: &str,
            ) -> Result<Option<(Blob, Option<UserId>)>, DbError> {
                let find = blobs::table
                    .find(id)
                    .filter(blobs::state.eq(PARTIAL))
                    .select((Row::as_select(), blobs::created_by));
                let row: Option<(Row, Option<i64>)> = Run::first(find, self).await.optional()?;
                Ok(row.map(|(row, user)| (Blob::from(row), user.map(UserId))))
            }

            async fn name_upload(&mut self, id: &str, upload: &str) -> Result<bool, DbError> {
                let mine = blobs::table.find(id).filter(blobs::state.eq(UPLOADING));
                let update = diesel::update(mine).set(blobs::upload.eq(Some(upload)));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn touch(&mut self, id: &str, now: Micros) -> Result<bool, DbError> {
                let mine = blobs::table.find(id).filter(blobs::state.eq(UPLOADING));
                let update = diesel::update(mine).set(blobs::touched_at.eq(now.0));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn make_ready(&mut self, blob: &Blob, now: Micros) -> Result<bool, DbError> {
                let mine = blobs::table
                    .find(&blob.id)
                    .filter(blobs::state.eq(UPLOADING));
                let update = diesel::update(mine).set((
                    blobs::state.eq(READY),
                    blobs::size.eq(i64::try_from(blob.size).unwrap_or(i64::MAX)),
                    blobs::sha256.eq(&blob.sha256),
                    blobs::upload.eq(None::<String>),
                    blobs::touched_at.eq(now.0),
                    blobs::expires_at.eq(blob.expires_at.map(|at| at.0)),
                ));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn make_whole(&mut self, blob: &Blob, now: Micros) -> Result<bool, DbError> {
                let mine = blobs::table.find(&blob.id).filter(blobs::state.eq(PARTIAL));
                let update = diesel::update(mine).set((
                    blobs::state.eq(READY),
                    blobs::size.eq(i64::try_from(blob.size).unwrap_or(i64::MAX)),
                    blobs::sha256.eq(&blob.sha256),
                    blobs::chunks.eq(i32::try_from(blob.chunks).unwrap_or(i32::MAX)),
                    blobs::touched_at.eq(now.0),
                    blobs::expires_at.eq(blob.expires_at.map(|at| at.0)),
                ));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn take_partial(&mut self, id: &str, now: Micros) -> Result<bool, DbError> {
                let mine = blobs::table.find(id).filter(blobs::state.eq(PARTIAL));
                let update = diesel::update(mine).set(Taken::at(now));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn take_unfinished(&mut self, id: &str, now: Micros) -> Result<bool, DbError> {
                let mine = blobs::table.find(id).filter(blobs::state.eq(UPLOADING));
                let update = diesel::update(mine).set(Taken::at(now));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn take_ready(
                &mut self,
                plugin: &str,
                id: &str,
                now: Micros,
            ) -> Result<bool, DbError> {
                let mine = blobs::table
                    .find(id)
                    .filter(blobs::plugin.eq(plugin))
                    .filter(blobs::state.eq(READY));
                let update = diesel::update(mine).set(Taken::at(now));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn take_fresh(
                &mut self,
                plugin: &str,
                id: &str,
                now: Micros,
            ) -> Result<bool, DbError> {
                let mine = blobs::table
                    .find(id)
                    .filter(blobs::plugin.eq(plugin))
                    .filter(blobs::state.eq(READY))
                    // As it was when it became ready: keeping it, also until a date, changes that.
                    .filter(blobs::expires_at.eq((blobs::touched_at + FRESH_MICROS).nullable()));
                let update = diesel::update(mine).set(Taken::at(now));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn is_ready(&mut self, id: &str) -> Result<bool, DbError> {
                let ready = blobs::table.find(id).filter(blobs::state.eq(READY)).count();
                let count: i64 = Run::get_result(ready, self).await?;
                Ok(count > 0)
            }

            async fn take_doomed(
                &mut self,
                now: Micros,
                most: i64,
            ) -> Result<Vec<Doomed>, DbError> {
                let dead = blobs::state
                    .eq(UPLOADING)
                    .and(blobs::touched_at.lt(now.minus(DEAD).0));
                let stuck = blobs::state
                    .eq(DELETING)
                    .and(blobs::touched_at.lt(now.minus(STUCK).0));
                let expired = blobs::state
                    .eq(READY)
                    .and(blobs::expires_at.is_not_null())
                    .and(blobs::expires_at.assume_not_null().le(now.0))
                    .and(diesel::dsl::not(being_downloaded!()));
                let find = blobs::table
                    .filter(dead.or(stuck).or(expired))
                    .order(blobs::id)
                    .limit(most)
                    .select((blobs::id, blobs::upload, blobs::state, blobs::touched_at));
                let found: Vec<(String, Option<String>, i16, i64)> = Run::load(find, self).await?;
                let mut doomed = Vec::new();
                for (id, upload, state, touched_at) in found {
                    // As it was when it was read: an upload may have come back to life.
                    let same = blobs::table
                        .find(&id)
                        .filter(blobs::state.eq(state))
                        .filter(blobs::touched_at.eq(touched_at));
                    let same = same.filter(
                        blobs::state.ne(READY).or(blobs::expires_at
                            .assume_not_null()
                            .le(now.0)
                            .and(diesel::dsl::not(being_downloaded!()))),
                    );
                    let update = diesel::update(same).set(Taken::at(now));
                    if Run::execute(update, self).await? > 0 {
                        doomed.push((id, upload));
                    }
                }
                Ok(doomed)
            }

            async fn drop_row(&mut self, id: &str) -> Result<(), DbError> {
                let row = blobs::table.find(id).filter(blobs::state.eq(DELETING));
                if Run::execute(diesel::delete(row), self).await? > 0 {
                    let parts = blob_chunks::table.filter(blob_chunks::blob.eq(id));
                    Run::execute(diesel::delete(parts), self).await?;
                }
                Ok(())
            }
        }
    };
}
blob_rows!(SqliteConn);
blob_rows!(PgConn);
