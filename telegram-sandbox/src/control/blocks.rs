//! `POST blocks`: somebody blocks the bot, or lets it in again.

use serde_json::json;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::types::Standing;

/// `{user, blocked}`: the bot gets `my_chat_member` and, while blocked, 403.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["user", "blocked"])?;
    if !params.has("blocked") {
        return Err(ControlError::bad("`blocked` is missing"));
    }
    let blocked = params.flag("blocked");
    let mut state = context.world.lock();
    let user = fields::person(&state, &params, "user")?;
    if let Some(person) = state.people.get_mut(&user.id) {
        person.blocked_bot = blocked;
    }
    let standing = match blocked {
        true => Standing::Kicked { until_date: 0 },
        false => Standing::Member,
    };
    let me = state.bot.me.clone();
    state.change_member(user.id, &me, &user, standing);
    shown(&json!({"ok": true, "user": user.id, "blocked": blocked}))
}
