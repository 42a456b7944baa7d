//! `POST votes`: somebody votes in a poll.

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;

/// `{from, chat, message_id, options, bot?}`: the places of the options, none of them takes the
/// vote back. The poll's bot gets `poll_answer` (if the poll is not anonymous) and `poll`. Answers
/// the `Poll`.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["from", "chat", "message_id", "options", "bot"])?;
    let choice: Vec<usize> = params
        .object("options")
        .map_err(|_| ControlError::bad("`options` must be an array of places, from 0"))?
        .unwrap_or_default();
    let mut state = fields::world(&context, &params)?;
    let from = fields::person(&state, &params, "from")?;
    let chat = fields::chat(&state, &params)?;
    let id = fields::id(&params, "message_id")?;
    if !state.chats.get(&chat).is_some_and(|chat| chat.has(from.id)) {
        return Err(ControlError::bad("`from` is not in `chat`"));
    }
    match state.vote(chat, id, &from, choice) {
        Ok(poll) => shown(&poll),
        Err(reason) => Err(ControlError::bad(reason)),
    }
}
