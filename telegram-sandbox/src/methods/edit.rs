//! `editMessageText`, `editMessageCaption`, `editMessageReplyMarkup`,
//! <https://core.telegram.org/bots/api#updating-messages>.

use std::sync::Arc;

use super::input::Markup;
use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{Content, Message, Text};
use crate::world::State;

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply \
                            markup are exactly the same as a current content and reply markup of \
                            the message";

pub(crate) fn text(state: &mut State, params: &Params) -> Outcome {
    let (text, entities) = input::text(state, params)?;
    input::check_length(&text, "MESSAGE_TOO_LONG")?;
    let mut message = own_message(state, params)?;
    if !matches!(message.content, Content::Text(_)) {
        return Err(ApiError::bad_request(
            "there is no text in the message to edit",
        ));
    }
    message.content = Content::Text(Text {
        text,
        entities,
        link_preview_options: params.object("link_preview_options").ok().flatten(),
    });
    finish(state, params, message)
}

pub(crate) fn caption(state: &mut State, params: &Params) -> Outcome {
    let (caption, entities) = input::caption(state, params)?;
    let mut message = own_message(state, params)?;
    let Content::Media(media) = &mut message.content else {
        return Err(ApiError::bad_request(
            "there is no caption in the message to edit",
        ));
    };
    media.caption = caption;
    media.caption_entities = entities;
    finish(state, params, message)
}

pub(crate) fn reply_markup(state: &mut State, params: &Params) -> Outcome {
    let message = own_message(state, params)?;
    finish(state, params, message)
}

/// A copy of the message to edit, which must be the bot's own.
fn own_message(state: &State, params: &Params) -> Result<Message, ApiError> {
    let message = input::message(state, params, "message to edit not found")?;
    state.writable_chat(message.chat.id)?;
    let own = message
        .from
        .as_ref()
        .is_some_and(|from| from.id == state.bot.me.id);
    if !own || message.is_service() {
        return Err(ApiError::bad_request("message can't be edited"));
    }
    Ok(Message::clone(&message))
}

/// Every edit sets the keyboard anew: without one it is gone.
fn finish(state: &mut State, params: &Params, mut message: Message) -> Outcome {
    message.reply_markup = match input::markup(params)? {
        Markup::Inline(keyboard) => Some(keyboard),
        Markup::None => None,
        Markup::Reply(_) => {
            return Err(ApiError::bad_request("inline keyboard expected"));
        }
    };
    let unchanged = state
        .message(message.chat.id, message.message_id)
        .is_some_and(|before| before.shows_the_same_as(&message));
    if unchanged {
        return Err(ApiError::bad_request(NOT_MODIFIED));
    }
    message.edit_date = Some(state.now());
    let message: Arc<Message> = state.replace(message);
    Ok(Answer::Message(message))
}
