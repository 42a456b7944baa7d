//! `approveChatJoinRequest`, `declineChatJoinRequest`,
//! <https://core.telegram.org/bots/api#approvechatjoinrequest>.

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::world::State;

pub(crate) fn approve(state: &mut State, params: &Params) -> Outcome {
    settle(state, params, true)
}

pub(crate) fn decline(state: &mut State, params: &Params) -> Outcome {
    settle(state, params, false)
}

fn settle(state: &mut State, params: &Params, let_in: bool) -> Outcome {
    input::user_id(params, "user_id")?;
    let id = input::target(state, params)?;
    let chat = state.visible_chat(id)?;
    let me = chat.standing(state.bot.me.id);
    if chat.is_private() || !me.may(|rights| rights.can_invite_users) {
        let reason = "not enough rights to manage chat join requests";
        return Err(ApiError::bad_request(reason));
    }
    let user = input::user(state, params)?;
    if chat.has(user.id) {
        return Err(ApiError::bad_request("USER_ALREADY_PARTICIPANT"));
    }
    let by = state.bot.me.clone();
    if !state.settle_request(id, &user, &by, let_in) {
        return Err(ApiError::bad_request("HIDE_REQUESTER_MISSING"));
    }
    Ok(Answer::TRUE)
}
