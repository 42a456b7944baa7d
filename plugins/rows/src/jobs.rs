//! Work to do later, written in the caller's transaction; the core's runner delivers it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema::jobs;
use crate::{DbError, JobId, Micros, PgConn, SqliteConn};

/// `jobs.state`. What is not due yet is `Scheduled`, outside the index that claims read: a million
/// future rows must not slow the due ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum JobState {
    Ready = 0,
    Running = 1,
    Done = 2,
    Dead = 3,
    Cancelled = 4,
    Scheduled = 5,
}

/// A job to write.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewJob {
    /// Whose `job` handler runs it.
    pub plugin: String,
    /// Which of the plugin's jobs, as its manifest names it.
    pub kind: String,
    pub payload: Value,
    /// While a job with this key is unfinished, writing it again writes nothing.
    pub unique_key: Option<String>,
    /// Higher runs first.
    pub priority: i16,
    /// Not before this instant; `None` is at once.
    pub due_at: Option<Micros>,
    pub max_attempts: i32,
}

/// A job as its handler sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    pub id: JobId,
    pub plugin: String,
    pub kind: String,
    pub payload: Value,
    pub due_at: Micros,
    /// How often it ran before this time.
    pub attempts: i32,
    pub max_attempts: i32,
    /// Grows with each claim; an effect that checks it cannot come from a run that lost its lease.
    pub epoch: i32,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = jobs)]
struct NewRow {
    plugin: String,
    kind: String,
    payload: String,
    unique_key: Option<String>,
    priority: i16,
    state: i16,
    due_at: i64,
    attempts: i32,
    max_attempts: i32,
    epoch: i32,
    created_at: i64,
}

impl NewRow {
    fn of(job: &NewJob) -> Result<Self, DbError> {
        let now = Micros::now();
        let due_at = job.due_at.unwrap_or(now);
        let state = if due_at > now {
            JobState::Scheduled
        } else {
            JobState::Ready
        };
        Ok(Self {
            plugin: job.plugin.clone(),
            kind: job.kind.clone(),
            payload: serde_json::to_string(&job.payload)?,
            unique_key: job.unique_key.clone(),
            priority: job.priority,
            state: state as i16,
            due_at: due_at.0,
            attempts: 0,
            max_attempts: job.max_attempts,
            epoch: 0,
            created_at: now.0,
        })
    }
}

/// Writing jobs on either connection; used inside [`transaction!`](crate::transaction).
#[async_trait::async_trait]
pub trait PutJob {
    /// Writes the job, or `None` when an unfinished one has its unique key.
    async fn put_job(&mut self, job: &NewJob) -> Result<Option<JobId>, DbError>;
}

macro_rules! put_job {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl PutJob for $conn {
            async fn put_job(&mut self, job: &NewJob) -> Result<Option<JobId>, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                // No conflict target: the unique index is partial (unfinished rows only).
                let id: Option<i64> = diesel::insert_into(jobs::table)
                    .values(NewRow::of(job)?)
                    .on_conflict_do_nothing()
                    .returning(jobs::id)
                    .get_result(self)
                    .await
                    .optional()?;
                Ok(id.map(JobId))
            }
        }
    };
}
put_job!(SqliteConn);
put_job!(PgConn);
