//! `GET calls`: every Bot API call received.

use std::time::Duration;

use serde::Serialize;

use super::{Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::world::calls::{Call, ShownCall};
use crate::world::signals;

#[derive(Serialize)]
struct Calls {
    calls: Vec<ShownCall>,
    cursor: u64,
}

/// `?method=&bot=&after=&wait=`: calls after the cursor, oldest first, of one method and bot or
/// all; waits until there is one. `status` 0 is a call that got no answer.
pub(crate) async fn get(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["method", "bot", "after", "wait"])?;
    let after = fields::after(&params)?;
    let wait = fields::wait(&params, Duration::ZERO)?;
    let method = params.owned("method").filter(|method| !method.is_empty());
    let bot = fields::optional_id(&params, "bot")?;
    let look = || {
        let state = context.world.lock();
        let mut calls = state.calls.after(after, method.as_deref());
        calls.retain(|call| bot.is_none_or(|bot| call.bot == bot));
        (calls, state.calls.last_id())
    };
    let signals = context.world.signals.clone();
    let news = signals::until(&signals.calls, wait, || {
        Some(look()).filter(|(calls, _)| !calls.is_empty())
    });
    let found = tokio::select! {
        found = news => found,
        () = context.closing.cancelled() => None,
    };
    let (calls, cursor) = found.unwrap_or_else(look);
    let calls = calls.into_iter().map(Call::show).collect();
    shown(&Calls { calls, cursor })
}
