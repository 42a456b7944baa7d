//! The figures that stand in tables.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::json;
use vahta_rows::jobs::JobState;
use vahta_rows::outbox::OutboxState;
use vahta_rows::{Db, DbError, Micros, transaction, with_db};

use crate::access::{Act, By, RecordAct as _};
use crate::storage::journal::UpdateState;
use crate::storage::schema::{jobs, outbox, updates};

/// Rows by state, now.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) open: i64,
    pub(super) parked: i64,
    pub(super) unparsed: i64,
    pub(super) outbox_queued: i64,
    pub(super) outbox_failed: i64,
    /// Ready, running or scheduled.
    pub(super) jobs: i64,
    pub(super) jobs_dead: i64,
}

impl Counts {
    pub(super) async fn read(db: &Db) -> Result<Self, DbError> {
        let updates_in = async |state: UpdateState| {
            with_db!(db, c => Run::first::<i64>(
                updates::table.filter(updates::state.eq(state as i16)).count(), c).await)
        };
        let outbox_in = async |state: OutboxState| {
            with_db!(db, c => Run::first::<i64>(
                outbox::table.filter(outbox::state.eq(state as i16)).count(), c).await)
        };
        let jobs_in = async |states: Vec<i16>| {
            with_db!(db, c => Run::first::<i64>(
                jobs::table.filter(jobs::state.eq_any(states.clone())).count(), c).await)
        };
        let unfinished = [JobState::Ready, JobState::Running, JobState::Scheduled];
        Ok(Self {
            open: updates_in(UpdateState::Open).await?,
            parked: updates_in(UpdateState::Parked).await?,
            unparsed: updates_in(UpdateState::Unparsed).await?,
            outbox_queued: outbox_in(OutboxState::Queued).await?,
            outbox_failed: outbox_in(OutboxState::Failed).await?,
            jobs: jobs_in(unfinished.iter().map(|state| *state as i16).collect()).await?,
            jobs_dead: jobs_in(vec![JobState::Dead as i16]).await?,
        })
    }
}

/// Queues every failed message again; returns how many.
pub(super) async fn resend(db: &Db, by: &By) -> Result<usize, DbError> {
    transaction!(db, c => {
        let failed = outbox::table.filter(outbox::state.eq(OutboxState::Failed as i16));
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
            let (object, detail) = ("outbox".to_string(), json!({ "count": count }));
            c.audit(by, &Act { action: "outbox.resend", object, detail }).await?;
        }
        Ok(count)
    })
}
