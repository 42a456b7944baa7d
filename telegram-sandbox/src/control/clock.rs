//! `POST clock`, `GET clock`: the world's time.

use std::time::Duration;

use serde_json::json;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::world::State;

/// `{advance_ms?, stopped?}`: puts the clock forward, stops it or lets it go on. What is due by
/// then happens at once: polls close, bans end, late updates arrive. Answers as `GET clock`.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["advance_ms", "stopped"])?;
    let advance = fields::optional_id(&params, "advance_ms")?.unwrap_or(0);
    if !(0..=fields::FARTHEST_MS).contains(&advance) {
        let reason = "`advance_ms` must be 0 to ten years: the clock goes forward only";
        return Err(ControlError::bad(reason));
    }
    let mut state = context.world.lock();
    if params.has("stopped") {
        match params.flag("stopped") {
            true => state.clock.stop(),
            false => state.clock.go_on(),
        }
    }
    state
        .clock
        .advance(Duration::from_millis(advance.unsigned_abs()));
    state.settle();
    state.signals.agenda.notify_one();
    show(&state)
}

/// `{"now_ms", "stopped"}`.
pub(crate) async fn get(context: Context, _: Params) -> Outcome {
    show(&context.world.lock())
}

fn show(state: &State) -> Outcome {
    shown(&json!({
        "now_ms": state.clock.millis(),
        "stopped": state.clock.is_stopped(),
    }))
}
