//! Parameters that many methods share, with Telegram's refusals.

use std::sync::Arc;

use serde_json::Value;

use super::json::Fields;
use super::keyboard::{self, Markup};
use super::reply::{self, Reply};
use crate::error::ApiError;
use crate::params::Params;
use crate::text::format::{Formatted, format};
use crate::text::{MOST_CAPTION, MOST_ENTITIES, MOST_TEXT, units};
use crate::types::{ChatKind, Entity, EntityKind, Message, Permissions, Standing, User};
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
    find_named(state, &params.text(field)?)
}

/// A chat by the text of its id or by `@username`.
pub(crate) fn find_named(state: &State, named: &str) -> Option<i64> {
    let Some(name) = named.strip_prefix('@') else {
        return named.trim().parse().ok();
    };
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
    match params.text("chat_id") {
        Some(text) if !text.is_empty() => find_chat(state, params, "chat_id")
            .ok_or_else(|| ApiError::bad_request("chat not found")),
        _ => Err(ApiError::bad_request("chat_id is empty")),
    }
}

/// A chat that another parameter must name.
pub(crate) fn required_chat(state: &State, params: &Params, field: &str) -> Result<i64, ApiError> {
    required_text(params, field)?;
    find_chat(state, params, field).ok_or_else(|| ApiError::bad_request("chat not found"))
}

pub(crate) fn required_text(params: &Params, field: &str) -> Result<String, ApiError> {
    let given = params.owned(field).filter(|text| !text.is_empty());
    given.ok_or_else(|| ApiError::bad_request(format!("parameter \"{field}\" is required")))
}

/// A whole number held to a range, as Telegram holds it.
pub(crate) fn integer(params: &Params, field: &str, usual: i64, least: i64, most: i64) -> i64 {
    params.integer(field).unwrap_or(usual).clamp(least, most)
}

/// `user_id`, or another field, of whatever person.
pub(crate) fn user_id(params: &Params, field: &str) -> Result<i64, ApiError> {
    let given = params.integer(field).filter(|id| *id > 0);
    given.ok_or_else(|| ApiError::bad_request(format!("invalid {field} specified")))
}

/// The person (or bot) that `user_id` names.
pub(crate) fn user(state: &State, params: &Params) -> Result<Arc<User>, ApiError> {
    let id = user_id(params, "user_id")?;
    let known = state.user(id);
    known.ok_or_else(|| ApiError::bad_request("PARTICIPANT_ID_INVALID"))
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
    let id = params.integer("message_id").unwrap_or(0);
    state
        .message(chat, id)
        .cloned()
        .ok_or_else(|| ApiError::bad_request(missing))
}

/// `message_ids`: 1 to 100 of them.
pub(crate) fn message_ids(params: &Params) -> Result<Vec<i64>, ApiError> {
    let unreadable = || ApiError::bad_request("can't parse message_ids JSON object");
    let value: Option<Value> = params.object("message_ids").map_err(|_| unreadable())?;
    let Some(value) = value else {
        let reason = "message identifiers are not specified";
        return Err(ApiError::bad_request(reason));
    };
    let items = value
        .as_array()
        .ok_or_else(|| ApiError::bad_request("expected an Array of message identifiers"))?;
    if items.len() > 100 {
        let reason = "too many message identifiers specified";
        return Err(ApiError::bad_request(reason));
    }
    let mut ids = Vec::with_capacity(items.len());
    for item in items {
        let id = match item {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => return Err(ApiError::bad_request("message identifier must be a Number")),
        };
        let id =
            id.ok_or_else(|| ApiError::bad_request("can't parse message identifier as Number"))?;
        if id <= 0 {
            let reason = "invalid message identifier specified";
            return Err(ApiError::bad_request(reason));
        }
        ids.push(id);
    }
    if ids.is_empty() {
        let reason = "message identifiers are not specified";
        return Err(ApiError::bad_request(reason));
    }
    Ok(ids)
}

/// `text` with `parse_mode` or `entities`. Whether anything is left of it, and how long it is, is
/// looked at after the chat: see [`check_text`].
pub(crate) fn text(state: &State, params: &Params) -> Result<Formatted, ApiError> {
    let text = params.text("text").unwrap_or_default();
    if text.is_empty() {
        return Err(ApiError::bad_request("message text is empty"));
    }
    formatted(state, params, &text, "entities")
}

/// Refuses a text of nothing, and one that is too long with the words of the method.
pub(crate) fn check_text(text: &str, refusal: &str) -> Result<(), ApiError> {
    if text.is_empty() {
        return Err(ApiError::bad_request("text must be non-empty"));
    }
    // A byte is at least a third of a code unit: most texts need no counting.
    if text.len() > MOST_TEXT && units(text) > MOST_TEXT {
        return Err(ApiError::bad_request(refusal));
    }
    Ok(())
}

/// A caption with its entities; an empty one is none.
pub(crate) type Caption = (Option<String>, Vec<Entity>);

/// `caption` with `parse_mode` or `caption_entities`.
pub(crate) fn caption(state: &State, params: &Params) -> Result<Caption, ApiError> {
    caption_or(state, params, "message caption is too long")
}

/// The same; the words for a long one differ in edits.
pub(crate) fn caption_or(
    state: &State,
    params: &Params,
    refusal: &str,
) -> Result<Caption, ApiError> {
    let Some(caption) = params.text("caption") else {
        return Ok((None, Vec::new()));
    };
    let (caption, entities) = formatted(state, params, &caption, "caption_entities")?;
    if units(&caption) > MOST_CAPTION {
        return Err(ApiError::bad_request(refusal));
    }
    Ok((Some(caption).filter(|text| !text.is_empty()), entities))
}

pub(crate) fn formatted(
    state: &State,
    params: &Params,
    text: &str,
    entities_field: &str,
) -> Result<Formatted, ApiError> {
    let mode = params.text("parse_mode").unwrap_or_default();
    // Entities that are no JSON at all are passed over, as at Telegram.
    let entities: Option<Value> = params.object(entities_field).ok().flatten();
    let (text, mut entities) = format(text, &mode, entities.as_ref())?;
    entities.retain_mut(|entity| know_mentioned(state, entity));
    entities.truncate(MOST_ENTITIES);
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

/// `link_preview_options`, or the older `disable_web_page_preview`.
pub(crate) fn link_preview(params: &Params) -> Result<Option<Value>, ApiError> {
    let unreadable = || ApiError::bad_request("can't parse link preview options JSON object");
    let value: Option<Value> = params
        .object("link_preview_options")
        .map_err(|_| unreadable())?;
    let Some(value) = value else {
        let disabled = params.flag("disable_web_page_preview");
        return Ok(disabled.then(|| serde_json::json!({"is_disabled": true})));
    };
    let fields = Fields::of(&value)
        .ok_or_else(|| ApiError::bad_request("object expected as link preview options"))?;
    let read = || {
        for flag in [
            "is_disabled",
            "prefer_small_media",
            "prefer_large_media",
            "show_above_text",
        ] {
            fields.flag(flag)?;
        }
        fields.text("url")
    };
    read().map_err(ApiError::bad_request)?;
    let usual = fields_are_usual(&fields);
    Ok(Some(value).filter(|_| !usual))
}

/// Options that say nothing are not kept.
fn fields_are_usual(fields: &Fields<'_>) -> bool {
    let any = [
        "is_disabled",
        "prefer_small_media",
        "prefer_large_media",
        "show_above_text",
    ]
    .iter()
    .any(|flag| fields.flag(flag) == Ok(true));
    !any && fields.get("url").is_none()
}

/// What every sending method has beside its content, read before the chat is looked at.
#[derive(Debug)]
pub(crate) struct Sending {
    reply: Option<Reply>,
    markup: Markup,
    thread: Option<i64>,
    protected: bool,
}

impl Sending {
    pub(crate) fn read(params: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            reply: reply::read(params)?,
            markup: keyboard::markup(params)?,
            thread: params.integer("message_thread_id").filter(|id| *id > 0),
            protected: params.flag("protect_content"),
        })
    }

    /// Checks what was asked for against the chat, and gives it to the draft. Keeps a reply
    /// keyboard with the chat.
    pub(crate) fn complete(
        self,
        state: &mut State,
        chat_id: i64,
        draft: &mut Draft,
    ) -> Result<(), ApiError> {
        keyboard::fit(&self.markup, chat_id > 0)?;
        reply::attach(state, self.reply, chat_id, draft)?;
        // Without a topic an answer stands where the message stands that it answers.
        let of_reply = || draft.reply_to.as_ref().and_then(|message| message.topic());
        draft.thread = topic(state, chat_id, self.thread.or_else(of_reply))?;
        draft.protected = self.protected;
        match self.markup {
            Markup::None => {}
            Markup::Inline(keyboard) => draft.keyboard = Some(keyboard),
            Markup::Reply(keyboard) => {
                draft.fixed = true;
                if let Some(chat) = state.chats.get_mut(&chat_id) {
                    let removed = keyboard.get("remove_keyboard").is_some();
                    chat.reply_keyboard = (!removed).then_some(keyboard);
                }
            }
        }
        Ok(())
    }
}

/// The topic to write to, if it is there and open. Without one it is the general topic.
pub(crate) fn topic(
    state: &State,
    chat: i64,
    thread: Option<i64>,
) -> Result<Option<i64>, ApiError> {
    let Some(chat) = state.chats.get(&chat) else {
        return Ok(thread);
    };
    let me = state.bot.me.id;
    let manages = chat.standing(me).may(|rights| rights.can_manage_topics);
    if !chat.head.is_forum {
        return match thread {
            Some(_) => Err(ApiError::bad_request("message thread not found")),
            None => Ok(None),
        };
    }
    let Some(thread) = thread else {
        if chat.topics.general.is_closed && !manages {
            return Err(ApiError::bad_request("TOPIC_CLOSED"));
        }
        return Ok(None);
    };
    let topic = chat.topics.by_id.get(&thread);
    let topic = topic.ok_or_else(|| ApiError::bad_request("message thread not found"))?;
    if topic.is_closed && !manages && topic.creator != me {
        return Err(ApiError::bad_request("TOPIC_CLOSED"));
    }
    Ok(Some(thread))
}

/// Whether the bot may send this kind of content to a group or channel; `things` follows "send".
pub(crate) fn may_send(
    state: &State,
    chat: i64,
    things: &str,
    right: impl Fn(&Permissions) -> bool,
) -> Result<(), ApiError> {
    let Some(chat) = state.chats.get(&chat).filter(|chat| !chat.is_private()) else {
        return Ok(());
    };
    let standing = chat.standing(state.bot.me.id);
    if chat.head.kind == ChatKind::Channel {
        return match standing.may(|rights| rights.can_post_messages) {
            true => Ok(()),
            false => Err(ApiError::bad_request(
                "need administrator rights in the channel chat",
            )),
        };
    }
    let may = match &standing {
        Standing::Restricted { permissions, .. } => right(permissions) && right(&chat.permissions),
        standing => standing.is_admin() || right(&chat.permissions),
    };
    match may {
        true => Ok(()),
        false => Err(ApiError::bad_request(format!(
            "not enough rights to send {things} to the chat"
        ))),
    }
}

/// Posts the acting bot's draft.
pub(crate) fn post(state: &mut State, chat: i64, draft: Draft) -> Result<Arc<Message>, ApiError> {
    let me = state.bot.me.clone();
    let message = state.post(chat, me, draft)?;
    if message.chat.kind == ChatKind::Channel {
        state.tell_of_message(&message, 0);
    }
    Ok(message)
}
