//! What goes into an archive.

use diesel::dsl::{count_star, sql};
use diesel::sql_types::BigInt;
use diesel::{ExpressionMethods as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use vahta_plugin_sdk::rows::{DbError, PgConn, SqliteConn};

use super::archives::SIZES;
use super::schema::archive_files::dsl;
use crate::archive::{ArchiveId, File, NewFile, Sum};

/// Files on either connection.
#[async_trait::async_trait]
pub trait FileRows {
    /// False when this file is there already.
    async fn put_file(&mut self, new: &NewFile) -> Result<bool, DbError>;

    /// In the order in which they came.
    async fn files(&mut self, archive: ArchiveId) -> Result<Vec<File>, DbError>;

    async fn sum(&mut self, archive: ArchiveId) -> Result<Sum, DbError>;

    /// The names of the last that came, the newest last.
    async fn latest(&mut self, archive: ArchiveId, most: i64) -> Result<Vec<String>, DbError>;

    /// Its bytes are here now.
    async fn fetched(&mut self, file: i64, blob: &str, size: i64) -> Result<(), DbError>;

    /// Takes one out; what was stored of it.
    async fn take_file(
        &mut self,
        archive: ArchiveId,
        file: i64,
    ) -> Result<Option<Option<String>>, DbError>;

    /// What is stored is not needed any more; the names stay, for people to see. Their blobs.
    async fn forget_blobs(&mut self, archive: ArchiveId) -> Result<Vec<String>, DbError>;
}

macro_rules! file_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl FileRows for $conn {
            async fn put_file(&mut self, new: &NewFile) -> Result<bool, DbError> {
                let put = diesel::insert_into(dsl::archive_files)
                    .values(new)
                    .on_conflict((dsl::archive_id, dsl::source))
                    .do_nothing();
                Ok(put.execute(self).await? > 0)
            }

            async fn files(&mut self, archive: ArchiveId) -> Result<Vec<File>, DbError> {
                let query = dsl::archive_files
                    .filter(dsl::archive_id.eq(archive.0))
                    .order(dsl::id)
                    .select(File::as_select());
                Ok(query.load(self).await?)
            }

            async fn sum(&mut self, archive: ArchiveId) -> Result<Sum, DbError> {
                let query = dsl::archive_files
                    .filter(dsl::archive_id.eq(archive.0))
                    .select((count_star(), sql::<BigInt>(SIZES)));
                let (files, bytes) = query.first(self).await?;
                Ok(Sum { files, bytes })
            }

            async fn latest(
                &mut self,
                archive: ArchiveId,
                most: i64,
            ) -> Result<Vec<String>, DbError> {
                let query = dsl::archive_files
                    .filter(dsl::archive_id.eq(archive.0))
                    .order(dsl::id.desc())
                    .limit(most)
                    .select(dsl::name);
                let mut names: Vec<String> = query.load(self).await?;
                names.reverse();
                Ok(names)
            }

            async fn fetched(&mut self, file: i64, blob: &str, size: i64) -> Result<(), DbError> {
                let change = diesel::update(dsl::archive_files.find(file))
                    .set((dsl::blob.eq(Some(blob)), dsl::size.eq(size)));
                change.execute(self).await?;
                Ok(())
            }

            async fn take_file(
                &mut self,
                archive: ArchiveId,
                file: i64,
            ) -> Result<Option<Option<String>>, DbError> {
                let mine = dsl::archive_files
                    .find(file)
                    .filter(dsl::archive_id.eq(archive.0));
                let taken: Vec<Option<String>> =
                    diesel::delete(mine).returning(dsl::blob).load(self).await?;
                Ok(taken.into_iter().next())
            }

            async fn forget_blobs(&mut self, archive: ArchiveId) -> Result<Vec<String>, DbError> {
                let mine = dsl::archive_files
                    .filter(dsl::archive_id.eq(archive.0))
                    .filter(dsl::blob.is_not_null());
                let blobs: Vec<Option<String>> = mine.select(dsl::blob).load(self).await?;
                diesel::update(mine)
                    .set(dsl::blob.eq(None::<String>))
                    .execute(self)
                    .await?;
                Ok(blobs.into_iter().flatten().collect())
            }
        }
    };
}
file_rows!(SqliteConn);
file_rows!(PgConn);
