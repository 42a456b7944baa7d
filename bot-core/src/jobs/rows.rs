//! The job table as its runner uses it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use vahta_rows::jobs::{Job, JobState};
use vahta_rows::{Db, DbError, InstanceId, JobId, Micros, transaction, with_db};

use crate::instance;
use crate::storage::schema::jobs;

const READY: i16 = JobState::Ready as i16;
const RUNNING: i16 = JobState::Running as i16;
const SCHEDULED: i16 = JobState::Scheduled as i16;
/// Scheduled rows that one round makes ready.
const PROMOTED: i64 = 500;

/// How a run ended.
pub(super) enum End {
    Done,
    Again { at: Micros, error: String },
    Postponed { until: Micros },
    Dead { error: String },
}

type Claimed = (i64, String, String, String, i64, i32, i32, i32);

/// Makes due jobs ready, takes back those of dead instances, and claims up to `room`.
pub(super) async fn claim(db: &Db, me: InstanceId, room: usize) -> Result<Vec<Job>, DbError> {
    let now = Micros::now();
    let live = &instance::alive_with(db, me).await?;
    if !anything(db, now, live).await? {
        return Ok(Vec::new());
    }
    let room = i64::try_from(room).unwrap_or(1);
    let claimed: Vec<Claimed> = transaction!(db, c => {
        let due = jobs::table
            .filter(jobs::state.eq(SCHEDULED))
            .filter(jobs::due_at.le(now.0))
            .order(jobs::due_at)
            .limit(PROMOTED)
            .select(jobs::id);
        let due: Vec<i64> = due.load(c).await?;
        diesel::update(jobs::table.filter(jobs::id.eq_any(due)).filter(jobs::state.eq(SCHEDULED)))
            .set(jobs::state.eq(READY))
            .execute(c)
            .await?;
        diesel::update(
            jobs::table
                .filter(jobs::state.eq(RUNNING))
                .filter(jobs::owner.ne_all(live)),
        )
        .set(jobs::state.eq(READY))
        .execute(c)
        .await?;
        let next: Vec<i64> = jobs::table
            .filter(jobs::state.eq(READY))
            .order((jobs::priority.desc(), jobs::id))
            .limit(room)
            .select(jobs::id)
            .load(c)
            .await?;
        // The state is checked again: another instance may have been quicker.
        diesel::update(jobs::table.filter(jobs::id.eq_any(next)).filter(jobs::state.eq(READY)))
            .set((
                jobs::state.eq(RUNNING),
                jobs::owner.eq(Some(me.0)),
                jobs::epoch.eq(jobs::epoch + 1),
            ))
            .returning((
                jobs::id, jobs::plugin, jobs::kind, jobs::payload,
                jobs::due_at, jobs::attempts, jobs::max_attempts, jobs::epoch,
            ))
            .get_results(c)
            .await
            .map_err(DbError::from)
    })?;
    let mut jobs = Vec::with_capacity(claimed.len());
    for (id, plugin, kind, payload, due_at, attempts, max_attempts, epoch) in claimed {
        let parsed = serde_json::from_str(&payload);
        let unreadable = parsed.as_ref().err().map(ToString::to_string);
        let job = Job {
            id: JobId(id),
            plugin,
            kind,
            payload: parsed.unwrap_or_default(),
            due_at: Micros(due_at),
            attempts,
            max_attempts,
            epoch,
        };
        // One bad row of one plugin must not stop everybody's jobs.
        match unreadable {
            Some(error) => finish(db, &job, &End::Dead { error }).await?,
            None => jobs.push(job),
        }
    }
    Ok(jobs)
}

/// Reading first costs no writer's turn while there is nothing to do.
async fn anything(db: &Db, now: Micros, live: &[i64]) -> Result<bool, DbError> {
    // Three questions, for each has its own partial index and one with OR has none.
    let ready: Option<i64> = with_db!(db, c => jobs::table
        .filter(jobs::state.eq(READY))
        .select(jobs::id)
        .first(c)
        .await
        .optional())?;
    let due: Option<i64> = with_db!(db, c => jobs::table
        .filter(jobs::state.eq(SCHEDULED))
        .filter(jobs::due_at.le(now.0))
        .select(jobs::id)
        .first(c)
        .await
        .optional())?;
    let orphaned: Option<i64> = with_db!(db, c => jobs::table
        .filter(jobs::state.eq(RUNNING))
        .filter(jobs::owner.ne_all(live))
        .select(jobs::id)
        .first(c)
        .await
        .optional())?;
    Ok(ready.or(due).or(orphaned).is_some())
}

/// Writes how a run ended, if its lease still holds.
pub(super) async fn finish(db: &Db, job: &Job, end: &End) -> Result<(), DbError> {
    let (state, due_at, error, counted) = match end {
        End::Done => (JobState::Done, job.due_at, None, 1),
        End::Again { at, error } => (JobState::Scheduled, *at, Some(error), 1),
        End::Postponed { until } => (JobState::Scheduled, *until, None, 0),
        End::Dead { error } => (JobState::Dead, job.due_at, Some(error), 1),
    };
    let finished = matches!(state, JobState::Done | JobState::Dead).then(|| Micros::now().0);
    transaction!(db, c => {
        diesel::update(
            jobs::table
                .find(job.id.0)
                .filter(jobs::epoch.eq(job.epoch))
                .filter(jobs::state.eq(RUNNING)),
        )
        .set((
            jobs::state.eq(state as i16),
            jobs::due_at.eq(due_at.0),
            jobs::attempts.eq(jobs::attempts + counted),
            jobs::last_error.eq(error.map(String::as_str)),
            jobs::finished_at.eq(finished),
            jobs::owner.eq(None::<i64>),
        ))
        .execute(c)
        .await
        .map(drop)
        .map_err(DbError::from)
    })
}
