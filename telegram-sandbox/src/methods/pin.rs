//! `pinChatMessage`, `unpinChatMessage`, `unpinAllChatMessages`,
//! <https://core.telegram.org/bots/api#pinchatmessage>.

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::ChatKind;
use crate::world::State;
use crate::world::chat::Chat;

pub(crate) fn pin(state: &mut State, params: &Params) -> Outcome {
    let message = input::message(state, params, "message to pin not found")?;
    pins(state, params)?;
    let me = state.bot.me.clone();
    state.pin(&message, me)?;
    Ok(Answer::TRUE)
}

/// Without `message_id`, the latest pin.
pub(crate) fn unpin(state: &mut State, params: &Params) -> Outcome {
    let missing = "message to unpin not found";
    let named = params.integer("message_id").filter(|id| *id != 0);
    if named.is_some() {
        input::message(state, params, missing)?;
    }
    let chat = pins(state, params)?;
    let id = named.or_else(|| chat.pinned.iter().max().copied());
    let id = id.ok_or_else(|| ApiError::bad_request(missing))?;
    chat.pinned.retain(|pinned| *pinned != id);
    state.signals.changes.notify_waiters();
    Ok(Answer::TRUE)
}

pub(crate) fn unpin_all(state: &mut State, params: &Params) -> Outcome {
    pins(state, params)?.pinned.clear();
    Ok(Answer::TRUE)
}

/// The chat, if the bot may manage its pins.
fn pins<'a>(state: &'a mut State, params: &Params) -> Result<&'a mut Chat, ApiError> {
    let id = input::target(state, params)?;
    let me = state.bot.me.id;
    let chat = state.visible_chat(id)?;
    let standing = chat.standing(me);
    let may = match (chat.head.kind, &standing) {
        (ChatKind::Private, _) => true,
        (ChatKind::Channel, standing) => standing.may(|rights| rights.can_edit_messages),
        (_, standing) => standing.may(|rights| rights.can_pin_messages),
    };
    if !may {
        let reason = "not enough rights to manage pinned messages in the chat";
        return Err(ApiError::bad_request(reason));
    }
    state
        .chats
        .get_mut(&id)
        .ok_or_else(|| ApiError::bad_request("chat not found"))
}
