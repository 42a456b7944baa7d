//! Parameters that many methods share, with Telegram's refusals.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::error::ApiError;
use crate::params::Params;
use crate::text::format::{Formatted, format};
use crate::text::{MOST_CAPTION, MOST_TEXT, units};
use crate::types::{ChatKind, Entity, EntityKind, InlineKeyboard, Message};
use crate::world::State;
use crate::world::messages::Draft;

/// `chat_id` as a number or as `@username` of a group or channel.
pub(crate) fn find_chat_id(state: &State, params: &Params) -> Option<i64> {
    find_chat(state, params, "chat_id")
}

fn find_chat(state: &State, params: &Params, field: &str) -> Option<i64> {
    if let Some(id) = params.integer(field) {
        return Some(id);
    }
    let name = params.text(field)?;
    let name = name.strip_prefix('@')?;
    state
        .chats
        .values()
        .filter(|chat| chat.head.kind != ChatKind::Private)
        .find(|chat| {
            let username = chat.head.username.as_deref();
            username.is_some_and(|username| username.eq_ignore_ascii_case(name))
        })
        .map(|chat| chat.head.id)
}

/// `chat_id`, of whatever chat.
pub(crate) fn chat_id(state: &State, params: &Params) -> Result<i64, ApiError> {
    chat_id_in(state, params, "chat_id")
}

pub(crate) fn chat_id_in(state: &State, params: &Params, field: &str) -> Result<i64, ApiError> {
    match params.text(field) {
        None => Err(ApiError::bad_request("chat_id is empty")),
        Some(text) if text.is_empty() => Err(ApiError::bad_request("chat_id is empty")),
        Some(_) => {
            find_chat(state, params, field).ok_or_else(|| ApiError::bad_request("chat not found"))
        }
    }
}

/// The chat to send to, if the bot may.
pub(crate) fn target(state: &State, params: &Params) -> Result<i64, ApiError> {
    let id = chat_id(state, params)?;
    state.writable_chat(id)?;
    Ok(id)
}

/// The message that `chat_id` and `message_id` name; `missing` is the refusal's reason.
pub(crate) fn message(
    state: &State,
    params: &Params,
    missing: &str,
) -> Result<Arc<Message>, ApiError> {
    let chat = chat_id(state, params)?;
    state.visible_chat(chat)?;
    let id = params
        .integer("message_id")
        .filter(|id| *id != 0)
        .ok_or_else(|| ApiError::bad_request("message identifier is not specified"))?;
    state
        .message(chat, id)
        .cloned()
        .ok_or_else(|| ApiError::bad_request(missing))
}

/// `text` with `parse_mode` or `entities`.
pub(crate) fn text(state: &State, params: &Params) -> Result<Formatted, ApiError> {
    let text = params.text("text").unwrap_or_default();
    let formatted = formatted(state, params, &text, "entities")?;
    if formatted.0.is_empty() {
        return Err(ApiError::bad_request("message text is empty"));
    }
    Ok(formatted)
}

/// Refuses a text that is too long, with the words of the method.
pub(crate) fn check_length(text: &str, refusal: &str) -> Result<(), ApiError> {
    // A byte is at least a third of a code unit: most texts need no counting.
    if text.len() > MOST_TEXT && units(text) > MOST_TEXT {
        return Err(ApiError::bad_request(refusal));
    }
    Ok(())
}

/// `caption` with `parse_mode` or `caption_entities`; an empty caption is none.
pub(crate) fn caption(
    state: &State,
    params: &Params,
) -> Result<(Option<String>, Vec<Entity>), ApiError> {
    let Some(caption) = params.text("caption") else {
        return Ok((None, Vec::new()));
    };
    let (caption, entities) = formatted(state, params, &caption, "caption_entities")?;
    if units(&caption) > MOST_CAPTION {
        return Err(ApiError::bad_request("message caption is too long"));
    }
    Ok((Some(caption).filter(|text| !text.is_empty()), entities))
}

fn formatted(
    state: &State,
    params: &Params,
    text: &str,
    entities_field: &str,
) -> Result<Formatted, ApiError> {
    let mode = params.text("parse_mode");
    let mode = mode.as_deref().filter(|mode| !mode.is_empty());
    let entities = match mode {
        Some(_) => Vec::new(),
        None => params
            .object::<Vec<Entity>>(entities_field)
            .map_err(|reason| {
                ApiError::bad_request(format!("can't parse MessageEntity: {reason}"))
            })?
            .unwrap_or_default(),
    };
    let (text, mut entities) = format(text, mode, entities)?;
    entities.retain_mut(|entity| know_mentioned(state, entity));
    Ok((text, entities))
}

/// Fills in who a `text_mention` means; mentions of strangers are dropped, as at Telegram.
fn know_mentioned(state: &State, entity: &mut Entity) -> bool {
    match &mut entity.kind {
        EntityKind::TextMention { user } => match state.user(user.id) {
            Some(known) => {
                *user = known.as_ref().into();
                true
            }
            None => false,
        },
        _ => true,
    }
}

/// What `reply_markup` asks for.
#[derive(Debug)]
pub(crate) enum Markup {
    None,
    Inline(InlineKeyboard),
    /// A reply keyboard, its removal, or a forced reply: shown by clients, not in messages.
    Reply(Value),
}

pub(crate) fn markup(params: &Params) -> Result<Markup, ApiError> {
    let refused = || ApiError::bad_request("object expected as reply markup");
    let Some(value) = params
        .object::<Value>("reply_markup")
        .map_err(|_| ApiError::bad_request("can't parse reply keyboard markup JSON object"))?
    else {
        return Ok(Markup::None);
    };
    if !value.is_object() {
        return Err(refused());
    }
    if value.get("inline_keyboard").is_some() {
        return inline(&value);
    }
    if ["keyboard", "remove_keyboard", "force_reply"]
        .iter()
        .any(|field| value.get(field).is_some())
    {
        return Ok(Markup::Reply(value));
    }
    Ok(Markup::None)
}

fn inline(value: &Value) -> Result<Markup, ApiError> {
    let keyboard = InlineKeyboard::deserialize(value).map_err(|reason| {
        ApiError::bad_request(format!("can't parse inline keyboard button: {reason}"))
    })?;
    for button in keyboard.buttons() {
        if button.text.is_empty() {
            let reason = "can't parse inline keyboard button: Field \"text\" must be non-empty";
            return Err(ApiError::bad_request(reason));
        }
        if !button.has_action() {
            let reason = "can't parse inline keyboard button: Text buttons are unallowed in the \
                          inline keyboard";
            return Err(ApiError::bad_request(reason));
        }
        if let Some(data) = &button.callback_data
            && !(1..=64).contains(&data.len())
        {
            return Err(ApiError::bad_request("BUTTON_DATA_INVALID"));
        }
        if let Some(url) = &button.url
            && !plausible_url(url)
        {
            return Err(ApiError::bad_request("BUTTON_URL_INVALID"));
        }
    }
    if keyboard.is_empty() {
        return Ok(Markup::None);
    }
    Ok(Markup::Inline(keyboard))
}

fn plausible_url(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    !rest.is_empty() && !rest.contains(char::is_whitespace)
}

/// Gives a draft the parameters that every sending method has: the keyboard, what it replies to,
/// the topic, protection. Keeps a reply keyboard with the chat.
pub(crate) fn complete(
    state: &mut State,
    params: &Params,
    chat_id: i64,
    draft: &mut Draft,
) -> Result<(), ApiError> {
    draft.reply_to = replied(state, params, chat_id)?;
    draft.thread = params.integer("message_thread_id").filter(|id| *id != 0);
    draft.protected = params.flag("protect_content");
    match markup(params)? {
        Markup::None => {}
        Markup::Inline(keyboard) => draft.keyboard = Some(keyboard),
        Markup::Reply(keyboard) => {
            if let Some(chat) = state.chats.get_mut(&chat_id) {
                let removed = keyboard.get("remove_keyboard").is_some();
                chat.reply_keyboard = (!removed).then_some(keyboard);
            }
        }
    }
    Ok(())
}

/// `ReplyParameters`, or the older `reply_to_message_id`.
fn replied(state: &State, params: &Params, chat_id: i64) -> Result<Option<Arc<Message>>, ApiError> {
    #[derive(Deserialize)]
    struct Reply {
        message_id: i64,
        #[serde(default)]
        chat_id: Option<i64>,
        #[serde(default)]
        allow_sending_without_reply: bool,
    }
    let reply = params
        .object::<Reply>("reply_parameters")
        .map_err(|_| ApiError::bad_request("can't parse reply parameters JSON object"))?
        .or_else(|| {
            let message_id = params.integer("reply_to_message_id")?;
            Some(Reply {
                message_id,
                chat_id: None,
                allow_sending_without_reply: params.flag("allow_sending_without_reply"),
            })
        });
    let Some(reply) = reply.filter(|reply| reply.message_id != 0) else {
        return Ok(None);
    };
    let found = state.message(reply.chat_id.unwrap_or(chat_id), reply.message_id);
    match found {
        Some(message) => Ok(Some(message.clone())),
        None if reply.allow_sending_without_reply => Ok(None),
        None => Err(ApiError::bad_request("message to be replied not found")),
    }
}
