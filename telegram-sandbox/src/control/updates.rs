//! `GET updates`: every update that was queued for the bot.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::{Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::world::queue::Queued;
use crate::world::signals;

#[derive(Serialize)]
struct Updates {
    updates: Vec<Shown>,
    cursor: u64,
}

#[derive(Serialize)]
struct Shown {
    /// Unix milliseconds.
    at: i64,
    update: Arc<Queued>,
}

/// `?after=&wait=`: those after the cursor (a time, 0 for all), oldest first, of the last 10,000.
pub(crate) async fn get(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["after", "wait"])?;
    let after = fields::optional_id(&params, "after")?.unwrap_or(0);
    let wait = fields::wait(&params, Duration::ZERO)?;
    let look = || {
        let state = context.world.lock();
        let sent = state.bot.queue.recent();
        let mut sent: Vec<_> = sent
            .rev()
            .take_while(|sent| sent.at_us > after)
            .cloned()
            .collect();
        sent.reverse();
        sent
    };
    let signals = context.world.signals.clone();
    let news = signals::until(&signals.changes, wait, || {
        Some(look()).filter(|sent| !sent.is_empty())
    });
    let found = tokio::select! {
        found = news => found,
        () = context.closing.cancelled() => None,
    };
    let found = found.unwrap_or_default();
    shown(&Updates {
        cursor: found.last().map_or(after, |sent| sent.at_us).unsigned_abs(),
        updates: found
            .into_iter()
            .map(|sent| Shown {
                at: sent.at_us / 1_000,
                update: sent.update,
            })
            .collect(),
    })
}
