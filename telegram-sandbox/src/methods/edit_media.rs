//! `editMessageMedia`, <https://core.telegram.org/bots/api#editmessagemedia>.

use super::{Outcome, edit, input_media};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{Attachment, Content};
use crate::world::State;
use crate::world::attachments::Kind;

const REFUSAL: &str = "message media can't be edited";

pub(crate) fn run(state: &mut State, params: &Params) -> Outcome {
    let media = input_media::value(params, "can't parse input media JSON object")?;
    let item = input_media::read(state, params, &media, false)?;
    let target = edit::target_or(state, params, REFUSAL)?;
    let refused = || ApiError::bad_request(REFUSAL);
    match &target.message.content {
        Content::Text(_) => {}
        Content::Media(media) if !media.attachment.is_replaceable() => return Err(refused()),
        Content::Media(media) => {
            // In an album, pictures stay pictures and the rest keeps its kind.
            let in_album = target.message.media_group_id.is_some();
            let fits = match &media.attachment {
                Attachment::Photo(_) | Attachment::Video(_) => {
                    matches!(item.kind, Kind::Photo | Kind::Video)
                }
                Attachment::Audio(_) => item.kind == Kind::Audio,
                Attachment::Document(_) => item.kind == Kind::Document,
                _ => false,
            };
            if in_album && !fits {
                return Err(ApiError::bad_request(
                    "can't use the media of the specified type in the album",
                ));
            }
        }
        _ => return Err(refused()),
    }
    let content = item.content(state)?;
    target.finish(state, content)
}
