//! `InputMedia`, <https://core.telegram.org/bots/api#inputmedia>: an item of an album, or what an
//! edit puts in the place of media.

use serde_json::Value;

use super::input;
use super::json::Fields;
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{Content, Media};
use crate::world::State;
use crate::world::attachments::{self, Kind};

/// An item that was read; its file is not looked at yet.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    params: Params,
    caption: input::Caption,
}

/// Reads an object. An item reads like the parameters of a single send; its file is a part of the
/// whole request.
pub(crate) fn read(
    state: &State,
    params: &Params,
    value: &Value,
    for_album: bool,
) -> Result<Item, ApiError> {
    let refused = |fault: &str| ApiError::bad_request(format!("can't parse InputMedia: {fault}"));
    let fields = Fields::of(value).ok_or_else(|| refused("expected an Object"))?;
    let item = Params {
        fields: value.as_object().cloned().unwrap_or_default(),
        files: params.files.clone(),
    };
    let caption = input::caption(state, &item)?;
    for flag in ["show_caption_above_media", "has_spoiler"] {
        fields.flag(flag).map_err(|fault| refused(&fault))?;
    }
    let media = fields.any_text("media").map_err(|fault| refused(&fault))?;
    let found = match media.strip_prefix("attach://") {
        Some(part) => params.file(part).is_some(),
        None => !media.is_empty(),
    };
    if !found {
        return Err(refused("media not found"));
    }
    let kind = fields
        .required_text("type")
        .map_err(|fault| refused(&fault))?;
    let kind = match kind.as_str() {
        "photo" => Kind::Photo,
        "video" => Kind::Video,
        "animation" if for_album => {
            return Err(refused(
                "type \"animation\" can't be used in sendMediaGroup",
            ));
        }
        "animation" => Kind::Animation,
        "audio" => Kind::Audio,
        "document" => Kind::Document,
        other => return Err(refused(&format!("type \"{other}\" is unsupported"))),
    };
    Ok(Item {
        kind,
        params: item,
        caption,
    })
}

impl Item {
    /// Takes the file in and gives the content.
    pub(crate) fn content(self, state: &mut State) -> Result<Content, ApiError> {
        let attachment = attachments::attach(state, &self.params, self.kind, "media")?;
        let (caption, caption_entities) = self.caption;
        let visual = self.kind.is_visual();
        Ok(Content::Media(Box::new(Media {
            attachment,
            caption,
            caption_entities,
            show_caption_above_media: visual && self.params.flag("show_caption_above_media"),
            has_media_spoiler: visual && self.params.flag("has_spoiler"),
        })))
    }
}

/// The field `media` as JSON; an album's is an array.
pub(crate) fn value(params: &Params, unreadable: &str) -> Result<Value, ApiError> {
    let given: Result<Option<Value>, _> = params.object("media");
    match given {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(ApiError::bad_request("parameter \"media\" is required")),
        Err(_) => Err(ApiError::bad_request(unreadable)),
    }
}
