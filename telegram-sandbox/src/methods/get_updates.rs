//! `getUpdates`, <https://core.telegram.org/bots/api#getupdates>: the one method that waits.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::{Answer, Outcome};
use crate::error::ApiError;
use crate::params::Params;
use crate::server::Context;
use crate::world::queue::Queued;
use crate::world::signals;

const LONGEST_POLL: i64 = 50;
const WEBHOOK_ACTIVE: &str = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook \
     first";
const OTHER_POLLER: &str = "terminated by other getUpdates request; make sure that only one bot \
                            instance is running";

pub(crate) async fn run(context: &Context, params: &Params) -> Outcome {
    let limit = match params.integer("limit") {
        Some(limit @ 1..=100) => usize::try_from(limit).unwrap_or(100),
        _ => 100,
    };
    let timeout = params
        .integer("timeout")
        .unwrap_or(0)
        .clamp(0, LONGEST_POLL);
    let turn = begin(context, params)?;
    let patience = Duration::from_secs(timeout.unsigned_abs());
    let signals = context.world.signals.clone();
    let poll = signals::until(&signals.updates, patience, || look(context, turn, limit));
    let found = tokio::select! {
        found = poll => found,
        () = context.closing.cancelled() => None,
    };
    found.unwrap_or_else(|| Ok(Vec::new())).map(Answer::Updates)
}

/// Confirms, notes what the bot wants, and displaces whoever polls now. The number is this poll's
/// turn.
fn begin(context: &Context, params: &Params) -> Result<u64, ApiError> {
    let mut state = context.world.lock();
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

fn look(context: &Context, turn: u64, limit: usize) -> Option<Result<Vec<Arc<Queued>>, ApiError>> {
    let mut state = context.world.lock();
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
    state.bot.delivered += updates.len() as u64;
    Some(Ok(updates))
}

/// `allowed_updates`: outer `None` if not given (nothing changes), inner `None` if empty (the
/// usual kinds).
pub(crate) fn allowed_updates(
    params: &Params,
) -> Result<Option<Option<HashSet<String>>>, ApiError> {
    let kinds: Option<HashSet<String>> = params
        .object("allowed_updates")
        .map_err(|_| ApiError::bad_request("can't parse allowed_updates JSON array"))?;
    Ok(kinds.map(|kinds| Some(kinds).filter(|kinds| !kinds.is_empty())))
}
