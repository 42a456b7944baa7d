//! `PhotoSize`, `Document`, `Video`, `Audio`, `Voice`, `VideoNote`, `Animation`, `Sticker`: what a
//! message carries beside text, <https://core.telegram.org/bots/api#photosize> and the sections after it.

use serde::Serialize;

use super::Entity;

/// Media with its caption. Serialises flat: `{"document": {…}, "caption": "…", …}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Media {
    #[serde(flatten)]
    pub(crate) attachment: Attachment,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) caption: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) caption_entities: Vec<Entity>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) show_caption_above_media: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) has_media_spoiler: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Attachment {
    Photo(Vec<PhotoSize>),
    Document(FileInfo),
    Video(FileInfo),
    Audio(FileInfo),
    Voice(FileInfo),
    VideoNote(FileInfo),
    Sticker(FileInfo),
    /// An animation is shown as a document too, for clients that do not know it.
    #[serde(untagged)]
    Animation(Box<Animation>),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Animation {
    pub(crate) animation: FileInfo,
    pub(crate) document: FileInfo,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct PhotoSize {
    pub(crate) file_id: String,
    pub(crate) file_unique_id: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) file_size: u64,
}

/// A file of any kind but a photo. `duration` stands for video, audio and voice; `width` and
/// `height` for video and stickers.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct FileInfo {
    pub(crate) file_id: String,
    pub(crate) file_unique_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mime_type: Option<String>,
    pub(crate) file_size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) height: Option<u32>,
    /// The diameter of a video note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) performer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) thumbnail: Option<PhotoSize>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) sticker: Option<StickerTraits>,
}

/// What only stickers have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct StickerTraits {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) is_animated: bool,
    pub(crate) is_video: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) emoji: Option<String>,
}

impl Attachment {
    pub(crate) fn has_caption(&self) -> bool {
        !matches!(self, Self::VideoNote(_) | Self::Sticker(_))
    }

    /// Whether an edit may put other media in its place.
    pub(crate) fn is_replaceable(&self) -> bool {
        !matches!(self, Self::VideoNote(_) | Self::Sticker(_) | Self::Voice(_))
    }
}
