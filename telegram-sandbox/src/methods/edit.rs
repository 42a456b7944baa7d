//! `editMessageText`, `editMessageCaption`, `editMessageReplyMarkup`,
//! <https://core.telegram.org/bots/api#updating-messages>.

use super::{Answer, Outcome, input, keyboard};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{ChatKind, Content, InlineKeyboard, Message, Text};
use crate::world::State;

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply \
                            markup are exactly the same as a current content and reply markup of \
                            the message";

pub(crate) fn text(state: &mut State, params: &Params) -> Outcome {
    let link_preview_options = input::link_preview(params)?;
    let (text, entities) = input::text(state, params)?;
    let target = target(state, params)?;
    input::check_text(&text, "MESSAGE_TOO_LONG")?;
    if !matches!(target.message.content, Content::Text(_)) {
        return Err(ApiError::bad_request(
            "there is no text in the message to edit",
        ));
    }
    let content = Content::Text(Text {
        text,
        entities,
        link_preview_options,
    });
    target.finish(state, content)
}

pub(crate) fn caption(state: &mut State, params: &Params) -> Outcome {
    let (caption, entities) = input::caption_or(state, params, "MEDIA_CAPTION_TOO_LONG")?;
    let target = target(state, params)?;
    let refused = || ApiError::bad_request("there is no caption in the message to edit");
    let Content::Media(media) = &target.message.content else {
        return Err(refused());
    };
    if !media.attachment.has_caption() {
        return Err(refused());
    }
    let mut media = media.clone();
    media.caption = caption;
    media.caption_entities = entities;
    media.show_caption_above_media = params.flag("show_caption_above_media");
    target.finish(state, Content::Media(media))
}

pub(crate) fn reply_markup(state: &mut State, params: &Params) -> Outcome {
    let target = target(state, params)?;
    let content = target.message.content.clone();
    target.finish(state, content)
}

/// The message to edit, which is the bot's own, and the keyboard that it gets.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) message: Message,
    keyboard: Option<InlineKeyboard>,
    /// Named by `inline_message_id`: the answer is `true`.
    is_inline: bool,
}

pub(crate) fn target(state: &State, params: &Params) -> Result<Target, ApiError> {
    target_or(state, params, "message can't be edited")
}

pub(crate) fn target_or(state: &State, params: &Params, refusal: &str) -> Result<Target, ApiError> {
    let keyboard = keyboard::markup(params)?.inline()?;
    if !params.has("chat_id") && params.integer("message_id").unwrap_or(0) == 0 {
        let message = inline_message(state, params)?;
        return Ok(Target {
            message,
            keyboard,
            is_inline: true,
        });
    }
    let message = input::message(state, params, "message to edit not found")?;
    if let Some(keyboard) = &keyboard {
        keyboard::fit_inline(keyboard, message.chat.kind == ChatKind::Private)?;
    }
    let chat = state.writable_chat(message.chat.id)?;
    let standing = chat.standing(state.bot.me.id);
    let own = message.author == state.bot.me.id
        || (message.chat.kind == ChatKind::Channel && standing.may(|may| may.can_edit_messages));
    if !own || message.is_service() || message.fixed || message.forward_origin.is_some() {
        return Err(ApiError::bad_request(refusal));
    }
    Ok(Target {
        message: Message::clone(&message),
        keyboard,
        is_inline: false,
    })
}

/// The message that somebody sent by one of the bot's inline results.
fn inline_message(state: &State, params: &Params) -> Result<Message, ApiError> {
    let id = params.owned("inline_message_id").unwrap_or_default();
    if id.is_empty() {
        let reason = "message identifier is not specified";
        return Err(ApiError::bad_request(reason));
    }
    let known = state.inline.messages.get(&id);
    let of_bot = known.filter(|(_, _, bot)| *bot == state.bot.me.id);
    let message = of_bot.and_then(|(chat, message, _)| state.message(*chat, *message));
    let message = message.ok_or_else(|| ApiError::bad_request("MESSAGE_ID_INVALID"))?;
    Ok(Message::clone(message))
}

impl Target {
    /// Every edit sets the keyboard anew: without one it is gone.
    pub(crate) fn finish(mut self, state: &mut State, content: Content) -> Outcome {
        self.message.content = content;
        self.message.reply_markup = self.keyboard;
        let unchanged = state
            .message(self.message.chat.id, self.message.message_id)
            .is_some_and(|before| before.shows_the_same_as(&self.message));
        if unchanged {
            return Err(ApiError::bad_request(NOT_MODIFIED));
        }
        self.message.edit_date = Some(state.now());
        let message = state.replace(self.message);
        if message.chat.kind == ChatKind::Channel {
            state.tell_of_edit(&message);
        }
        match self.is_inline {
            true => Ok(Answer::TRUE),
            false => Ok(Answer::Message(message)),
        }
    }
}
