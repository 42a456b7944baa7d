//! How much of everything stands in tables: for `/status` and the dashboard.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::jobs::JobState;
use vahta_rows::outbox::OutboxState;
use vahta_rows::{Db, DbError, with_db};

use crate::storage::journal::UpdateState;
use crate::storage::schema::{jobs, outbox, updates};

/// Rows by state, now.
#[derive(Debug, Default)]
pub struct Counts {
    pub open: i64,
    pub parked: i64,
    pub unparsed: i64,
    pub outbox_queued: i64,
    pub outbox_failed: i64,
    /// Ready, running or scheduled.
    pub jobs: i64,
    pub jobs_dead: i64,
}

impl Counts {
    pub async fn read(db: &Db) -> Result<Self, DbError> {
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
