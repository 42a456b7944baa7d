//! `announcements` on either connection. What changes a state is a compare-and-set.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, SmallInt};
use diesel_async::RunQueryDsl as Run;
use vahta_rows::outbox::OutboxState;
use vahta_rows::{DbError, Micros, OutboxId, PgConn, SqliteConn, UserId};

use super::{Announcement, Counts, State, Target};
use crate::storage::schema::{announcement_messages, announcements};

const DRAFT: i16 = 0;
const SENT: i16 = 1;
const DROPPED: i16 = 2;

/// The outbox's table is of another crate, which diesel joins with none of ours. Both databases read
/// `$1` as the first value.
const COUNTS: &str = "SELECT state, count(*) AS count FROM outbox WHERE id IN \
    (SELECT outbox_id FROM announcement_messages WHERE announcement_id = $1) GROUP BY state";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = SmallInt)]
    state: i16,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = announcements, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub(super) struct Row {
    pub(super) id: i64,
    target: String,
    text: String,
    state: i16,
    created_by: Option<i64>,
    created_at: i64,
    sent_at: Option<i64>,
    pub(super) total: i64,
    pub(super) delivered: Option<i64>,
    failed: Option<i64>,
}

impl From<Row> for Announcement {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            // A role that nobody has, should the row not be ours.
            target: row.target.parse().unwrap_or(Target::Role(row.target)),
            text: row.text,
            state: match row.state {
                DRAFT => State::Draft,
                SENT => State::Sent,
                _ => State::Dropped,
            },
            created_by: row.created_by.map(UserId),
            created_at: Micros(row.created_at),
            sent_at: row.sent_at.map(Micros),
            counts: Counts {
                total: row.total,
                delivered: row.delivered.unwrap_or_default(),
                failed: row.failed.unwrap_or_default(),
            },
        }
    }
}

#[async_trait::async_trait]
pub(super) trait AnnouncementRows {
    async fn put_draft(
        &mut self,
        target: &str,
        text: &str,
        by: Option<UserId>,
        now: Micros,
    ) -> Result<i64, DbError>;
    /// Draft, not older than `since` → sent.
    async fn take_draft(
        &mut self,
        id: i64,
        total: i64,
        now: Micros,
        since: Micros,
    ) -> Result<bool, DbError>;
    /// Draft → dropped.
    async fn drop_draft(&mut self, id: i64) -> Result<bool, DbError>;
    async fn announcement(&mut self, id: i64) -> Result<Option<Row>, DbError>;
    async fn announcements(&mut self, before: Option<i64>, size: i64) -> Result<Vec<Row>, DbError>;
    /// Sent, and the counts are not kept yet.
    async fn unsettled(&mut self) -> Result<Vec<Row>, DbError>;
    async fn put_message(&mut self, id: i64, row: OutboxId) -> Result<(), DbError>;
    /// How many of its messages were delivered, and how many failed for good.
    async fn count_announced(&mut self, id: i64) -> Result<(i64, i64), DbError>;
    async fn keep_counts(&mut self, id: i64, delivered: i64, failed: i64) -> Result<(), DbError>;
}

macro_rules! announcement_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl AnnouncementRows for $conn {
            async fn put_draft(
                &mut self,
                target: &str,
                text: &str,
                by: Option<UserId>,
                now: Micros,
            ) -> Result<i64, DbError> {
                let insert = diesel::insert_into(announcements::table)
                    .values((
                        announcements::target.eq(target),
                        announcements::text.eq(text),
                        announcements::state.eq(DRAFT),
                        announcements::created_by.eq(by.map(|by| by.0)),
                        announcements::created_at.eq(now.0),
                        announcements::total.eq(0_i64),
                    ))
                    .returning(announcements::id);
                Ok(Run::get_result(insert, self).await?)
            }

            async fn take_draft(
                &mut self,
                id: i64,
                total: i64,
                now: Micros,
                since: Micros,
            ) -> Result<bool, DbError> {
                let draft = announcements::table
                    .find(id)
                    .filter(announcements::state.eq(DRAFT))
                    .filter(announcements::created_at.gt(since.0));
                let update = diesel::update(draft).set((
                    announcements::state.eq(SENT),
                    announcements::sent_at.eq(Some(now.0)),
                    announcements::total.eq(total),
                ));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn drop_draft(&mut self, id: i64) -> Result<bool, DbError> {
                let draft = announcements::table
                    .find(id)
                    .filter(announcements::state.eq(DRAFT));
                let update = diesel::update(draft).set(announcements::state.eq(DROPPED));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn announcement(&mut self, id: i64) -> Result<Option<Row>, DbError> {
                let one = announcements::table.find(id).select(Row::as_select());
                Ok(Run::first(one, self).await.optional()?)
            }

            async fn announcements(
                &mut self,
                before: Option<i64>,
                size: i64,
            ) -> Result<Vec<Row>, DbError> {
                let newest = announcements::table
                    .filter(announcements::id.lt(before.unwrap_or(i64::MAX)))
                    .filter(announcements::state.ne(DROPPED))
                    .order(announcements::id.desc())
                    .limit(size)
                    .select(Row::as_select());
                Ok(Run::load(newest, self).await?)
            }

            async fn unsettled(&mut self) -> Result<Vec<Row>, DbError> {
                let open = announcements::table
                    .filter(announcements::state.eq(SENT))
                    .filter(announcements::delivered.is_null())
                    .select(Row::as_select());
                Ok(Run::load(open, self).await?)
            }

            async fn put_message(&mut self, id: i64, row: OutboxId) -> Result<(), DbError> {
                let insert = diesel::insert_into(announcement_messages::table).values((
                    announcement_messages::announcement_id.eq(id),
                    announcement_messages::outbox_id.eq(row.0),
                ));
                Run::execute(insert, self).await?;
                Ok(())
            }

            async fn count_announced(&mut self, id: i64) -> Result<(i64, i64), DbError> {
                let counts = diesel::sql_query(COUNTS).bind::<BigInt, _>(id);
                let counts: Vec<Count> = Run::load(counts, self).await?;
                let of = |state: OutboxState| {
                    let found = counts.iter().find(|count| count.state == state as i16);
                    found.map_or(0, |found| found.count)
                };
                Ok((of(OutboxState::Sent), of(OutboxState::Failed)))
            }

            async fn keep_counts(
                &mut self,
                id: i64,
                delivered: i64,
                failed: i64,
            ) -> Result<(), DbError> {
                let update = diesel::update(announcements::table.find(id)).set((
                    announcements::delivered.eq(Some(delivered)),
                    announcements::failed.eq(Some(failed)),
                ));
                Run::execute(update, self).await?;
                let own = announcement_messages::table
                    .filter(announcement_messages::announcement_id.eq(id));
                Run::execute(diesel::delete(own), self).await?;
                Ok(())
            }
        }
    };
}
announcement_rows!(SqliteConn);
announcement_rows!(PgConn);
