//! `deleteMessage`, `deleteMessages`, <https://core.telegram.org/bots/api#deletemessage>.

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::Message;
use crate::world::State;

/// Bots may not delete what is older than this, in seconds.
const OLDEST: i64 = 48 * 3600;

pub(crate) fn one(state: &mut State, params: &Params) -> Outcome {
    let message = input::message(state, params, "message to delete not found")?;
    if !may_delete(state, &message) {
        return Err(ApiError::bad_request("message can't be deleted"));
    }
    state.delete(message.chat.id, message.message_id);
    Ok(Answer::TRUE)
}

/// Deletes what it can; the rest is skipped, as at Telegram.
pub(crate) fn many(state: &mut State, params: &Params) -> Outcome {
    let chat = input::chat_id(state, params)?;
    state.visible_chat(chat)?;
    let ids: Vec<i64> = params
        .object("message_ids")
        .ok()
        .flatten()
        .ok_or_else(|| ApiError::bad_request("message identifiers are not specified"))?;
    if ids.len() > 100 {
        return Err(ApiError::bad_request(
            "too many message identifiers specified",
        ));
    }
    for id in ids {
        let found = state.message(chat, id).cloned();
        if found.is_some_and(|message| may_delete(state, &message)) {
            state.delete(chat, id);
        }
    }
    Ok(Answer::TRUE)
}

/// In private chats everything; in groups the bot's own, and others' with the right to.
fn may_delete(state: &State, message: &Message) -> bool {
    let Some(chat) = state.chats.get(&message.chat.id) else {
        return false;
    };
    let me = state.bot.me.id;
    let own = message.from.as_ref().is_some_and(|from| from.id == me);
    let young = state.now() - message.date <= OLDEST;
    young && (own || chat.is_private() || chat.standing(me).is_admin())
}
