//! `blob_chunks` on either connection.

use std::ops::Range;

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn};

use super::super::rows::{DEAD, STUCK};
use crate::storage::schema::blob_chunks;

const WRITING: i16 = 0;
const WHOLE: i16 = 1;
const GOING: i16 = 2;

/// A part that is whole.
#[derive(Queryable, Selectable)]
#[diesel(table_name = blob_chunks)]
pub(crate) struct Chunk {
    object: String,
    start: i64,
    size: i64,
}

impl Chunk {
    /// What of it lies in a range of the file, counted from its own begin.
    pub(super) fn within(self, range: &Range<u64>) -> (String, Range<u64>) {
        let start = u64::try_from(self.start).unwrap_or_default();
        let end = start + u64::try_from(self.size).unwrap_or_default();
        let part = range.start.max(start) - start..range.end.min(end) - start;
        (self.object, part)
    }
}

#[async_trait::async_trait]
pub(crate) trait ChunkRows {
    /// A part that somebody is about to write.
    async fn put_chunk(
        &mut self,
        object: &str,
        blob: &str,
        start: i64,
        now: Micros,
    ) -> Result<(), DbError>;
    /// Being written → whole.
    async fn end_chunk(&mut self, object: &str, size: i64) -> Result<bool, DbError>;
    /// Being written → on its way out, whoever wrote it: answers all of a file's.
    async fn take_unfinished_chunks(&mut self, blob: &str) -> Result<Vec<String>, DbError>;
    /// The same for those that have been written for longer than anybody writes: any file's.
    async fn take_dead_chunks(&mut self, now: Micros, most: i64) -> Result<Vec<String>, DbError>;
    async fn drop_chunk(&mut self, object: &str) -> Result<(), DbError>;
    /// Those that a range of a file lies in, in their order.
    async fn chunks_of(&mut self, blob: &str, range: &Range<u64>) -> Result<Vec<Chunk>, DbError>;
    /// All that the store may have of a file.
    async fn objects_of(&mut self, blob: &str) -> Result<Vec<String>, DbError>;
}

macro_rules! chunk_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl ChunkRows for $conn {
            async fn put_chunk(
                &mut self,
                object: &str,
                blob: &str,
                start: i64,
                now: Micros,
            ) -> Result<(), DbError> {
                let insert = diesel::insert_into(blob_chunks::table).values((
                    blob_chunks::object.eq(object),
                    blob_chunks::blob.eq(blob),
                    blob_chunks::start.eq(start),
                    blob_chunks::size.eq(0_i64),
                    blob_chunks::state.eq(WRITING),
                    blob_chunks::created_at.eq(now.0),
                ));
                Run::execute(insert, self).await?;
                Ok(())
            }

            async fn end_chunk(&mut self, object: &str, size: i64) -> Result<bool, DbError> {
                let mine = blob_chunks::table
                    .find(object)
                    .filter(blob_chunks::state.eq(WRITING));
                let update = diesel::update(mine)
                    .set((blob_chunks::state.eq(WHOLE), blob_chunks::size.eq(size)));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn take_unfinished_chunks(&mut self, blob: &str) -> Result<Vec<String>, DbError> {
                let left = blob_chunks::table
                    .filter(blob_chunks::blob.eq(blob))
                    .filter(blob_chunks::state.ne(WHOLE));
                let update = diesel::update(left)
                    .set(blob_chunks::state.eq(GOING))
                    .returning(blob_chunks::object);
                Ok(Run::get_results(update, self).await?)
            }

            async fn take_dead_chunks(
                &mut self,
                now: Micros,
                most: i64,
            ) -> Result<Vec<String>, DbError> {
                let dead = blob_chunks::state
                    .eq(WRITING)
                    .and(blob_chunks::created_at.lt(now.minus(DEAD).0));
                let stuck = blob_chunks::state
                    .eq(GOING)
                    .and(blob_chunks::created_at.lt(now.minus(STUCK).0));
                let find = blob_chunks::table
                    .filter(dead.or(stuck))
                    .order(blob_chunks::object)
                    .limit(most)
                    .select(blob_chunks::object);
                let found: Vec<String> = Run::load(find, self).await?;
                let left = blob_chunks::table
                    .filter(blob_chunks::object.eq_any(found))
                    // One may have become whole since it was read.
                    .filter(blob_chunks::state.ne(WHOLE));
                let update = diesel::update(left)
                    .set(blob_chunks::state.eq(GOING))
                    .returning(blob_chunks::object);
                Ok(Run::get_results(update, self).await?)
            }

            async fn drop_chunk(&mut self, object: &str) -> Result<(), DbError> {
                let row = blob_chunks::table
                    .find(object)
                    .filter(blob_chunks::state.eq(GOING));
                Run::execute(diesel::delete(row), self).await?;
                Ok(())
            }

            async fn chunks_of(
                &mut self,
                blob: &str,
                range: &Range<u64>,
            ) -> Result<Vec<Chunk>, DbError> {
                let start = i64::try_from(range.start).unwrap_or(i64::MAX);
                let end = i64::try_from(range.end).unwrap_or(i64::MAX);
                let find = blob_chunks::table
                    .filter(blob_chunks::blob.eq(blob))
                    .filter(blob_chunks::state.eq(WHOLE))
                    .filter(blob_chunks::start.lt(end))
                    .filter((blob_chunks::start + blob_chunks::size).gt(start))
                    .order(blob_chunks::start)
                    .select(Chunk::as_select());
                Ok(Run::load(find, self).await?)
            }

            async fn objects_of(&mut self, blob: &str) -> Result<Vec<String>, DbError> {
                let find = blob_chunks::table
                    .filter(blob_chunks::blob.eq(blob))
                    .select(blob_chunks::object);
                Ok(Run::load(find, self).await?)
            }
        }
    };
}
chunk_rows!(SqliteConn);
chunk_rows!(PgConn);
