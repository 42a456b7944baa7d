//! `POST members`: comings and goings in groups.

use serde_json::json;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::types::{AdminRights, Standing};

/// `{chat, user, action, by?}` with action join, leave, kick, unban, promote or demote; `user`
/// may be the bot's id. `by` did it: for join and leave the user, else the chat's owner.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["chat", "user", "action", "by"])?;
    let mut state = context.world.lock();
    let chat_id = fields::chat(&state, &params)?;
    let user_id = fields::id(&params, "user")?;
    let user = state
        .user(user_id)
        .ok_or_else(|| ControlError::bad(format!("`user`: there is no person {user_id}")))?;
    let action = fields::text(&params, "action")?;
    let standing = match action.as_str() {
        "join" | "demote" => Standing::Member,
        "leave" | "unban" => Standing::Left,
        "kick" => Standing::Kicked { until_date: 0 },
        "promote" => Standing::Administrator {
            can_be_edited: false,
            rights: AdminRights::usual(),
        },
        _ => {
            let reason = "`action` must be join, leave, kick, unban, promote or demote";
            return Err(ControlError::bad(reason));
        }
    };
    let by_themselves = matches!(action.as_str(), "join" | "leave") && user_id != state.bot.me.id;
    let by = match fields::optional_id(&params, "by")? {
        Some(id) => state.user(id),
        None if by_themselves => Some(user.clone()),
        None => state.chats.get(&chat_id).and_then(|chat| {
            let mut members = chat.members.iter();
            let owner = members.find(|(_, m)| matches!(m, Standing::Creator { .. }));
            state.user(*owner?.0)
        }),
    };
    let by = by.unwrap_or_else(|| user.clone());
    if state
        .chats
        .get(&chat_id)
        .is_some_and(|chat| chat.is_private())
    {
        return Err(ControlError::bad("`chat` is private; see POST blocks"));
    }
    state.change_member(chat_id, &user, &by, standing.clone());
    let mut answer = json!(standing);
    answer["user"] = json!(user);
    shown(&answer)
}
