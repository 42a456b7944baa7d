//! `upload_grants` and `uploads` on either connection. What changes a row is a compare-and-set on
//! what it was.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId};

use super::{Grant, NewGrant, Upload};
use crate::storage::schema::{upload_grants, uploads};

const OPEN: i16 = 0;
const REVOKED: i16 = 1;
const UNDER_WAY: i16 = 0;
const WHOLE: i16 = 1;
/// Files under way that are told of.
const LISTED: i64 = 1_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = upload_grants)]
struct GrantRow {
    id: i64,
    plugin: String,
    key: String,
    max_bytes: i64,
    max_files: i32,
    media_types: String,
    user_id: Option<i64>,
    meta: String,
    taken_bytes: i64,
    taken_files: i32,
    expires_at: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = uploads)]
struct UploadRow {
    id: String,
    grant_id: i64,
    path: String,
    length: Option<i64>,
    size: i64,
    chunks: i32,
    sha: String,
    epoch: i32,
    state: i16,
    expires_at: i64,
}

impl TryFrom<GrantRow> for Grant {
    type Error = DbError;

    fn try_from(row: GrantRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            plugin: row.plugin,
            key: row.key,
            max_bytes: unsigned(row.max_bytes),
            max_files: u32::try_from(row.max_files).unwrap_or_default(),
            media_types: serde_json::from_str(&row.media_types)?,
            user: row.user_id.map(UserId),
            meta: serde_json::from_str(&row.meta)?,
            taken_bytes: unsigned(row.taken_bytes),
            taken_files: u32::try_from(row.taken_files).unwrap_or_default(),
            expires_at: Micros(row.expires_at),
        })
    }
}

impl From<UploadRow> for Upload {
    fn from(row: UploadRow) -> Self {
        Self {
            id: row.id,
            path: row.path,
            length: row.length.map(unsigned),
            offset: unsigned(row.size),
            is_whole: row.state == WHOLE,
            expires_at: Micros(row.expires_at),
            grant: row.grant_id,
            chunks: row.chunks,
            sha: row.sha,
            epoch: row.epoch,
        }
    }
}

/// The tables hold no negative sizes.
fn unsigned(size: i64) -> u64 {
    u64::try_from(size).unwrap_or_default()
}

fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

#[async_trait::async_trait]
pub(super) trait UploadRows {
    async fn put_grant(&mut self, new: &NewGrant, hash: &str, now: Micros) -> Result<i64, DbError>;
    /// One that is not revoked.
    async fn grant_by_token(&mut self, hash: &str) -> Result<Option<Grant>, DbError>;
    /// The same by its id.
    async fn grant_row(&mut self, id: i64) -> Result<Option<Grant>, DbError>;
    /// Open → revoked.
    async fn revoke_grants(&mut self, plugin: &str, key: &str) -> Result<usize, DbError>;
    /// Takes of a grant what it has left; false when that is less.
    async fn reserve(
        &mut self,
        grant: i64,
        files: i32,
        bytes: u64,
        now: Micros,
    ) -> Result<bool, DbError>;
    async fn release(&mut self, grant: i64, files: i32, bytes: i64) -> Result<(), DbError>;
    /// Was no more taken of a grant than it gave?
    async fn is_within(&mut self, grant: i64) -> Result<bool, DbError>;
    async fn put_upload(
        &mut self,
        upload: &Upload,
        reserved: u64,
        now: Micros,
    ) -> Result<(), DbError>;
    async fn upload(&mut self, grant: i64, id: &str) -> Result<Option<Upload>, DbError>;
    async fn under_way(&mut self, grant: i64, now: Micros) -> Result<Vec<Upload>, DbError>;
    /// To the epoch of `upload`, from the one before.
    async fn claim(&mut self, upload: &Upload, now: Micros) -> Result<bool, DbError>;
    /// Is this still the epoch of whoever goes on?
    async fn is_mine(&mut self, id: &str, epoch: i32) -> Result<bool, DbError>;
    /// A part came: from `before` bytes to those of `upload`.
    async fn advance(&mut self, upload: &Upload, before: u64, now: Micros)
    -> Result<bool, DbError>;
    /// Under way → whole.
    async fn end_upload(&mut self, upload: &Upload, until: Micros) -> Result<bool, DbError>;
    /// Under way → gone; answers the grant and what it reserved.
    async fn drop_upload(&mut self, id: &str) -> Result<Option<(i64, i64)>, DbError>;
    /// Under way, and nobody may go on with it.
    async fn unwanted(&mut self, now: Micros, most: i64) -> Result<Vec<String>, DbError>;
}

macro_rules! upload_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl UploadRows for $conn {
            async fn put_grant(
                &mut self,
                new: &NewGrant,
                hash: &str,
                now: Micros,
            ) -> Result<i64, DbError> {
                let insert = diesel::insert_into(upload_grants::table)
                    .values((
                        upload_grants::token_hash.eq(hash),
                        upload_grants::plugin.eq(&new.plugin),
                        upload_grants::key.eq(&new.key),
                        upload_grants::max_bytes.eq(signed(new.max_bytes)),
                        upload_grants::max_files
                            .eq(i32::try_from(new.max_files).unwrap_or(i32::MAX)),
                        upload_grants::media_types.eq(serde_json::to_string(&new.media_types)?),
                        upload_grants::user_id.eq(new.user.map(|user| user.0)),
                        upload_grants::meta.eq(serde_json::to_string(&new.meta)?),
                        upload_grants::state.eq(OPEN),
                        upload_grants::taken_bytes.eq(0_i64),
                        upload_grants::taken_files.eq(0),
                        upload_grants::created_at.eq(now.0),
                        upload_grants::expires_at.eq(new.expires_at.0),
                    ))
                    .returning(upload_grants::id);
                Ok(Run::get_result(insert, self).await?)
            }

            async fn grant_by_token(&mut self, hash: &str) -> Result<Option<Grant>, DbError> {
                let find = upload_grants::table
                    .filter(upload_grants::token_hash.eq(hash))
                    .filter(upload_grants::state.eq(OPEN))
                    .select(GrantRow::as_select());
                let row: Option<GrantRow> = Run::first(find, self).await.optional()?;
                row.map(Grant::try_from).transpose()
            }

            async fn grant_row(&mut self, id: i64) -> Result<Option<Grant>, DbError> {
                let find = upload_grants::table
                    .find(id)
                    .filter(upload_grants::state.eq(OPEN))
                    .select(GrantRow::as_select());
                let row: Option<GrantRow> = Run::first(find, self).await.optional()?;
                row.map(Grant::try_from).transpose()
            }

            async fn revoke_grants(&mut self, plugin: &str, key: &str) -> Result<usize, DbError> {
                let open = upload_grants::table
                    .filter(upload_grants::plugin.eq(plugin))
                    .filter(upload_grants::key.eq(key))
                    .filter(upload_grants::state.eq(OPEN));
                let update = diesel::update(open).set(upload_grants::state.eq(REVOKED));
                Ok(Run::execute(update, self).await?)
            }

            async fn reserve(
                &mut self,
                grant: i64,
                files: i32,
                bytes: u64,
                now: Micros,
            ) -> Result<bool, DbError> {
                use upload_grants::{max_bytes, max_files, taken_bytes, taken_files};
                let bytes = signed(bytes);
                let with_room = upload_grants::table
                    .find(grant)
                    .filter(upload_grants::state.eq(OPEN))
                    .filter(upload_grants::expires_at.gt(now.0))
                    .filter((taken_files + files).le(max_files))
                    // In this order nothing overflows.
                    .filter(taken_bytes.le(max_bytes - bytes));
                let update = diesel::update(with_room).set((
                    taken_files.eq(taken_files + files),
                    taken_bytes.eq(taken_bytes + bytes),
                ));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn release(&mut self, grant: i64, files: i32, bytes: i64) -> Result<(), DbError> {
                use upload_grants::{taken_bytes, taken_files};
                let update = diesel::update(upload_grants::table.find(grant)).set((
                    taken_files.eq(taken_files - files),
                    taken_bytes.eq(taken_bytes - bytes),
                ));
                Run::execute(update, self).await?;
                Ok(())
            }

            async fn is_within(&mut self, grant: i64) -> Result<bool, DbError> {
                use upload_grants::{max_bytes, max_files, taken_bytes, taken_files};
                let within = upload_grants::table
                    .find(grant)
                    .filter(upload_grants::state.eq(OPEN))
                    .filter(taken_bytes.le(max_bytes))
                    .filter(taken_files.le(max_files))
                    .count();
                let count: i64 = Run::get_result(within, self).await?;
                Ok(count > 0)
            }

            async fn put_upload(
                &mut self,
                upload: &Upload,
                reserved: u64,
                now: Micros,
            ) -> Result<(), DbError> {
                let insert = diesel::insert_into(uploads::table).values((
                    uploads::id.eq(&upload.id),
                    uploads::grant_id.eq(upload.grant),
                    uploads::path.eq(&upload.path),
                    uploads::length.eq(upload.length.map(signed)),
                    uploads::reserved.eq(signed(reserved)),
                    uploads::size.eq(0_i64),
                    uploads::chunks.eq(0),
                    uploads::sha.eq(&upload.sha),
                    uploads::epoch.eq(upload.epoch),
                    uploads::state.eq(UNDER_WAY),
                    uploads::created_at.eq(now.0),
                    uploads::expires_at.eq(upload.expires_at.0),
                ));
                Run::execute(insert, self).await?;
                Ok(())
            }

            async fn upload(&mut self, grant: i64, id: &str) -> Result<Option<Upload>, DbError> {
                let find = uploads::table
                    .find(id)
                    .filter(uploads::grant_id.eq(grant))
                    .select(UploadRow::as_select());
                let row: Option<UploadRow> = Run::first(find, self).await.optional()?;
                Ok(row.map(Upload::from))
            }

            async fn under_way(&mut self, grant: i64, now: Micros) -> Result<Vec<Upload>, DbError> {
                let find = uploads::table
                    .filter(uploads::grant_id.eq(grant))
                    .filter(uploads::state.eq(UNDER_WAY))
                    .filter(uploads::expires_at.gt(now.0))
                    .order((uploads::created_at, uploads::id))
                    .limit(LISTED)
                    .select(UploadRow::as_select());
                let rows: Vec<UploadRow> = Run::load(find, self).await?;
                Ok(rows.into_iter().map(Upload::from).collect())
            }

            async fn claim(&mut self, upload: &Upload, now: Micros) -> Result<bool, DbError> {
                let same = uploads::table
                    .find(&upload.id)
                    .filter(uploads::state.eq(UNDER_WAY))
                    .filter(uploads::epoch.eq(upload.epoch - 1))
                    .filter(uploads::size.eq(signed(upload.offset)))
                    .filter(uploads::expires_at.gt(now.0));
                let update = diesel::update(same).set(uploads::epoch.eq(upload.epoch));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn is_mine(&mut self, id: &str, epoch: i32) -> Result<bool, DbError> {
                // Locked until the end: nobody goes on in between.
                let mine = uploads::table.find(id).filter(uploads::epoch.eq(epoch));
                let update = diesel::update(mine).set(uploads::epoch.eq(epoch));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn advance(
                &mut self,
                upload: &Upload,
                before: u64,
                now: Micros,
            ) -> Result<bool, DbError> {
                let mine = uploads::table
                    .find(&upload.id)
                    .filter(uploads::state.eq(UNDER_WAY))
                    .filter(uploads::epoch.eq(upload.epoch))
                    .filter(uploads::size.eq(signed(before)))
                    .filter(uploads::expires_at.gt(now.0));
                let more = match upload.length {
                    Some(_) => 0,
                    None => signed(upload.offset - before),
                };
                let update = diesel::update(mine).set((
                    uploads::size.eq(signed(upload.offset)),
                    uploads::chunks.eq(upload.chunks),
                    uploads::sha.eq(&upload.sha),
                    uploads::reserved.eq(uploads::reserved + more),
                    uploads::expires_at.eq(upload.expires_at.0),
                ));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn end_upload(
                &mut self,
                upload: &Upload,
                until: Micros,
            ) -> Result<bool, DbError> {
                let mine = uploads::table
                    .find(&upload.id)
                    .filter(uploads::state.eq(UNDER_WAY))
                    .filter(uploads::epoch.eq(upload.epoch))
                    .filter(uploads::size.eq(signed(upload.offset)));
                let update = diesel::update(mine).set((
                    uploads::state.eq(WHOLE),
                    uploads::length.eq(Some(signed(upload.offset))),
                    uploads::expires_at.eq(until.0),
                ));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn drop_upload(&mut self, id: &str) -> Result<Option<(i64, i64)>, DbError> {
                let mine = uploads::table.find(id).filter(uploads::state.eq(UNDER_WAY));
                let delete = diesel::delete(mine).returning((uploads::grant_id, uploads::reserved));
                Ok(Run::get_result(delete, self).await.optional()?)
            }

            async fn unwanted(&mut self, now: Micros, most: i64) -> Result<Vec<String>, DbError> {
                let over = uploads::table
                    .filter(uploads::state.eq(UNDER_WAY))
                    .filter(uploads::expires_at.le(now.0))
                    .limit(most)
                    .select(uploads::id);
                let mut unwanted: Vec<String> = Run::load(over, self).await?;
                let revoked = upload_grants::table
                    .filter(upload_grants::state.eq(REVOKED))
                    .filter(upload_grants::expires_at.gt(now.0))
                    .filter(upload_grants::taken_files.gt(0))
                    .select(upload_grants::id);
                let revoked: Vec<i64> = Run::load(revoked, self).await?;
                let of_revoked = uploads::table
                    .filter(uploads::state.eq(UNDER_WAY))
                    .filter(uploads::grant_id.eq_any(revoked))
                    .limit(most)
                    .select(uploads::id);
                unwanted.extend(Run::load::<String>(of_revoked, self).await?);
                Ok(unwanted)
            }
        }
    };
}
upload_rows!(SqliteConn);
upload_rows!(PgConn);
