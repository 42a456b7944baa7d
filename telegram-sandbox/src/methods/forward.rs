//! `forwardMessage`, `copyMessage`, <https://core.telegram.org/bots/api#forwardmessage>.

use std::sync::Arc;

use serde_json::json;

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{Content, Message, Origin};
use crate::world::State;
use crate::world::messages::Draft;

pub(crate) fn forward(state: &mut State, params: &Params) -> Outcome {
    let chat = input::target(state, params)?;
    let source = source(state, params, "message to forward not found")?;
    let mut draft = Draft::from(source.content.clone());
    draft.origin = source.forward_origin.clone().or_else(|| {
        Some(Origin::User {
            date: source.date,
            sender_user: source.from.clone()?,
        })
    });
    draft.thread = params.integer("message_thread_id");
    draft.protected = params.flag("protect_content");
    let me = state.bot.me.clone();
    Ok(Answer::Message(state.post(chat, me, draft)?))
}

/// Sends the same content anew; `caption` replaces that of media. Answers a `MessageId`.
pub(crate) fn copy(state: &mut State, params: &Params) -> Outcome {
    let chat = input::target(state, params)?;
    let source = source(state, params, "message to copy not found")?;
    let mut content = source.content.clone();
    if params.has("caption")
        && let Content::Media(media) = &mut content
    {
        (media.caption, media.caption_entities) = input::caption(state, params)?;
    }
    let mut draft = Draft::from(content);
    draft.keyboard = source.reply_markup.clone();
    input::complete(state, params, chat, &mut draft)?;
    let me = state.bot.me.clone();
    let message = state.post(chat, me, draft)?;
    Ok(Answer::Json(json!({"message_id": message.message_id})))
}

fn source(state: &State, params: &Params, missing: &str) -> Result<Arc<Message>, ApiError> {
    let chat = input::chat_id_in(state, params, "from_chat_id")?;
    state.visible_chat(chat)?;
    let id = params.integer("message_id").unwrap_or(0);
    let message = state
        .message(chat, id)
        .filter(|message| !message.is_service())
        .ok_or_else(|| ApiError::bad_request(missing))?;
    if message.has_protected_content {
        return Err(ApiError::bad_request("message can't be forwarded"));
    }
    Ok(message.clone())
}
