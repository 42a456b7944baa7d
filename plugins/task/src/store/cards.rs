//! Messages that show a task.

use diesel::prelude::{Queryable, Selectable};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use vahta_plugin_sdk::rows::notices::{NoticeWay, PutNotice as _};
use vahta_plugin_sdk::rows::schema::outbox;
use vahta_plugin_sdk::rows::{DbError, Micros, NoticeId, PgConn, SqliteConn};

use super::schema::task_cards::{self, dsl};
use crate::task::TaskId;

/// A message that shows a task and is kept true.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = task_cards)]
pub struct Card {
    pub id: i64,
    pub task_id: i64,
    pub chat_id: i64,
    pub language: String,
    pub time_zone: String,
    pub dedup_key: String,
    /// None: not sent yet.
    pub message_id: Option<i64>,
    pub shown: i32,
}

impl Card {
    /// The notice that brings it, if it is one.
    pub fn notice(&self) -> Option<NoticeId> {
        notice(&self.dedup_key)
    }
}

/// A card to remember.
#[derive(Debug, Clone)]
pub struct NewCard {
    pub task: TaskId,
    pub chat: i64,
    pub language: String,
    pub time_zone: String,
    pub dedup_key: String,
    pub shown: i32,
}

/// What became of the row that brings a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    Waits,
    /// The core has not decided yet where its notice goes; it looks again then.
    Until(Micros),
    As(i64),
    /// It could not be sent, or nobody knows it any more.
    Never,
}

/// Cards on either connection. Whoever changes a task, or notes where its card is, has locked it.
#[async_trait::async_trait]
pub trait CardRows {
    /// Remembers a card; none when the same delivery did it before.
    async fn put_card(&mut self, new: &NewCard) -> Result<Option<i64>, DbError>;

    async fn card(&mut self, id: i64) -> Result<Option<Card>, DbError>;

    async fn cards(&mut self, task: TaskId) -> Result<Vec<Card>, DbError>;

    /// Where it is now.
    async fn note_card(&mut self, id: i64, message: i64) -> Result<(), DbError>;

    async fn card_shows(&mut self, id: i64, version: i32) -> Result<(), DbError>;

    async fn drop_card(&mut self, id: i64) -> Result<(), DbError>;

    /// What became of the message with this key.
    async fn sent(&mut self, dedup_key: &str) -> Result<Sent, DbError>;
}

/// The notice that brings the message with this key.
fn notice(dedup_key: &str) -> Option<NoticeId> {
    let id = dedup_key.strip_prefix("notice:")?;
    id.parse().ok().map(NoticeId)
}

macro_rules! card_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl CardRows for $conn {
            async fn put_card(&mut self, new: &NewCard) -> Result<Option<i64>, DbError> {
                let row = (
                    dsl::task_id.eq(new.task.0),
                    dsl::chat_id.eq(new.chat),
                    dsl::language.eq(&new.language),
                    dsl::time_zone.eq(&new.time_zone),
                    dsl::dedup_key.eq(&new.dedup_key),
                    dsl::shown.eq(new.shown),
                );
                Ok(diesel::insert_into(task_cards::table)
                    .values(row)
                    .on_conflict(dsl::dedup_key)
                    .do_nothing()
                    .returning(dsl::id)
                    .get_result(self)
                    .await
                    .optional()?)
            }

            async fn card(&mut self, id: i64) -> Result<Option<Card>, DbError> {
                let one = dsl::task_cards.find(id).select(Card::as_select());
                Ok(one.first(self).await.optional()?)
            }

            async fn cards(&mut self, task: TaskId) -> Result<Vec<Card>, DbError> {
                let all = dsl::task_cards
                    .filter(dsl::task_id.eq(task.0))
                    .order(dsl::id)
                    .select(Card::as_select());
                Ok(all.load(self).await?)
            }

            async fn note_card(&mut self, id: i64, message: i64) -> Result<(), DbError> {
                let one = dsl::task_cards.find(id);
                let noted = diesel::update(one).set(dsl::message_id.eq(Some(message)));
                noted.execute(self).await?;
                Ok(())
            }

            async fn card_shows(&mut self, id: i64, version: i32) -> Result<(), DbError> {
                let shown = diesel::update(dsl::task_cards.find(id)).set(dsl::shown.eq(version));
                shown.execute(self).await?;
                Ok(())
            }

            async fn drop_card(&mut self, id: i64) -> Result<(), DbError> {
                diesel::delete(dsl::task_cards.find(id))
                    .execute(self)
                    .await?;
                Ok(())
            }

            async fn sent(&mut self, dedup_key: &str) -> Result<Sent, DbError> {
                // First the notice: the row of the outbox comes with the end of its way.
                if let Some(id) = notice(dedup_key) {
                    match self.notice_way(id).await? {
                        Some(NoticeWay::Until(at)) => return Ok(Sent::Until(at)),
                        Some(NoticeWay::Kept) | None => return Ok(Sent::Never),
                        Some(NoticeWay::Sent) => {}
                    }
                }
                let row: Option<(i16, Option<i64>)> = outbox::table
                    .filter(outbox::dedup_key.eq(dedup_key))
                    .select((outbox::state, outbox::message_id))
                    .first(self)
                    .await
                    .optional()?;
                Ok(match row {
                    Some((_, Some(message))) => Sent::As(message),
                    // Queued.
                    Some((0, None)) => Sent::Waits,
                    Some(_) | None => Sent::Never,
                })
            }
        }
    };
}
card_rows!(SqliteConn);
card_rows!(PgConn);
