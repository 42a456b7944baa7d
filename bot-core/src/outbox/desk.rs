//! The outbox as admins see it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::json;
use vahta_rows::outbox::OutboxState;
use vahta_rows::{Db, DbError, Micros, OutboxId, transaction, with_db};

use super::Outbox;
use crate::access::{Act, By, RecordAct as _};
use crate::storage::schema::outbox;

/// A message that waits, was sent, or failed.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outbox, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct Listed {
    pub id: i64,
    pub plugin: String,
    pub chat_id: i64,
    pub method: String,
    pub lane: i16,
    pub state: i16,
    pub due_at: i64,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub created_at: i64,
    pub sent_at: Option<i64>,
}

/// Newest first, below `before`; one more than `size` when there are more.
pub async fn list(
    db: &Db,
    state: OutboxState,
    before: Option<i64>,
    size: i64,
) -> Result<Vec<Listed>, DbError> {
    with_db!(db, c => Run::load(
        outbox::table
            .filter(outbox::state.eq(state as i16))
            .filter(outbox::id.lt(before.unwrap_or(i64::MAX)))
            .order(outbox::id.desc())
            .limit(size + 1)
            .select(Listed::as_select()),
        c,
    ).await)
}

impl Outbox {
    /// Queues every failed message again; returns how many.
    pub async fn resend(&self, by: &By) -> Result<usize, DbError> {
        self.queue_again(None, by).await
    }

    /// Queues one failed message again; false when it is not failed (any more).
    pub async fn resend_one(&self, id: OutboxId, by: &By) -> Result<bool, DbError> {
        Ok(self.queue_again(Some(id), by).await? > 0)
    }

    async fn queue_again(&self, one: Option<OutboxId>, by: &By) -> Result<usize, DbError> {
        let (from, to) = one.map_or((i64::MIN, i64::MAX), |id| (id.0, id.0));
        let count = transaction!(self.0.db, c => {
            let failed = outbox::table
                .filter(outbox::state.eq(OutboxState::Failed as i16))
                .filter(outbox::id.between(from, to));
            let queue = diesel::update(failed).set((
                outbox::state.eq(OutboxState::Queued as i16),
                outbox::attempts.eq(0),
                outbox::due_at.eq(Micros::now().0),
                outbox::owner.eq(None::<i64>),
                // A mark of the failed try that is still on its way must not end the new one.
                outbox::epoch.eq(outbox::epoch + 1),
            ));
            let count = Run::execute(queue, c).await?;
            if count > 0 {
                let object = match one {
                    Some(id) => format!("outbox:{id}"),
                    None => "outbox".to_string(),
                };
                let detail = json!({ "count": count });
                c.audit(by, &Act { action: "outbox.resend", object, detail }).await?;
            }
            Ok(count)
        })?;
        self.wake();
        Ok(count)
    }
}
