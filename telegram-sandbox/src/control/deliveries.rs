//! `POST deliveries`, `GET deliveries`: updates that arrive twice or out of order.

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::world::queue::Mishaps;

/// `{bot?, duplicate?, swap?}`: so many of the next updates are delivered twice with the same id,
/// or, by a webhook, are overtaken by
/// the one after them. Answers what is still to come.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["bot", "duplicate", "swap"])?;
    let number = |field: &str| -> Result<u64, ControlError> {
        let given = fields::optional_id(&params, field)?.unwrap_or(0);
        let refused = |_| ControlError::bad(format!("`{field}` must not be negative"));
        u64::try_from(given).map_err(refused)
    };
    let mishaps = Mishaps {
        duplicate: number("duplicate")?,
        swap: number("swap")?,
    };
    let mut state = fields::world(&context, &params)?;
    if mishaps.swap > 0 && state.bot.webhook.is_none() {
        let reason = "`swap` needs a webhook: polls get updates in their order";
        return Err(ControlError::bad(reason));
    }
    state.bot.queue.set_mishaps(mishaps);
    state.wake_bot(state.bot.webhook.is_some());
    shown(&mishaps)
}

/// `?bot=`: what is still to come.
pub(crate) async fn get(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["bot"])?;
    let state = fields::world(&context, &params)?;
    shown(&state.bot.queue.mishaps())
}
