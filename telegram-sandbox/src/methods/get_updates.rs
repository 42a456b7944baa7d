//! `getUpdates`, <https://core.telegram.org/bots/api#getupdates>: the one method that waits.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{Answer, Outcome};
use crate::error::ApiError;
use crate::params::Params;
use crate::server::Context;
use crate::types::update::KINDS;
use crate::world::queue::Queued;
use crate::world::signals;

const LONGEST_POLL: i64 = 50;
const WEBHOOK_ACTIVE: &str = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook \
     first";
const OTHER_POLLER: &str = "terminated by other getUpdates request; make sure that only one bot \
                            instance is running";

pub(crate) async fn run(context: &Context, bot: i64, params: &Params) -> Outcome {
    let limit = match params.integer("limit") {
        Some(limit @ 1..=100) => usize::try_from(limit).unwrap_or(100),
        _ => 100,
    };
    let timeout = params
        .integer("timeout")
        .unwrap_or(0)
        .clamp(0, LONGEST_POLL);
    let turn = begin(context, bot, params)?;
    let patience = Duration::from_secs(timeout.unsigned_abs());
    let signals = context.world.signals.clone();
    let poll = signals::until(&signals.updates, patience, || {
        look(context, bot, turn, limit)
    });
    let found = tokio::select! {
        found = poll => found,
        () = context.closing.cancelled() => None,
    };
    found.unwrap_or_else(|| Ok(Vec::new())).map(Answer::Updates)
}

/// Confirms, notes what the bot wants, and displaces whoever polls now. The number is this poll's
/// turn.
fn begin(context: &Context, bot: i64, params: &Params) -> Result<u64, ApiError> {
    let state = context.world.lock_as(bot);
    let mut state = state.ok_or_else(ApiError::unauthorized)?;
    if state.bot.webhook.is_some() {
        return Err(ApiError::conflict(WEBHOOK_ACTIVE));
    }
    if let Some(kinds) = allowed_updates(params)? {
        state.bot.allowed_updates = kinds;
    }
    state
        .bot
        .queue
        .confirm(params.integer("offset").unwrap_or(0));
    state.bot.poller += 1;
    let turn = state.bot.poller;
    drop(state);
    context.world.signals.updates.notify_waiters();
    Ok(turn)
}

fn look(
    context: &Context,
    bot: i64,
    turn: u64,
    limit: usize,
) -> Option<Result<Vec<Arc<Queued>>, ApiError>> {
    let Some(mut state) = context.world.lock_as(bot) else {
        return Some(Err(ApiError::unauthorized()));
    };
    if state.bot.webhook.is_some() {
        return Some(Err(ApiError::conflict("terminated by setWebhook request")));
    }
    if state.bot.poller != turn {
        return Some(Err(ApiError::conflict(OTHER_POLLER)));
    }
    let updates = state.bot.queue.first(limit);
    if updates.is_empty() {
        return None;
    }
    state.probe_delivery(&updates);
    state.bot.delivered += updates.len() as u64;
    Some(Ok(updates))
}

/// `allowed_updates`: outer `None` if not given (nothing changes), inner `None` for the usual
/// kinds, which a list without any known name means too.
pub(crate) fn allowed_updates(
    params: &Params,
) -> Result<Option<Option<HashSet<String>>>, ApiError> {
    let given: Option<Value> = params
        .object("allowed_updates")
        .map_err(|_| ApiError::bad_request("can't parse allowed_updates JSON array"))?;
    let items = match &given {
        None => return Ok(None),
        Some(Value::Array(items)) => items,
        Some(_) => return Ok(None),
    };
    let names = items.iter().filter_map(Value::as_str);
    let known = names
        .map(str::to_lowercase)
        .filter(|name| KINDS.contains(&name.as_str()));
    let kinds: HashSet<String> = known.collect();
    Ok(Some(Some(kinds).filter(|kinds| !kinds.is_empty())))
}
