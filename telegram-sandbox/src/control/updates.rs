//! `GET updates`: every update that was queued for a bot.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::{Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::world::queue::{Queued, Sent};
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
    /// For whom.
    bot: i64,
    update: Arc<Queued>,
}

/// `?after=&wait=&bot=`: those after the cursor (a time, 0 for all), oldest first, of the last 10,000
/// of each bot; of one bot or all.
pub(crate) async fn get(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["after", "wait", "bot"])?;
    let after = fields::optional_id(&params, "after")?.unwrap_or(0);
    let wait = fields::wait(&params, Duration::ZERO)?;
    let bot = fields::optional_id(&params, "bot")?;
    let look = || {
        let state = context.world.lock();
        let bots = state
            .bots()
            .filter(|one| bot.is_none_or(|bot| one.me.id == bot));
        let mut sent: Vec<(i64, Sent)> = bots
            .flat_map(|one| {
                let recent = one.queue.recent().rev();
                let new = recent.take_while(|sent| sent.at_us > after);
                new.map(|sent| (one.me.id, sent.clone()))
            })
            .collect();
        sent.sort_by_key(|(_, sent)| sent.at_us);
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
        cursor: found
            .last()
            .map_or(after, |(_, sent)| sent.at_us)
            .unsigned_abs(),
        updates: found
            .into_iter()
            .map(|(bot, sent)| Shown {
                at: sent.at_us / 1_000,
                bot,
                update: sent.update,
            })
            .collect(),
    })
}
