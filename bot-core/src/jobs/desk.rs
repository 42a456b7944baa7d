//! Jobs as admins see them.

use diesel::prelude::*;
use diesel::result::DatabaseErrorKind::UniqueViolation;
use diesel::result::Error::DatabaseError;
use diesel_async::RunQueryDsl as Run;
use serde_json::json;
use vahta_rows::jobs::JobState;
use vahta_rows::{Db, DbError, JobId, Micros, transaction, with_db};

use super::Jobs;
use crate::access::{Act, By, RecordAct as _};
use crate::storage::schema::jobs;

/// A job, without its payload: that is its plugin's.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub struct Listed {
    pub id: i64,
    pub plugin: String,
    pub kind: String,
    pub state: i16,
    pub due_at: i64,
    pub attempts: i32,
    pub max_attempts: i32,
    pub last_error: Option<String>,
    pub created_at: i64,
    pub finished_at: Option<i64>,
}

/// Which jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Ready, running or scheduled, the next one first.
    Open,
    /// Given up after too many tries.
    Dead,
    /// Done or cancelled.
    Finished,
}

impl Which {
    fn states(self) -> Vec<i16> {
        let states: &[JobState] = match self {
            Self::Open => &[JobState::Ready, JobState::Running, JobState::Scheduled],
            Self::Dead => &[JobState::Dead],
            Self::Finished => &[JobState::Done, JobState::Cancelled],
        };
        states.iter().map(|state| *state as i16).collect()
    }
}

/// Page `page` (from 0); one more than `size` when there are more.
pub async fn list(db: &Db, which: Which, page: u32, size: i64) -> Result<Vec<Listed>, DbError> {
    let (states, offset) = (which.states(), i64::from(page) * size);
    if which == Which::Open {
        return with_db!(db, c => Run::load(
            jobs::table
                .filter(jobs::state.eq_any(&states))
                .order((jobs::due_at, jobs::id))
                .offset(offset)
                .limit(size + 1)
                .select(Listed::as_select()),
            c,
        ).await);
    }
    with_db!(db, c => Run::load(
        jobs::table
            .filter(jobs::state.eq_any(&states))
            .order(jobs::id.desc())
            .offset(offset)
            .limit(size + 1)
            .select(Listed::as_select()),
        c,
    ).await)
}

impl Jobs {
    /// Makes a waiting or dead job ready; false when it runs or is over.
    pub async fn run_now(&self, db: &Db, id: JobId, by: &By) -> Result<bool, DbError> {
        let from = [JobState::Scheduled, JobState::Dead];
        let changed = change(db, id, &from, JobState::Ready, "job.run", by).await?;
        self.wake();
        Ok(changed)
    }

    /// Takes a job that does not run yet out; false when it runs or is over.
    pub async fn cancel(&self, db: &Db, id: JobId, by: &By) -> Result<bool, DbError> {
        let from = [JobState::Ready, JobState::Scheduled, JobState::Dead];
        change(db, id, &from, JobState::Cancelled, "job.cancel", by).await
    }
}

/// By compare-and-set: the runner may be quicker.
async fn change(
    db: &Db,
    id: JobId,
    from: &[JobState],
    to: JobState,
    action: &'static str,
    by: &By,
) -> Result<bool, DbError> {
    let from: Vec<i16> = from.iter().map(|state| *state as i16).collect();
    let now = Micros::now().0;
    let finished = (to == JobState::Cancelled).then_some(now);
    let changed = transaction!(db, c => {
        let job = jobs::table.find(id.0).filter(jobs::state.eq_any(&from));
        let update = diesel::update(job).set((
            jobs::state.eq(to as i16),
            jobs::finished_at.eq(finished),
            // A dead job gets all its tries again.
            jobs::attempts.eq(0),
        ));
        let changed = Run::execute(update, c).await? > 0;
        if changed {
            let act = Act { action, object: format!("job:{id}"), detail: json!({}) };
            c.audit(by, &act).await?;
        }
        Ok(changed)
    });
    match changed {
        // Another job with its unique key waits already: this one stays as it is.
        Err(DbError::Query(DatabaseError(UniqueViolation, _))) => Ok(false),
        changed => changed,
    }
}
