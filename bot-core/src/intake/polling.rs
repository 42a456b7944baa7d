//! Long polling. A batch is confirmed by the next call's higher offset, so the offset moves only
//! after the batch is on disk. Source: Bot API, `getUpdates`.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{ALLOWED_UPDATES, Intake};
use crate::health::Health;
use crate::outbound::{CallError, Client};

/// Bot API: "Values between 1-100 are accepted".
const BATCH: usize = 100;
const WAIT: Duration = Duration::from_secs(25);
/// How long a crowded dispatcher may hold up the next batch.
const PATIENCE: Duration = Duration::from_millis(200);
const SLOWEST_RETRY: Duration = Duration::from_secs(30);

/// Fetches and stores until the future is dropped; a poll under way then is given up, for it can
/// outlast the time that is left. Updates of a batch that was not acknowledged come again.
pub async fn run(client: Client, intake: Intake, health: Health) -> ! {
    let mut offset = 0;
    let mut faults = 0_u32;
    loop {
        match step(&client, &intake, offset).await {
            Ok(next) => {
                offset = next;
                faults = 0;
                health.received();
            }
            Err(error) => {
                faults += 1;
                health.intake_failed(error.to_string());
                let pause = error.pause(faults);
                tracing::warn!(%error, faults, pause_ms = pause.as_millis() as u64, "polling failed");
                tokio::time::sleep(pause).await;
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("updates cannot be stored: {0}")]
    Store(#[from] vahta_rows::DbError),
    #[error("getUpdates did not answer with a list")]
    NoList,
}

impl StepError {
    fn pause(&self, faults: u32) -> Duration {
        match self {
            Self::Call(CallError::Telegram {
                retry_after: Some(seconds),
                ..
            }) => Duration::from_secs(*seconds),
            // Another poller, or a webhook that is being taken down.
            Self::Call(CallError::Telegram { code: 409, .. }) => Duration::from_secs(2),
            _ => Duration::from_millis(200 << faults.min(7)).min(SLOWEST_RETRY),
        }
    }
}

#[derive(Deserialize)]
struct Batch<'a>(#[serde(borrow)] Vec<&'a RawValue>);

/// One poll; returns the offset that confirms it.
async fn step(client: &Client, intake: &Intake, offset: i64) -> Result<i64, StepError> {
    intake.dispatcher.room(PATIENCE).await;
    let answer = client
        .get_updates(offset, BATCH, WAIT, ALLOWED_UPDATES)
        .await?;
    let batch: Batch<'_> = serde_json::from_str(answer.get()).map_err(|_| StepError::NoList)?;
    if batch.0.is_empty() {
        return Ok(offset);
    }
    let last = intake.accept(&batch.0).await?;
    Ok(last.map_or(offset, |id| id.0 + 1))
}
