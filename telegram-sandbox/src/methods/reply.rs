//! `reply_parameters`, <https://core.telegram.org/bots/api#replyparameters>, and the older
//! `reply_to_message_id`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::input;
use super::json::Fields;
use crate::error::ApiError;
use crate::params::Params;
use crate::text::format;
use crate::types::{ChatKind, Message, Quote};
use crate::world::State;
use crate::world::messages::Draft;

/// What the bot wants to answer, before anybody looked for it.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    /// Missing: the chat that is written to.
    chat: Option<String>,
    message_id: i64,
    without: bool,
    quote: Option<Quote>,
}

/// Reads the parameters.
pub(crate) fn read(params: &Params) -> Result<Option<Reply>, ApiError> {
    if !params.has("reply_parameters") {
        let reply = Reply {
            message_id: params.integer("reply_to_message_id").unwrap_or(0),
            without: params.flag("allow_sending_without_reply"),
            ..Reply::default()
        };
        return Ok(Some(reply).filter(|reply| reply.message_id > 0));
    }
    let unreadable = || ApiError::bad_request("can't parse reply parameters JSON object");
    let value: Option<Value> = params
        .object("reply_parameters")
        .map_err(|_| unreadable())?;
    let Some(value) = value else {
        return Ok(None);
    };
    let fields = Fields::of(&value)
        .ok_or_else(|| ApiError::bad_request("object expected as reply parameters"))?;
    if fields.is_empty() {
        return Ok(None);
    }
    let read = || {
        Ok(Reply {
            chat: fields.text("chat_id")?,
            message_id: fields.required_integer("message_id")?,
            without: fields.flag("allow_sending_without_reply")?,
            quote: None,
        })
    };
    let mut reply = read().map_err(|fault: String| ApiError::bad_request(fault))?;
    let text = fields.any_text("quote").map_err(ApiError::bad_request)?;
    if !text.is_empty() {
        let mode = fields.any_text("quote_parse_mode");
        let mode = mode.map_err(ApiError::bad_request)?;
        let entities = fields.get("quote_entities");
        let (text, entities) = format::format(&text, &mode, entities)?;
        let position = fields.integer("quote_position");
        reply.quote = Some(Quote {
            text,
            entities,
            position: position.map_err(ApiError::bad_request)?.unwrap_or(0),
            is_manual: true,
        });
    }
    Ok(Some(reply).filter(|reply| reply.message_id > 0))
}

/// Finds what is answered and gives it to the draft.
pub(crate) fn attach(
    state: &State,
    reply: Option<Reply>,
    chat: i64,
    draft: &mut Draft,
) -> Result<(), ApiError> {
    let Some(reply) = reply else {
        return Ok(());
    };
    let source = match &reply.chat {
        Some(named) => input::find_named(state, named)
            .ok_or_else(|| ApiError::bad_request("chat not found"))?,
        None => chat,
    };
    state.visible_chat(source)?;
    let found = state.message(source, reply.message_id).cloned();
    let Some(message) = found else {
        return match reply.without {
            true => Ok(()),
            false => Err(ApiError::bad_request("message to be replied not found")),
        };
    };
    if let Some(quote) = reply.quote {
        let words = message.content.words().map_or("", |(text, _)| text);
        if !words.contains(&quote.text) {
            return Err(ApiError::bad_request("QUOTE_TEXT_INVALID"));
        }
        draft.quote = Some(quote);
    }
    if source == chat {
        draft.reply_to = Some(message);
    } else {
        if draft.quote.is_none() {
            draft.quote = message.content.words().map(|(text, entities)| Quote {
                text: text.to_owned(),
                entities: entities.to_vec(),
                position: 0,
                is_manual: false,
            });
        }
        draft.external_reply = Some(external(&message));
    }
    Ok(())
}

/// `ExternalReplyInfo`, <https://core.telegram.org/bots/api#externalreplyinfo>.
fn external(message: &Arc<Message>) -> Value {
    let mut shown = json!(message.content);
    if let Some(fields) = shown.as_object_mut() {
        for words in ["text", "entities", "caption", "caption_entities"] {
            fields.remove(words);
        }
        fields.retain(|name, _| name != "link_preview_options");
    }
    shown["origin"] = json!(super::forward::origin(message));
    if matches!(message.chat.kind, ChatKind::Supergroup | ChatKind::Channel) {
        shown["chat"] = json!(message.chat);
        shown["message_id"] = json!(message.message_id);
    }
    shown
}
