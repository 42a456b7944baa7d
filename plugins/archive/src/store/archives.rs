//! Archives, compiled once for each database.

// Not the prelude: its `RunQueryDsl` is the blocking one.
use diesel::dsl::{count_star, sql};
use diesel::sql_types::BigInt;
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use vahta_plugin_sdk::rows::{DbError, Micros, PgConn, SqliteConn};

use super::downloads::DownloadRows as _;
use super::files::FileRows as _;
use super::schema::archive_archives::dsl;
use super::schema::{archive_files, archive_requests};
use super::{ArchiveRows, Whose};
use crate::archive::{Archive, ArchiveId, Edit, NewArchive, Sum, Whole};
use crate::state::State;

/// How many of its files a card names.
const LATEST: i64 = 5;

/// PostgreSQL's sum of BIGINT is NUMERIC.
pub(super) const SIZES: &str = "CAST(COALESCE(SUM(size), 0) AS BIGINT)";

macro_rules! archive_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl ArchiveRows for $conn {
            async fn create(&mut self, new: &NewArchive) -> Result<(Archive, bool), DbError> {
                let made: Option<Archive> = diesel::insert_into(dsl::archive_archives)
                    .values(new)
                    .on_conflict((dsl::chat_id, dsl::source_message_id))
                    .do_nothing()
                    .returning(Archive::as_returning())
                    .get_result(self)
                    .await
                    .optional()?;
                if let Some(archive) = made {
                    return Ok((archive, true));
                }
                let found = dsl::archive_archives
                    .filter(dsl::chat_id.eq(new.chat_id))
                    .filter(dsl::source_message_id.eq(new.source_message_id))
                    .select(Archive::as_select())
                    .first(self)
                    .await?;
                Ok((found, false))
            }

            async fn archive(&mut self, id: ArchiveId) -> Result<Option<Archive>, DbError> {
                let query = dsl::archive_archives
                    .find(id.0)
                    .select(Archive::as_select());
                Ok(query.first(self).await.optional()?)
            }

            async fn archive_of_link(&mut self, token: &str) -> Result<Option<Archive>, DbError> {
                let query = dsl::archive_archives
                    .filter(dsl::token.eq(token))
                    .select(Archive::as_select());
                Ok(query.first(self).await.optional()?)
            }

            async fn put_request(
                &mut self,
                id: ArchiveId,
                token: &str,
                path: &str,
            ) -> Result<(), DbError> {
                let said = (
                    archive_requests::token.eq(token),
                    archive_requests::path.eq(path),
                );
                diesel::insert_into(archive_requests::table)
                    .values((archive_requests::archive_id.eq(id.0), said))
                    .on_conflict(archive_requests::archive_id)
                    .do_update()
                    .set(said)
                    .execute(self)
                    .await?;
                Ok(())
            }

            async fn request_of(&mut self, id: ArchiveId) -> Result<Option<String>, DbError> {
                let one = archive_requests::table.find(id.0);
                let token = one.select(archive_requests::token).first(self).await;
                Ok(token.optional()?)
            }

            async fn archive_of_request(
                &mut self,
                token: &str,
            ) -> Result<Option<(Archive, String)>, DbError> {
                let query = archive_requests::table
                    .filter(archive_requests::token.eq(token))
                    .select((archive_requests::archive_id, archive_requests::path));
                let found: Option<(i64, String)> = query.first(self).await.optional()?;
                let Some((id, path)) = found else {
                    return Ok(None);
                };
                let archive = self.archive(ArchiveId(id)).await?;
                Ok(archive.map(|archive| (archive, path)))
            }

            async fn drop_request(&mut self, id: ArchiveId) -> Result<(), DbError> {
                diesel::delete(archive_requests::table.find(id.0))
                    .execute(self)
                    .await?;
                Ok(())
            }

            async fn lock(&mut self, id: ArchiveId) -> Result<Option<Archive>, DbError> {
                // An update that changes nothing locks the row on both databases.
                Ok(diesel::update(dsl::archive_archives.find(id.0))
                    .set(dsl::version.eq(dsl::version))
                    .returning(Archive::as_returning())
                    .get_result(self)
                    .await
                    .optional()?)
            }

            async fn edit(
                &mut self,
                archive: &Archive,
                edit: Edit,
                at: Micros,
            ) -> Result<Archive, DbError> {
                let next = archive.version.saturating_add(1);
                Ok(diesel::update(dsl::archive_archives.find(archive.id.0))
                    .set((edit, dsl::changed_at.eq(at.0), dsl::version.eq(next)))
                    .returning(Archive::as_returning())
                    .get_result(self)
                    .await?)
            }

            async fn archives(
                &mut self,
                whose: Whose,
                before: Option<i64>,
                most: i64,
            ) -> Result<Vec<Archive>, DbError> {
                let mut query = dsl::archive_archives
                    .select(Archive::as_select())
                    .order(dsl::id.desc())
                    .limit(most)
                    .into_boxed();
                if let Whose::Of(owner) = whose {
                    query = query.filter(dsl::owner.eq(owner));
                }
                if let Some(before) = before {
                    query = query.filter(dsl::id.lt(before));
                }
                Ok(query.load(self).await?)
            }

            async fn whole(&mut self, archive: Archive) -> Result<Whole, DbError> {
                let sum = self.sum(archive.id).await?;
                let latest = self.latest(archive.id, LATEST).await?;
                let downloads = self.taken(archive.id).await?;
                Ok(Whole {
                    archive,
                    sum,
                    latest,
                    downloads,
                })
            }

            async fn held(&mut self, whose: Whose) -> Result<Sum, DbError> {
                let mut open = dsl::archive_archives
                    .filter(dsl::state.eq_any([State::Collecting, State::Building, State::Failed]))
                    .select(dsl::id)
                    .into_boxed();
                let mut zips = dsl::archive_archives
                    .filter(dsl::blob.is_not_null())
                    .select(sql::<BigInt>(SIZES))
                    .into_boxed();
                if let Whose::Of(owner) = whose {
                    open = open.filter(dsl::owner.eq(owner));
                    zips = zips.filter(dsl::owner.eq(owner));
                }
                let files = archive_files::table.filter(archive_files::archive_id.eq_any(open));
                let (files, waiting): (i64, i64) = files
                    .select((count_star(), sql::<BigInt>(SIZES)))
                    .first(self)
                    .await?;
                let built: i64 = zips.first(self).await?;
                let bytes = waiting.saturating_add(built);
                Ok(Sum { files, bytes })
            }

            async fn silent_builds(&mut self, since: Micros) -> Result<Vec<ArchiveId>, DbError> {
                let silent = dsl::archive_archives
                    .filter(dsl::state.eq(State::Building))
                    .filter(dsl::changed_at.lt(since.0))
                    .select(dsl::id);
                let ids: Vec<i64> = silent.load(self).await?;
                Ok(ids.into_iter().map(ArchiveId).collect())
            }
        }
    };
}
archive_rows!(SqliteConn);
archive_rows!(PgConn);
