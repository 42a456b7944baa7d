//! From an uploaded or known file to what a message carries,
//! <https://core.telegram.org/bots/api#sending-files>.

use super::State;
use super::files::Stored;
use crate::error::ApiError;
use crate::params::{Params, Upload};
use crate::picture;
use crate::types::{Attachment, FileInfo, PhotoSize, StickerTraits};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Photo,
    Document,
    Video,
    Audio,
    Voice,
    Sticker,
}

/// The largest photo, as in the cloud.
const LARGEST_PHOTO: usize = 10 << 20;
const LARGEST_FILE: usize = 50 << 20;

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Photo,
        Self::Document,
        Self::Video,
        Self::Audio,
        Self::Voice,
        Self::Sticker,
    ];

    /// The parameter, and the field in a message.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Document => "document",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::Sticker => "sticker",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Photo => "photos",
            Self::Document => "documents",
            Self::Video => "videos",
            Self::Audio => "music",
            Self::Voice => "voice",
            Self::Sticker => "stickers",
        }
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
        let reason = format!("there is no {} in the request", kind.field());
        return Err(ApiError::bad_request(reason));
    }
    if named.starts_with("http://") || named.starts_with("https://") {
        return Err(ApiError::bad_request("failed to get HTTP URL content"));
    }
    let file = state.files.get(&named).cloned().ok_or_else(|| {
        let reason = "wrong file identifier/HTTP URL specified";
        ApiError::bad_request(reason)
    })?;
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
        if picture::size(&upload.bytes).is_none() {
            return Err(ApiError::bad_request("IMAGE_PROCESS_FAILED"));
        }
    }
    let file = state.files.put(
        kind.folder(),
        upload.name.clone(),
        upload.mime.clone(),
        upload.bytes.clone(),
    );
    describe(params, kind, &file)
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
        ..FileInfo::default()
    };
    let side = |field: &str, usual: Option<u32>| {
        let given = params
            .integer(field)
            .and_then(|side| u32::try_from(side).ok());
        Some(given.or(usual).unwrap_or(512))
    };
    let duration = Some(params.integer("duration").unwrap_or(0));
    Ok(match kind {
        Kind::Photo | Kind::Document => Attachment::Document(info),
        Kind::Video => Attachment::Video(FileInfo {
            duration,
            width: side("width", width),
            height: side("height", height),
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
