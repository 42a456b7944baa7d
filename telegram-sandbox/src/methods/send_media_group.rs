//! `sendMediaGroup`, <https://core.telegram.org/bots/api#sendmediagroup>: an album of 2–10.

use serde_json::{Map, Value};

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{Content, Media};
use crate::world::State;
use crate::world::attachments::{Kind, attach};
use crate::world::messages::Draft;

/// How many messages the album is, for flood control.
pub(crate) fn count(params: &Params) -> usize {
    items(params).map_or(1, |items| items.len().max(1))
}

pub(crate) fn run(state: &mut State, params: &Params) -> Outcome {
    let chat = input::target(state, params)?;
    let items = items(params)?;
    if items.is_empty() {
        return Err(ApiError::bad_request("there are no messages to send"));
    }
    if items.len() == 1 {
        return Err(ApiError::bad_request("group send failed"));
    }
    if items.len() > 10 {
        return Err(ApiError::bad_request(
            "too many messages to send as an album",
        ));
    }
    // Everything is checked before the first message is shown.
    let mut drafts = Vec::with_capacity(items.len());
    let album = format!("13{:016}", state.cursor + 1);
    for item in items {
        let mut draft = draft(state, params, item)?;
        input::complete(state, params, chat, &mut draft)?;
        draft.album = Some(album.clone());
        drafts.push(draft);
    }
    let mut sent = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let me = state.bot.me.clone();
        sent.push(state.post(chat, me, draft)?);
    }
    Ok(Answer::Messages(sent))
}

fn items(params: &Params) -> Result<Vec<Map<String, Value>>, ApiError> {
    let items = params
        .object("media")
        .map_err(|_| ApiError::bad_request("can't parse media JSON object"))?;
    Ok(items.unwrap_or_default())
}

fn draft(state: &mut State, params: &Params, item: Map<String, Value>) -> Result<Draft, ApiError> {
    let kind = match item.get("type").and_then(Value::as_str) {
        Some("photo") => Kind::Photo,
        Some("document") => Kind::Document,
        Some("video") => Kind::Video,
        Some("audio") => Kind::Audio,
        _ => {
            return Err(ApiError::bad_request(
                "can't parse InputMedia: type is invalid",
            ));
        }
    };
    // An item reads like the parameters of a single send; its file is a part of the whole.
    let item = Params {
        fields: item,
        files: params.files.clone(),
    };
    let (caption, caption_entities) = input::caption(state, &item)?;
    let attachment = attach(state, &item, kind, "media")?;
    Ok(Draft::from(Content::Media(Box::new(Media {
        attachment,
        caption,
        caption_entities,
        show_caption_above_media: item.flag("show_caption_above_media"),
        has_media_spoiler: item.flag("has_spoiler"),
    }))))
}
