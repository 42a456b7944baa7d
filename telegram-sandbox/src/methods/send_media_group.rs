//! `sendMediaGroup`, <https://core.telegram.org/bots/api#sendmediagroup>: an album of 2–10; one
//! item alone is an ordinary message.

use serde_json::Value;

use super::input::Sending;
use super::{Answer, Outcome, input, input_media, send_media};
use crate::error::ApiError;
use crate::params::Params;
use crate::world::State;
use crate::world::attachments::Kind;
use crate::world::messages::Draft;

/// How many messages the album is, for flood control.
pub(crate) fn count(params: &Params) -> usize {
    let items: Option<Vec<Value>> = params.object("media").ok().flatten();
    items.map_or(1, |items| items.len().max(1))
}

pub(crate) fn run(state: &mut State, params: &Params) -> Outcome {
    let mut sending = Some(Sending::read(params)?);
    let media = input_media::value(params, "can't parse media JSON object")?;
    let media = media
        .as_array()
        .ok_or_else(|| ApiError::bad_request("expected an Array of InputMedia"))?;
    let mut items = Vec::with_capacity(media.len());
    for item in media {
        items.push(input_media::read(state, params, item, true)?);
    }
    let chat = input::target(state, params)?;
    if items.is_empty() {
        return Err(ApiError::bad_request("there are no messages to send"));
    }
    if items.len() > 10 {
        return Err(ApiError::bad_request(
            "too many messages to send as an album",
        ));
    }
    let alone = |kind: Kind| match kind {
        Kind::Audio => Some("audio"),
        Kind::Document => Some("document"),
        _ => None,
    };
    if items.iter().any(|item| item.kind != items[0].kind)
        && let Some(kind) = items.iter().find_map(|item| alone(item.kind))
    {
        let reason = format!("{kind} can't be mixed with other media types");
        return Err(ApiError::bad_request(reason));
    }
    // Everything is checked before the first message is shown.
    let album = (items.len() > 1).then(|| format!("13{:016}", state.serial() + 1));
    let mut drafts = Vec::with_capacity(items.len());
    for item in items {
        send_media::may_send(state, chat, item.kind)?;
        let mut draft = Draft::from(item.content(state)?);
        match sending.take() {
            Some(sending) => sending.complete(state, chat, &mut draft)?,
            None => Sending::read(params)?.complete(state, chat, &mut draft)?,
        }
        draft.album.clone_from(&album);
        drafts.push(draft);
    }
    let mut sent = Vec::with_capacity(drafts.len());
    for draft in drafts {
        sent.push(input::post(state, chat, draft)?);
    }
    Ok(Answer::Messages(sent))
}
