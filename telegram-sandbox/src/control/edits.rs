//! `POST edits`: somebody edits a message of their own.

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::text::{MOST_TEXT, tidy::tidy_plain, units};
use crate::types::{Content, Message, Text};

/// `{from, chat, message_id, text, bot?}`: the text, or the caption of media. Bots get
/// `edited_message`. Answers the `Message`.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["from", "chat", "message_id", "text", "bot"])?;
    let mut state = fields::world(&context, &params)?;
    let from = fields::person(&state, &params, "from")?;
    let chat = fields::chat(&state, &params)?;
    let id = fields::id(&params, "message_id")?;
    let (text, entities) = tidy_plain(&fields::text(&params, "text")?);
    if text.is_empty() || units(&text) > MOST_TEXT {
        return Err(ControlError::bad(
            "`text` must have 1 to 4096 UTF-16 code units",
        ));
    }
    let own = state
        .message(chat, id)
        .filter(|message| message.author == from.id && !message.is_service());
    let Some(before) = own else {
        let reason = format!(
            "`message_id`: {} has no message {id} here",
            from.full_name()
        );
        return Err(ControlError::bad(reason));
    };
    let mut message = Message::clone(before);
    match &mut message.content {
        Content::Media(media) => {
            media.caption = Some(text);
            media.caption_entities = entities;
        }
        content => {
            *content = Content::Text(Text {
                text,
                entities,
                link_preview_options: None,
            });
        }
    }
    message.edit_date = Some(state.now());
    let message = state.replace(message);
    state.tell_of_edit(&message);
    shown(&message)
}
