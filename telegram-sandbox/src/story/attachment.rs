//! What a message carries beside text, as a story notes it.

use serde_json::Value;

use super::event::FileNote;

/// Kinds of media, by the Bot API's fields. A GIF is an animation and a document too.
const MEDIA: [&str; 9] = [
    "photo",
    "animation",
    "document",
    "video",
    "audio",
    "voice",
    "video_note",
    "sticker",
    "paid_media",
];

pub(super) fn files(message: &Value) -> Vec<FileNote> {
    let mut files = Vec::new();
    for kind in MEDIA {
        let Some(media) = message.get(kind) else {
            continue;
        };
        let file = match media.as_array() {
            Some(sizes) => sizes.last().unwrap_or(media),
            None => media,
        };
        files.push(FileNote {
            kind: kind.to_owned(),
            name: file["file_name"].as_str().map(str::to_owned),
            bytes: file["file_size"].as_u64().filter(|_| kind != "photo"),
            about: None,
        });
        if kind == "animation" {
            break;
        }
    }
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let about = if let Some(place) = message.get("location") {
        Some((
            "location",
            format!("{} {}", place["latitude"], place["longitude"]),
        ))
    } else if let Some(contact) = message.get("contact") {
        let name = text(&contact["first_name"]);
        Some((
            "contact",
            format!("{} {name}", text(&contact["phone_number"]).replace(' ', "")),
        ))
    } else if let Some(poll) = message.get("poll") {
        let options = poll["options"].as_array();
        let options = options.into_iter().flatten().map(|o| text(&o["text"]));
        let mut parts = vec![text(&poll["question"])];
        parts.extend(options);
        Some(("poll", parts.join(" | ")))
    } else {
        message
            .get("dice")
            .map(|dice| ("dice", text(&dice["emoji"])))
    };
    files.extend(about.map(|(kind, about)| FileNote {
        kind: kind.to_owned(),
        about: Some(about),
        ..FileNote::default()
    }));
    files
}
