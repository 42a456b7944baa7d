//! The job runner: claims due jobs, gives them to their plugin, writes down how they ended.
//!
//! A claim is a short compare-and-set; while a job runs, its lease is this instance's heartbeat.
//! Each claim raises the row's epoch, and every end is written only at the epoch that was claimed:
//! a run that lost its lease cannot finish somebody else's.

pub mod desk;
mod rows;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use vahta_rows::jobs::Job;
use vahta_rows::{Db, DbError, InstanceId, Micros};

use crate::plugin_host::{DeliverError, Envelope, Kind, PluginHost};

const POLL: Duration = Duration::from_millis(500);
const AT_ONCE: usize = 16;

/// Wakes the runner; cheap to clone.
#[derive(Clone, Default)]
pub struct Jobs(Arc<Notify>);

impl Jobs {
    /// A job was committed: look now instead of at the next poll.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Runs jobs until the future is dropped; jobs under way then are claimed again later.
    pub async fn run(self, db: Db, plugins: PluginHost, instance: InstanceId) {
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            match self.round(&db, &plugins, instance, &slots).await {
                Ok(0) => {}
                // There may be more that is due.
                Ok(_) => continue,
                Err(error) => tracing::warn!(%error, "jobs cannot be claimed"),
            }
            tokio::select! {
                () = self.0.notified() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    async fn round(
        &self,
        db: &Db,
        plugins: &PluginHost,
        instance: InstanceId,
        slots: &Arc<Semaphore>,
    ) -> Result<usize, DbError> {
        let Ok(first) = slots.clone().acquire_owned().await else {
            return Ok(0);
        };
        drop(first);
        let room = slots.available_permits();
        let jobs = rows::claim(db, instance, room).await?;
        let count = jobs.len();
        for job in jobs {
            let Ok(slot) = slots.clone().acquire_owned().await else {
                return Ok(count);
            };
            let (db, plugins, runner) = (db.clone(), plugins.clone(), self.clone());
            tokio::spawn(async move {
                run_one(&db, &plugins, job).await;
                drop(slot);
                runner.wake();
            });
        }
        Ok(count)
    }
}

/// Delivers one job and writes its end.
async fn run_one(db: &Db, plugins: &PluginHost, job: Job) {
    let envelope = Envelope {
        now: Micros::now().0,
        correlation: format!("job:{}", job.id),
        ..Envelope::default()
    };
    let body = serde_json::to_vec(&job).unwrap_or_default();
    let result = plugins
        .deliver(&job.plugin, Kind::Job, envelope, body.into())
        .await;
    let end = match result {
        Ok(_) => rows::End::Done,
        Err(error) => failed(&job, &error),
    };
    // Until it is written the job counts as running and its unique key is taken.
    while let Err(error) = rows::finish(db, &job, &end).await {
        tracing::error!(%error, job = %job.id, "a job's end could not be written yet");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn failed(job: &Job, error: &DeliverError) -> rows::End {
    tracing::warn!(job = %job.id, plugin = %job.plugin, kind = %job.kind, %error, "a job failed");
    // A plugin that is switched off is no fault of the job: it waits without losing a try.
    if matches!(error, DeliverError::Unavailable { .. } | DeliverError::Busy) {
        return rows::End::Postponed {
            until: Micros::now().plus(Duration::from_secs(10)),
        };
    }
    if job.attempts + 1 >= job.max_attempts {
        return rows::End::Dead {
            error: error.to_string(),
        };
    }
    let exponent = u32::try_from(job.attempts.clamp(0, 12)).unwrap_or(0);
    let spread = u64::from(job.id.0.unsigned_abs() as u32 % 1_000);
    let pause = Duration::from_secs(2_u64 << exponent) + Duration::from_millis(spread);
    rows::End::Again {
        at: Micros::now().plus(pause),
        error: error.to_string(),
    }
}
