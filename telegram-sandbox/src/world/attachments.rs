//! From an uploaded or known file to what a message carries,
//! <https://core.telegram.org/bots/api#sending-files>.

use super::State;
use super::files::Stored;
use crate::error::ApiError;
use crate::params::{Params, Upload};
use crate::picture;
use crate::types::{Animation, Attachment, FileInfo, PhotoSize, StickerTraits};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Photo,
    Document,
    Video,
    Animation,
    Audio,
    Voice,
    VideoNote,
    Sticker,
}

/// The largest photo, as in the cloud.
const LARGEST_PHOTO: usize = 10 << 20;
const LARGEST_FILE: usize = 50 << 20;
/// Width and height of a photo together, and how often the shorter side fits into the longer.
const MOST_SIDES: u32 = 10_000;
const MOST_RATIO: u32 = 20;
/// The longer side and the bytes of a thumbnail.
const LARGEST_THUMBNAIL: (u32, usize) = (320, 200 << 10);

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Photo,
        Self::Document,
        Self::Video,
        Self::Animation,
        Self::Audio,
        Self::Voice,
        Self::VideoNote,
        Self::Sticker,
    ];

    /// The parameter, and the field in a message.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Document => "document",
            Self::Video => "video",
            Self::Animation => "animation",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::VideoNote => "video_note",
            Self::Sticker => "sticker",
        }
    }

    /// As refusals call its type.
    fn type_name(self) -> &'static str {
        match self {
            Self::Photo => "Photo",
            Self::Document => "Document",
            Self::Video => "Video",
            Self::Animation => "Animation",
            Self::Audio => "Audio",
            Self::Voice => "VoiceNote",
            Self::VideoNote => "VideoNote",
            Self::Sticker => "Sticker",
        }
    }

    /// As refusals call it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::VideoNote => "video note",
            other => other.field(),
        }
    }

    pub(crate) fn has_caption(self) -> bool {
        !matches!(self, Self::VideoNote | Self::Sticker)
    }

    /// Pictures that move or not: what can be blurred, and stand below its caption.
    pub(crate) fn is_visual(self) -> bool {
        matches!(self, Self::Photo | Self::Video | Self::Animation)
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Photo => "photos",
            Self::Document => "documents",
            Self::Video => "videos",
            Self::Animation => "animations",
            Self::Audio => "music",
            Self::Voice => "voice",
            Self::VideoNote => "video_notes",
            Self::Sticker => "stickers",
        }
    }
}

/// Longest side and duration that are kept as given.
const LONGEST_SIDE: i64 = 10_000;
const LONGEST_DURATION: i64 = 86_400;
/// The widest video note.
const WIDEST_NOTE: i64 = 640;

/// Whether the request has a file for this field, in whatever form.
pub(crate) fn is_given(params: &Params, field: &str) -> bool {
    match params.text(field).as_deref().unwrap_or_default() {
        "" => params.file(field).is_some(),
        named => match named.strip_prefix("attach://") {
            Some(part) => params.file(part).is_some(),
            None => true,
        },
    }
}

/// The attachment that `field` names: an upload of that field, `attach://<part>`, or a `file_id`.
pub(crate) fn attach(
    state: &mut State,
    params: &Params,
    kind: Kind,
    field: &str,
) -> Result<Attachment, ApiError> {
    let named = params.text(field).unwrap_or_default();
    let upload = match named.strip_prefix("attach://") {
        Some(part) => params.file(part),
        None => params.file(field),
    };
    if let Some(upload) = upload {
        return upload_as(state, params, kind, upload);
    }
    if named.is_empty() {
        let reason = format!("there is no {} in the request", kind.words());
        return Err(ApiError::bad_request(reason));
    }
    if named.starts_with("http://") || named.starts_with("https://") {
        return Err(ApiError::bad_request("failed to get HTTP URL content"));
    }
    let file = state.files.get(&named).cloned().ok_or_else(|| {
        let reason = "wrong file identifier/HTTP URL specified";
        ApiError::bad_request(reason)
    })?;
    if (file.is_photo) != (kind == Kind::Photo) {
        let of = if file.is_photo { "Photo" } else { "Document" };
        let reason = format!("can't use file of type {of} as {}", kind.type_name());
        return Err(ApiError::bad_request(reason));
    }
    describe(params, kind, &file)
}

/// Stores an upload and describes it.
pub(crate) fn upload_as(
    state: &mut State,
    params: &Params,
    kind: Kind,
    upload: &Upload,
) -> Result<Attachment, ApiError> {
    if upload.bytes.is_empty() {
        return Err(ApiError::bad_request("file must be non-empty"));
    }
    if upload.bytes.len() > LARGEST_FILE {
        return Err(ApiError::new(413, "Request Entity Too Large"));
    }
    if kind == Kind::Photo {
        if upload.bytes.len() > LARGEST_PHOTO {
            return Err(ApiError::bad_request(
                "file of size exceeds the limit of 10MB for photos",
            ));
        }
        let Some((width, height)) = picture::size(&upload.bytes) else {
            return Err(ApiError::bad_request("IMAGE_PROCESS_FAILED"));
        };
        let (long, short) = (width.max(height), width.min(height));
        let is_narrow = long > short.saturating_mul(MOST_RATIO);
        if is_narrow || width.saturating_add(height) > MOST_SIDES {
            return Err(ApiError::bad_request("PHOTO_INVALID_DIMENSIONS"));
        }
    }
    let thumbnail = thumbnail(state, params, kind);
    let file = state
        .files
        .put(kind.folder(), kind == Kind::Photo, upload, thumbnail);
    describe(params, kind, &file)
}

/// The little picture that came along. One that is no JPEG or too large is passed over, as at
/// Telegram.
fn thumbnail(state: &mut State, params: &Params, kind: Kind) -> Option<PhotoSize> {
    if matches!(kind, Kind::Photo | Kind::Voice | Kind::Sticker) {
        return None;
    }
    let part = ["thumbnail", "thumb"].iter().find_map(|field| {
        let named = params.text(field).unwrap_or_default();
        params.file(named.strip_prefix("attach://").unwrap_or(field))
    })?;
    let (width, height) = picture::size(&part.bytes)?;
    let (side, bytes) = LARGEST_THUMBNAIL;
    let is_jpeg = part.bytes.starts_with(b"\xff\xd8\xff");
    if !is_jpeg || width.max(height) > side || part.bytes.len() > bytes {
        return None;
    }
    let file = state.files.put("thumbnails", true, part, None);
    Some(PhotoSize {
        file_id: file.file_id,
        file_unique_id: file.file_unique_id,
        width,
        height,
        file_size: file.bytes.len() as u64,
    })
}

fn describe(params: &Params, kind: Kind, file: &Stored) -> Result<Attachment, ApiError> {
    let (width, height) = picture::size(&file.bytes).unzip();
    let file_size = file.bytes.len() as u64;
    if kind == Kind::Photo {
        let wrong = || ApiError::bad_request("wrong file identifier/HTTP URL specified");
        return Ok(Attachment::Photo(vec![PhotoSize {
            file_id: file.file_id.clone(),
            file_unique_id: file.file_unique_id.clone(),
            width: width.ok_or_else(wrong)?,
            height: height.ok_or_else(wrong)?,
            file_size,
        }]));
    }
    let info = FileInfo {
        file_id: file.file_id.clone(),
        file_unique_id: file.file_unique_id.clone(),
        file_name: file.name.clone(),
        mime_type: file.mime.clone(),
        file_size,
        thumbnail: file.thumbnail.clone(),
        ..FileInfo::default()
    };
    let side = |field: &str, usual: Option<u32>| {
        let given = params
            .integer(field)
            .and_then(|side| u32::try_from(side.clamp(0, LONGEST_SIDE)).ok())
            .filter(|side| *side > 0);
        Some(given.or(usual).unwrap_or(512))
    };
    let duration = params.integer("duration").unwrap_or(0);
    let duration = Some(duration.clamp(0, LONGEST_DURATION));
    if kind == Kind::VideoNote && params.integer("length").unwrap_or(0) > WIDEST_NOTE {
        return Err(ApiError::bad_request("wrong video note length"));
    }
    Ok(match kind {
        Kind::Photo | Kind::Document => Attachment::Document(info),
        Kind::Video => Attachment::Video(FileInfo {
            duration,
            width: side("width", width),
            height: side("height", height),
            ..info
        }),
        Kind::Animation => Attachment::Animation(Box::new(Animation {
            document: info.clone(),
            animation: FileInfo {
                duration,
                width: side("width", width),
                height: side("height", height),
                ..info
            },
        })),
        Kind::VideoNote => Attachment::VideoNote(FileInfo {
            duration,
            length: side("length", Some(240)),
            file_name: None,
            mime_type: None,
            ..info
        }),
        Kind::Audio => Attachment::Audio(FileInfo {
            duration,
            title: params.owned("title"),
            performer: params.owned("performer"),
            ..info
        }),
        Kind::Voice => Attachment::Voice(FileInfo {
            duration,
            file_name: None,
            ..info
        }),
        Kind::Sticker => Attachment::Sticker(FileInfo {
            width: side("width", width),
            height: side("height", height),
            file_name: None,
            mime_type: None,
            sticker: Some(StickerTraits {
                kind: "regular",
                is_animated: false,
                is_video: false,
                emoji: params.owned("emoji"),
            }),
            ..info
        }),
    })
}
