//! `sendPhoto`, `sendDocument`, `sendVideo`, `sendAudio`, `sendVoice`, `sendSticker`,
//! <https://core.telegram.org/bots/api#sendphoto> and the sections after it.

use super::{Answer, Outcome, input};
use crate::params::Params;
use crate::types::{Content, Media};
use crate::world::State;
use crate::world::attachments::{Kind, attach};
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

pub(crate) fn audio(state: &mut State, params: &Params) -> Outcome {
    send(state, params, Kind::Audio)
}

pub(crate) fn voice(state: &mut State, params: &Params) -> Outcome {
    send(state, params, Kind::Voice)
}

pub(crate) fn sticker(state: &mut State, params: &Params) -> Outcome {
    send(state, params, Kind::Sticker)
}

fn send(state: &mut State, params: &Params, kind: Kind) -> Outcome {
    let chat = input::target(state, params)?;
    let (caption, caption_entities) = input::caption(state, params)?;
    let attachment = attach(state, params, kind, kind.field())?;
    let mut draft = Draft::from(Content::Media(Box::new(Media {
        attachment,
        caption,
        caption_entities,
        show_caption_above_media: params.flag("show_caption_above_media"),
        has_media_spoiler: params.flag("has_spoiler"),
    })));
    input::complete(state, params, chat, &mut draft)?;
    let me = state.bot.me.clone();
    Ok(Answer::Message(state.post(chat, me, draft)?))
}
