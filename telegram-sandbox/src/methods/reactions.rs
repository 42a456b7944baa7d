//! `setMessageReaction`, <https://core.telegram.org/bots/api#setmessagereaction>.

use serde_json::Value;

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::world::State;

/// Bots may set one reaction on a message; an empty list takes it away.
pub(crate) fn set(state: &mut State, params: &Params) -> Outcome {
    let message = input::message(state, params, "message to react not found")?;
    let reactions: Vec<Value> = params
        .object("reaction")
        .map_err(|_| ApiError::bad_request("can't parse reaction types JSON array"))?
        .unwrap_or_default();
    if reactions.len() > 1 {
        return Err(ApiError::bad_request("REACTIONS_TOO_MANY"));
    }
    if reactions
        .iter()
        .any(|reaction| reaction.get("type").is_none())
    {
        return Err(ApiError::bad_request("REACTION_INVALID"));
    }
    state.react(
        message.chat.id,
        message.message_id,
        state.bot.me.id,
        reactions,
    );
    Ok(Answer::TRUE)
}
