//! The end of a grant: complete or given back, with the count and the owner's job in one
//! transaction.

use vahta_rows::downloads::{DownloadState, Outcome};
use vahta_rows::jobs::PutJob;
use vahta_rows::{DbError, DownloadId, transaction};

use super::Downloads;
use super::rows::{DownloadRows, Overdue};

/// Ends a live grant, whose rule the caller holds; false when it is over already.
pub(super) async fn end<C: DownloadRows + PutJob + Send>(
    c: &mut C,
    id: DownloadId,
    (plugin, key): (&str, &str),
    outcome: Outcome,
) -> Result<bool, DbError> {
    let is_complete = outcome == Outcome::Completed;
    let state = match outcome {
        Outcome::Completed => DownloadState::Committed,
        Outcome::Aborted => DownloadState::Released,
    };
    let Some(ended) = c.end(id, state).await? else {
        return Ok(false);
    };
    c.count(plugin, key, is_complete).await?;
    c.put_job(&ended.job(outcome)?).await?;
    Ok(true)
}

impl Downloads {
    /// Gives a grant back that cannot be used any more.
    pub(super) async fn give_back(
        &self,
        id: DownloadId,
        plugin: &str,
        key: &str,
    ) -> Result<(), DbError> {
        transaction!(self.0.db, c => {
            c.lock_rule(plugin, key).await?;
            end(c, id, (plugin, key), Outcome::Aborted).await
        })?;
        self.0.jobs.wake();
        Ok(())
    }

    /// Ends a grant whose lease is over: given back, unless somebody may have the whole file. None
    /// when it is not as it was found.
    pub(super) async fn settle(&self, found: &Overdue) -> Result<Option<Outcome>, DbError> {
        let id = DownloadId(found.id);
        let rule = (found.plugin.as_str(), found.key.as_str());
        transaction!(self.0.db, c => {
            c.lock_rule(rule.0, rule.1).await?;
            let Some((size, held)) = c.lock_overdue(found).await? else {
                return Ok(None);
            };
            let outcome = match held.coverage.may_be_whole(size) && held.epoch > 0 {
                true => Outcome::Completed,
                false => Outcome::Aborted,
            };
            let is_ended = end(c, id, rule, outcome).await?;
            Ok(is_ended.then_some(outcome))
        })
    }
}
