//! Leases that are over: whoever looks first ends their grants, on whichever instance.

use std::time::Duration;

use vahta_rows::downloads::Outcome;
use vahta_rows::{DbError, with_db};

use super::Downloads;
use super::rows::DownloadRows as _;

const POLL: Duration = Duration::from_secs(1);
/// Grants of one round; the next round goes on behind them.
const MOST: i64 = 200;

/// Looks until the future is dropped.
pub async fn keep(downloads: Downloads) {
    loop {
        if let Err(error) = round(&downloads).await {
            tracing::warn!(%error, "downloads that broke off cannot be given back just now");
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Reading first costs no writer's turn while there is nothing to do; each grant is a transaction
/// of its own, so that nobody waits for long.
async fn round(downloads: &Downloads) -> Result<(), DbError> {
    let parts = &downloads.0;
    let overdue = with_db!(parts.db, c => c.overdue(MOST).await)?;
    let (mut released, mut counted) = (0, 0);
    for found in &overdue {
        match downloads.settle(found).await? {
            Some(Outcome::Aborted) => released += 1,
            Some(Outcome::Completed) => counted += 1,
            None => {}
        }
    }
    if released + counted > 0 {
        parts.jobs.wake();
        tracing::debug!(
            released,
            counted,
            "downloads whose lease was over are ended"
        );
    }
    Ok(())
}
