//! `forwardMessage(s)`, `copyMessage(s)`, <https://core.telegram.org/bots/api#forwardmessage>.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::input::Sending;
use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{ChatKind, Content, Message, Origin, Poll};
use crate::world::State;
use crate::world::messages::Draft;

/// How many messages a call sends, for flood control.
pub(crate) fn count(params: &Params) -> usize {
    let ids: Option<Vec<Value>> = params.object("message_ids").ok().flatten();
    ids.map_or(1, |ids| ids.len().max(1))
}

pub(crate) fn forward(state: &mut State, params: &Params) -> Outcome {
    let source = source(state, params, "message to forward not found")?;
    let sending = Sending::read(params)?;
    let chat = input::target(state, params)?;
    let mut draft = forwarded(&source)?;
    sending.complete(state, chat, &mut draft)?;
    draft.keyboard = None;
    Ok(Answer::Message(input::post(state, chat, draft)?))
}

/// Sends the same content anew; `caption` replaces that of media. Answers a `MessageId`.
pub(crate) fn copy(state: &mut State, params: &Params) -> Outcome {
    let source = source(state, params, "message to copy not found")?;
    let caption = match params.has("caption") {
        true => Some(input::caption(state, params)?),
        false => None,
    };
    let sending = Sending::read(params)?;
    let chat = input::target(state, params)?;
    let mut draft = copied(state, &source)?;
    if let (Some(caption), Content::Media(media)) = (caption, &mut draft.content) {
        (media.caption, media.caption_entities) = caption;
        media.show_caption_above_media = params.flag("show_caption_above_media");
    }
    sending.complete(state, chat, &mut draft)?;
    let message = input::post(state, chat, draft)?;
    Ok(Answer::Json(json!({"message_id": message.message_id})))
}

pub(crate) fn forward_many(state: &mut State, params: &Params) -> Outcome {
    many(state, params, |_, source| forwarded(source))
}

pub(crate) fn copy_many(state: &mut State, params: &Params) -> Outcome {
    let bare = params.flag("remove_caption");
    many(state, params, |state, source| {
        let mut draft = copied(state, source)?;
        if let (true, Content::Media(media)) = (bare, &mut draft.content) {
            media.caption = None;
            media.caption_entities.clear();
        }
        Ok(draft)
    })
}

/// What can be sent is sent, albums stay albums; the rest is passed over. Answers `MessageId`s.
fn many(
    state: &mut State,
    params: &Params,
    draft: impl Fn(&State, &Arc<Message>) -> Result<Draft, ApiError>,
) -> Outcome {
    let from = input::required_chat(state, params, "from_chat_id")?;
    let ids = input::message_ids(params)?;
    if ids.windows(2).any(|pair| pair[0] >= pair[1]) {
        let reason = "message identifiers must be in a strictly increasing order";
        return Err(ApiError::bad_request(reason));
    }
    let chat = input::target(state, params)?;
    state.visible_chat(from)?;
    let found: Vec<_> = ids
        .iter()
        .filter_map(|id| state.message(from, *id).cloned())
        .filter(|message| !message.is_service())
        .collect();
    if found.is_empty() {
        let reason = "there are no messages to forward";
        return Err(ApiError::bad_request(reason));
    }
    let mut albums = HashMap::new();
    let mut sent = Vec::with_capacity(found.len());
    for source in found {
        let Ok(mut draft) = draft(state, &source) else {
            continue;
        };
        Sending::read(params)?.complete(state, chat, &mut draft)?;
        draft.album = source.media_group_id.as_ref().map(|album| {
            let fresh = format!("14{:016}", state.serial() + 1);
            albums.entry(album.clone()).or_insert(fresh).clone()
        });
        let message = input::post(state, chat, draft)?;
        sent.push(json!({"message_id": message.message_id}));
    }
    Ok(Answer::Json(Value::Array(sent)))
}

/// The message that `from_chat_id` and `message_id` name, which is no service message.
fn source(state: &State, params: &Params, missing: &str) -> Result<Arc<Message>, ApiError> {
    let chat = input::required_chat(state, params, "from_chat_id")?;
    state.visible_chat(chat)?;
    let id = params.integer("message_id").unwrap_or(0);
    let message = state.message(chat, id);
    let message = message.ok_or_else(|| ApiError::bad_request(missing))?;
    Ok(message.clone())
}

fn forwarded(source: &Arc<Message>) -> Result<Draft, ApiError> {
    if source.is_service() || source.has_protected_content {
        return Err(ApiError::bad_request("the message can't be forwarded"));
    }
    let mut draft = Draft::from(source.content.clone());
    draft.origin = source.forward_origin.clone().or_else(|| origin(source));
    Ok(draft)
}

fn copied(state: &State, source: &Message) -> Result<Draft, ApiError> {
    let refused = || ApiError::bad_request("the message can't be copied");
    let mine = source.author == state.bot.me.id;
    if source.is_service() || (source.has_protected_content && !mine) {
        return Err(refused());
    }
    let mut content = source.content.clone();
    if let Content::Poll { poll } = &mut content {
        // Votes belong to the poll that was asked first.
        poll.id = (6_100_000_000_000_000_000_u64 + state.serial()).to_string();
        Poll::clone(poll)
            .votes
            .keys()
            .for_each(|voter| poll.vote(*voter, Vec::new()));
    }
    let mut draft = Draft::from(content);
    draft.keyboard = source.reply_markup.clone();
    Ok(draft)
}

/// Where a message comes from.
pub(crate) fn origin(message: &Message) -> Option<Origin> {
    let date = message.date;
    Some(match (&message.sender_chat, &message.from) {
        (Some(chat), _) if chat.kind == ChatKind::Channel => Origin::Channel {
            date,
            chat: chat.clone(),
            message_id: message.message_id,
        },
        (Some(chat), _) => Origin::Chat {
            date,
            sender_chat: chat.clone(),
            author_signature: message.author_signature.clone(),
        },
        (None, from) => Origin::User {
            date,
            sender_user: from.clone()?,
        },
    })
}
