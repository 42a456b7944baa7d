//! Time goes by: archives expire, downloads end, and what nobody finishes goes.

use serde_json::json;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::downloads::{Download as Told, Outcome};
use vahta_plugin_sdk::rows::jobs::NewJob;
use vahta_plugin_sdk::rows::{Micros, with_db};
use vahta_plugin_sdk::transaction;

use super::{CHANGED, Work, about};
use crate::Archives;
use crate::archive::{ArchiveId, Download};
use crate::state::State;
use crate::store::ArchiveRows as _;
use crate::store::downloads::DownloadRows as _;
use crate::store::tries::TryRows as _;

pub(crate) const EXPIRE: &str = "archive.expire";
pub(crate) const SWEEP: &str = "archive.sweep";

/// Downloads that have begun may end: the bytes go after so long.
const GRACE: i64 = 6 * 3_600_000_000;
/// A build that says nothing for so long died with its process.
const SILENT: i64 = 15 * 60_000_000;
const SWEEP_EVERY: i64 = 10 * 60_000_000;

/// Its time may be over: the row says.
pub(crate) async fn expire(archives: &Archives, ctx: &Ctx, job: &Job) -> Result<(), Error> {
    let id = about(job)?;
    let work = Work::own(archives, ctx);
    transaction!(ctx, |c, effects| {
        let Some(archive) = c.lock(id).await?.filter(|it| it.state == State::Ready) else {
            return Ok(());
        };
        let Some(expires_at) = archive.expires_at else {
            return Ok(());
        };
        // By the rule nothing new is granted from then on; this is about the bytes.
        let goes_at = expires_at.saturating_add(GRACE);
        let next = if work.at.0 < expires_at {
            expires_at
        } else {
            goes_at
        };
        if work.at.0 < next {
            let again = NewJob {
                // The one that runs now still has the usual key.
                unique_key: Some(format!("{EXPIRE}:{id}:{next}")),
                ..work.job(EXPIRE, id, Some(Micros(next)))
            };
            effects.job(c, &again).await?;
            return work.trace(&mut effects, c, &archive, CHANGED).await;
        }
        work.end(c, &mut effects, id, State::Expired, "archive.expired")
            .await
            .map(drop)
    })
}

/// The core says how a download ended.
pub(crate) async fn downloaded(archives: &Archives, ctx: &Ctx, job: Job) -> Result<(), Error> {
    let told: Told = serde_json::from_value(job.payload)?;
    let id = told.key.strip_prefix("archive:");
    let Some(id) = id.and_then(|id| id.parse().ok()).map(ArchiveId) else {
        return Err(Error::other("a download of no archive"));
    };
    let (Some(started_at), Some(address)) = (told.started_at, told.address) else {
        // Nobody came with the grant: nothing was downloaded.
        return Ok(());
    };
    let download = Download {
        archive_id: id.0,
        grant_id: told.grant.0,
        address,
        agent: told.agent.unwrap_or_default(),
        referer: told.meta["referer"].as_str().unwrap_or_default().to_owned(),
        bytes: told.bytes,
        is_whole: told.outcome == Outcome::Completed,
        started_at: started_at.0,
        ended_at: told.ended_at.0,
    };
    let work = Work::own(archives, ctx);
    transaction!(ctx, |c, effects| {
        if !c.put_download(&download).await? {
            return Ok(());
        }
        let Some(archive) = c.archive(id).await? else {
            return Ok(());
        };
        let event = archive.event("archive.downloaded");
        effects.event(c, &event).await?;
        work.show_soon(&mut effects, c, &archive).await
    })
}

/// What died is said to have failed, and old tries are forgotten.
pub(crate) async fn sweep(archives: &Archives, ctx: &Ctx) -> Result<(), Error> {
    let work = Work::own(archives, ctx);
    let db = ctx.db()?;
    let since = Micros(work.at.0.saturating_sub(SILENT));
    for id in with_db!(db, c => c.silent_builds(since).await)? {
        work.fail(id, "interrupted", None).await?;
    }
    let plugin = ctx.host().plugin();
    transaction!(ctx, |c, effects| {
        c.forget_tries(work.at).await?;
        effects.job(c, &next_sweep(plugin, work.at)).await
    })?;
    Ok(())
}

/// One at a time, wherever it runs.
pub(crate) fn next_sweep(plugin: &str, now: Micros) -> NewJob {
    let turn = now.0 / SWEEP_EVERY + 1;
    NewJob {
        plugin: plugin.to_owned(),
        kind: SWEEP.to_owned(),
        payload: json!({}),
        unique_key: Some(format!("{SWEEP}:{turn}")),
        priority: 0,
        due_at: Some(Micros(turn.saturating_mul(SWEEP_EVERY))),
        max_attempts: 3,
    }
}
