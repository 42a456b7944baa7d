//! `sendPhoto`, `sendDocument`, `sendVideo`, `sendAnimation`, `sendAudio`, `sendVoice`,
//! `sendVideoNote`, `sendSticker`, <https://core.telegram.org/bots/api#sendphoto> and the sections
//! after it.

use super::input::Sending;
use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{Content, Media, Permissions};
use crate::world::State;
use crate::world::attachments::{self, Kind};
use crate::world::messages::Draft;

pub(crate) fn photo(state: &mut State, params: &Params) -> Outcome {
    send(state, params, Kind::Photo)
}

pub(crate) fn document(state: &mut State, params: &Params) -> Outcome {
    send(state, params, Kind::Document)
}

pub(crate) fn video(state: &mut State, params: &Params) -> Outcome {
    send(state, params, Kind::Video)
}

pub(crate) fn animation(state: &mut State, params: &Params) -> Outcome {
    send(state, params, Kind::Animation)
}

pub(crate) fn audio(state: &mut State, params: &Params) -> Outcome {
    send(state, params, Kind::Audio)
}

pub(crate) fn voice(state: &mut State, params: &Params) -> Outcome {
    send(state, params, Kind::Voice)
}

pub(crate) fn video_note(state: &mut State, params: &Params) -> Outcome {
    send(state, params, Kind::VideoNote)
}

pub(crate) fn sticker(state: &mut State, params: &Params) -> Outcome {
    send(state, params, Kind::Sticker)
}

fn send(state: &mut State, params: &Params, kind: Kind) -> Outcome {
    if !attachments::is_given(params, kind.field()) {
        let reason = format!("there is no {} in the request", kind.words());
        return Err(ApiError::bad_request(reason));
    }
    let (caption, caption_entities) = match kind.has_caption() {
        true => input::caption(state, params)?,
        false => (None, Vec::new()),
    };
    let sending = Sending::read(params)?;
    let chat = input::target(state, params)?;
    may_send(state, chat, kind)?;
    let attachment = attachments::attach(state, params, kind, kind.field())?;
    let mut draft = Draft::from(Content::Media(Box::new(Media {
        attachment,
        caption,
        caption_entities,
        show_caption_above_media: kind.is_visual() && params.flag("show_caption_above_media"),
        has_media_spoiler: kind.is_visual() && params.flag("has_spoiler"),
    })));
    sending.complete(state, chat, &mut draft)?;
    Ok(Answer::Message(input::post(state, chat, draft)?))
}

/// Whether the bot may send media of this kind to a chat.
pub(crate) fn may_send(state: &State, chat: i64, kind: Kind) -> Result<(), ApiError> {
    let (things, right): (&str, fn(&Permissions) -> bool) = match kind {
        Kind::Photo => ("photos", |may| may.can_send_photos),
        Kind::Document => ("documents", |may| may.can_send_documents),
        Kind::Video => ("videos", |may| may.can_send_videos),
        Kind::Animation => ("animations", |may| may.can_send_other_messages),
        Kind::Audio => ("music", |may| may.can_send_audios),
        Kind::Voice => ("voice notes", |may| may.can_send_voice_notes),
        Kind::VideoNote => ("video notes", |may| may.can_send_video_notes),
        Kind::Sticker => ("stickers", |may| may.can_send_other_messages),
    };
    input::may_send(state, chat, things, right)
}
