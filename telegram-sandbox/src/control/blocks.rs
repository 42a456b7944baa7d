//! `POST blocks`: somebody blocks the bot, or lets it in again.

use serde_json::json;

use super::{Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::types::Standing;

/// `{user, blocked, bot?}`: the bot gets `my_chat_member` and, while blocked, 403.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["user", "blocked", "bot"])?;
    let blocked = fields::flag(&params, "blocked")?;
    let mut state = fields::world(&context, &params)?;
    let user = fields::person(&state, &params, "user")?;
    if blocked {
        state.bot.blocked_by.insert(user.id);
    } else {
        state.bot.blocked_by.remove(&user.id);
    }
    let standing = match blocked {
        true => Standing::Kicked { until_date: 0 },
        false => Standing::Member,
    };
    let me = state.bot.me.clone();
    state.change_member(user.id, &me, &user, standing);
    shown(&json!({"ok": true, "user": user.id, "blocked": blocked}))
}
