//! `InlineQueryResult`, <https://core.telegram.org/bots/api#inlinequeryresult>: what a bot offers,
//! and the message that it becomes.

use serde_json::{Value, json};

use super::json::{Fault, Fields};
use super::keyboard::{self, Markup};
use super::send_place::Point;
use crate::error::ApiError;
use crate::text::format::format;
use crate::text::{MOST_CAPTION, MOST_TEXT, units};
use crate::types::{
    Animation, Attachment, Content, FileInfo, Media, PhotoSize, Place, StickerTraits, Text, Thing,
};
use crate::world::State;
use crate::world::inline::InlineResult;

/// Bytes of a result's id.
const LONGEST_ID: usize = 64;

fn refused(fault: Fault) -> ApiError {
    ApiError::bad_request(format!("can't parse inline query result: {fault}"))
}

pub(crate) fn read(state: &State, value: &Value) -> Result<InlineResult, ApiError> {
    let fields = Fields::of(value)
        .ok_or_else(|| refused("Inline query result must be an object".to_owned()))?;
    let kind = fields
        .required_text("type")
        .map_err(refused)?
        .to_lowercase();
    let id = fields.required_text("id").map_err(refused)?;
    if id.is_empty() || id.len() > LONGEST_ID {
        return Err(ApiError::bad_request("RESULT_ID_INVALID"));
    }
    let given = fields.object("input_message_content").map_err(refused)?;
    let given = match given {
        Some(given) => message_content(given, kind == "article")?,
        None if kind == "article" => {
            // The older form has the text in the result itself.
            fields.required_text("message_text").map_err(refused)?;
            message_content(fields, true)?
        }
        None => None,
    };
    let keyboard = match fields.get("reply_markup") {
        None => None,
        Some(markup) => match keyboard::read(markup)? {
            Markup::Inline(keyboard) => Some(keyboard),
            _ => None,
        },
    };
    let own = own_content(state, fields, &kind)?;
    let content = given.or(own);
    let content =
        content.ok_or_else(|| refused("Input message content is not specified".to_owned()))?;
    Ok(InlineResult {
        id,
        content,
        keyboard,
    })
}

/// `InputMessageContent`, <https://core.telegram.org/bots/api#inputmessagecontent>.
fn message_content(fields: Fields<'_>, required: bool) -> Result<Option<Content>, ApiError> {
    let text = fields.any_text("message_text").map_err(refused)?;
    if !text.is_empty() {
        let mode = fields.any_text("parse_mode").map_err(refused)?;
        let (text, entities) = format(&text, &mode, fields.get("entities"))?;
        if text.is_empty() {
            return Err(ApiError::bad_request("MESSAGE_EMPTY"));
        }
        if units(&text) > MOST_TEXT {
            return Err(ApiError::bad_request("MESSAGE_TOO_LONG"));
        }
        return Ok(Some(Content::Text(Text {
            text,
            entities,
            link_preview_options: fields.get("link_preview_options").cloned(),
        })));
    }
    if fields.has("latitude") && fields.has("longitude") {
        return place(fields, fields.has("title") && fields.has("address")).map(Some);
    }
    if fields.has("phone_number") {
        return contact(fields).map(Some).map_err(refused);
    }
    match required {
        true => Err(refused("Input message content is not specified".to_owned())),
        false => Ok(None),
    }
}

fn place(fields: Fields<'_>, is_venue: bool) -> Result<Content, ApiError> {
    let point = Point::new(
        fields.required_number("latitude").map_err(refused)?,
        fields.required_number("longitude").map_err(refused)?,
        fields.number("horizontal_accuracy").map_err(refused)?,
    );
    let location = point.show("location")?;
    let venue = match is_venue {
        false => None,
        true => Some(json!({
            "location": location,
            "title": fields.required_text("title").map_err(refused)?,
            "address": fields.required_text("address").map_err(refused)?,
        })),
    };
    Ok(Content::Place(Place { venue, location }))
}

fn contact(fields: Fields<'_>) -> Result<Content, Fault> {
    let mut contact = json!({
        "phone_number": fields.required_text("phone_number")?,
        "first_name": fields.required_text("first_name")?,
    });
    for field in ["last_name", "vcard"] {
        if let Some(value) = fields.text(field)? {
            contact[field] = json!(value);
        }
    }
    Ok(Content::Thing(Thing::Contact(contact)))
}

/// What a result sends when it names no other content.
fn own_content(state: &State, fields: Fields<'_>, kind: &str) -> Result<Option<Content>, ApiError> {
    let required = |field: &str| fields.required_text(field).map_err(refused);
    match kind {
        "article" => {
            required("title")?;
            Ok(None)
        }
        "game" => {
            let name = required("game_short_name")?;
            Ok(Some(text_only(format!("🎮 {name}"))))
        }
        "contact" => contact(fields).map(Some).map_err(refused),
        "location" => {
            required("title")?;
            place(fields, false).map(Some)
        }
        "venue" => place(fields, true).map(Some),
        "audio" | "document" | "gif" | "mpeg4_gif" | "photo" | "sticker" | "video" | "voice" => {
            media(state, fields, kind).map(Some)
        }
        other => Err(refused(format!(
            "type \"{other}\" is unsupported for the inline query result"
        ))),
    }
}

fn text_only(text: String) -> Content {
    Content::Text(Text {
        text,
        entities: Vec::new(),
        link_preview_options: None,
    })
}

fn media(state: &State, fields: Fields<'_>, kind: &str) -> Result<Content, ApiError> {
    let mode = fields.any_text("parse_mode").map_err(refused)?;
    let caption = fields.any_text("caption").map_err(refused)?;
    let (caption, caption_entities) = format(&caption, &mode, fields.get("caption_entities"))?;
    if units(&caption) > MOST_CAPTION {
        return Err(ApiError::bad_request("MEDIA_CAPTION_TOO_LONG"));
    }
    if matches!(kind, "document" | "video" | "voice") {
        fields.required_text("title").map_err(refused)?;
    }
    let stem = if kind == "mpeg4_gif" { "mpeg4" } else { kind };
    let url = fields.any_text(&format!("{stem}_url")).map_err(refused)?;
    if !url.is_empty() && matches!(kind, "document" | "video") {
        fields.required_text("mime_type").map_err(refused)?;
    }
    let file = match url.is_empty() {
        // Links are not fetched; the file stands for what lies there.
        false => FileInfo {
            file_id: url.clone(),
            file_unique_id: format!("url{:08x}", url.len()),
            file_name: url.rsplit('/').next().map(str::to_owned),
            mime_type: fields.text("mime_type").map_err(refused)?,
            ..FileInfo::default()
        },
        true => {
            let id = fields.required_text(&format!("{stem}_file_id"));
            let id = id.map_err(refused)?;
            let stored = state.files.get(&id);
            let stored = stored
                .ok_or_else(|| ApiError::bad_request("wrong file identifier/HTTP URL specified"))?;
            FileInfo {
                file_id: stored.file_id.clone(),
                file_unique_id: stored.file_unique_id.clone(),
                file_name: stored.name.clone(),
                mime_type: stored.mime.clone(),
                file_size: stored.bytes.len() as u64,
                ..FileInfo::default()
            }
        }
    };
    let duration = Some(0);
    let sized = |file: FileInfo| FileInfo {
        width: Some(512),
        height: Some(512),
        ..file
    };
    let attachment = match kind {
        "photo" => Attachment::Photo(vec![PhotoSize {
            file_id: file.file_id,
            file_unique_id: file.file_unique_id,
            width: 512,
            height: 512,
            file_size: file.file_size,
        }]),
        "document" => Attachment::Document(file),
        "audio" => Attachment::Audio(FileInfo {
            duration,
            title: fields.text("title").map_err(refused)?,
            performer: fields.text("performer").map_err(refused)?,
            ..file
        }),
        "voice" => Attachment::Voice(FileInfo { duration, ..file }),
        "video" => Attachment::Video(FileInfo {
            duration,
            ..sized(file)
        }),
        "sticker" => Attachment::Sticker(FileInfo {
            sticker: Some(StickerTraits {
                kind: "regular",
                is_animated: false,
                is_video: false,
                emoji: None,
            }),
            ..sized(file)
        }),
        _ => Attachment::Animation(Box::new(Animation {
            document: file.clone(),
            animation: FileInfo {
                duration,
                ..sized(file)
            },
        })),
    };
    Ok(Content::Media(Box::new(Media {
        attachment,
        caption: Some(caption).filter(|caption| !caption.is_empty()),
        caption_entities,
        show_caption_above_media: false,
        has_media_spoiler: false,
    })))
}
