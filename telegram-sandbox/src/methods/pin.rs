//! `pinChatMessage`, `unpinChatMessage`, `unpinAllChatMessages`,
//! <https://core.telegram.org/bots/api#pinchatmessage>.

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{Content, Service};
use crate::world::State;
use crate::world::chat::Chat;
use crate::world::messages::Draft;

pub(crate) fn pin(state: &mut State, params: &Params) -> Outcome {
    let message = input::message(state, params, "message to pin not found")?;
    let id = message.message_id;
    let chat = pins(state, params)?;
    let known = chat.pinned.contains(&id);
    chat.pinned.retain(|pinned| *pinned != id);
    chat.pinned.push(id);
    if !known {
        let service = Content::Service(Service::PinnedMessage(message.clone()));
        let me = state.bot.me.clone();
        state.post(message.chat.id, me, Draft::from(service))?;
    }
    Ok(Answer::TRUE)
}

/// Without `message_id`, the latest pin.
pub(crate) fn unpin(state: &mut State, params: &Params) -> Outcome {
    let chat = pins(state, params)?;
    match params.integer("message_id") {
        None => {
            chat.pinned.pop();
        }
        Some(id) => {
            if !chat.pinned.contains(&id) {
                return Err(ApiError::bad_request("message to unpin not found"));
            }
            chat.pinned.retain(|pinned| *pinned != id);
        }
    }
    Ok(Answer::TRUE)
}

pub(crate) fn unpin_all(state: &mut State, params: &Params) -> Outcome {
    pins(state, params)?.pinned.clear();
    Ok(Answer::TRUE)
}

/// The chat, if the bot may manage its pins.
fn pins<'a>(state: &'a mut State, params: &Params) -> Result<&'a mut Chat, ApiError> {
    let id = input::chat_id(state, params)?;
    let me = state.bot.me.id;
    let chat = state.visible_chat(id)?;
    if !chat.is_private() && !chat.standing(me).is_admin() {
        let reason = "not enough rights to manage pinned messages in the chat";
        return Err(ApiError::bad_request(reason));
    }
    state
        .chats
        .get_mut(&id)
        .ok_or_else(|| ApiError::bad_request("chat not found"))
}
