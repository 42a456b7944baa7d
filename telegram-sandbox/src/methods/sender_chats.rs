//! `banChatSenderChat`, `unbanChatSenderChat`,
//! <https://core.telegram.org/bots/api#banchatsenderchat>.

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::ChatKind;
use crate::world::State;
use crate::world::chat::Chat;

pub(crate) fn ban(state: &mut State, params: &Params) -> Outcome {
    let (chat, sender) = read(state, params, "can't ban chats in basic groups")?;
    chat.banned_senders.insert(sender);
    Ok(Answer::TRUE)
}

pub(crate) fn unban(state: &mut State, params: &Params) -> Outcome {
    let (chat, sender) = read(state, params, "")?;
    chat.banned_senders.remove(&sender);
    Ok(Answer::TRUE)
}

/// The chat, if the bot may restrict there, and the chat that speaks in it. Without words for a
/// basic group the call is done with there.
fn read<'a>(
    state: &'a mut State,
    params: &Params,
    basic: &str,
) -> Result<(&'a mut Chat, i64), ApiError> {
    let id = input::target(state, params)?;
    let sender = params.text("sender_chat_id").unwrap_or_default();
    if sender.is_empty() {
        return Err(ApiError::bad_request("sender_chat_id is empty"));
    }
    let sender: i64 = sender
        .parse()
        .map_err(|_| ApiError::bad_request("sender_chat_id is not a valid Integer"))?;
    let chat = state.visible_chat(id)?;
    let me = chat.standing(state.bot.me.id);
    match chat.head.kind {
        ChatKind::Private => {
            return Err(ApiError::bad_request("can't ban members in private chats"));
        }
        ChatKind::Group if !basic.is_empty() => return Err(ApiError::bad_request(basic)),
        _ => {}
    }
    if !me.may(|rights| rights.can_restrict_members) {
        let reason = "not enough rights to restrict/unrestrict chat member";
        return Err(ApiError::bad_request(reason));
    }
    match state.chats.get(&sender).map(|sender| sender.head.kind) {
        Some(ChatKind::Channel | ChatKind::Supergroup) => {}
        Some(_) => return Err(ApiError::bad_request("can't restrict the chat")),
        None => return Err(ApiError::bad_request("member not found")),
    }
    let chat = state.chats.get_mut(&id);
    let chat = chat.ok_or_else(|| ApiError::bad_request("chat not found"))?;
    Ok((chat, sender))
}
