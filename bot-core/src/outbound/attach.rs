//! Plugins' own files in their calls: `"document": "blob:<id>"` goes out as the file's bytes, read
//! while they are sent. Source: Bot API, "Sending files".

use std::time::Duration;

use reqwest::Body;
use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value};

use super::{CallError, Payload};
use crate::blobs::Blobs;

/// The parameters that take a file. What is nested (`InputMedia`) takes file ids only.
const FIELDS: &[&str] = &[
    "animation",
    "audio",
    "document",
    "photo",
    "sticker",
    "thumbnail",
    "video",
    "video_note",
    "voice",
];
/// No file id of Telegram's has a colon.
const MARK: &str = "blob:";
/// What a slow line sends in a second: files get more time than texts.
const SLOWEST: u64 = 128 * 1024;

/// A call that carries files, and how much longer it may take.
pub(super) struct Attached {
    pub(super) form: Form,
    pub(super) time: Duration,
}

/// The call's form, when it names files of `plugin`.
pub(super) async fn form(
    blobs: &Blobs,
    plugin: &str,
    payload: &Payload,
) -> Result<Option<Attached>, CallError> {
    let Some(parameters) = named(payload) else {
        return Ok(None);
    };
    let (mut form, mut bytes) = (Form::new(), 0);
    for (name, value) in parameters {
        if let Some(id) = file(&name, &value) {
            let (part, size) = part(blobs, plugin, id).await?;
            bytes += size;
            form = form.part(name, part);
            continue;
        }
        let text = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        form = form.text(name, text);
    }
    let time = time_for(bytes);
    Ok(Some(Attached { form, time }))
}

/// What so many bytes may take.
pub(super) fn time_for(bytes: u64) -> Duration {
    Duration::from_secs(bytes / SLOWEST)
}

/// The parameters, when one of them is a file. Nearly every call ends at the first look.
fn named(payload: &Payload) -> Option<Map<String, Value>> {
    let parameters = match payload {
        Payload::Raw(bytes) => {
            let marked = bytes.windows(MARK.len() + 1).any(|w| w == b"\"blob:");
            let read = || serde_json::from_slice(bytes).ok();
            marked.then(read).flatten()?
        }
        Payload::Json(Value::Object(parameters)) => parameters.clone(),
        Payload::Json(_) => return None,
    };
    let any = parameters.iter().any(|(k, v)| file(k, v).is_some());
    any.then_some(parameters)
}

fn file<'v>(name: &str, value: &'v Value) -> Option<&'v str> {
    let id = value.as_str()?.strip_prefix(MARK)?;
    FIELDS.contains(&name).then_some(id)
}

async fn part(blobs: &Blobs, plugin: &str, id: &str) -> Result<(Part, u64), CallError> {
    let failed = |error: String| CallError::File(error);
    let found = blobs.find(plugin, id).await;
    let blob = found
        .map_err(|error| CallError::Unreachable(error.to_string()))?
        .ok_or_else(|| failed("it is not there any more".into()))?;
    let bytes = blobs
        .read(&blob, 0..blob.size)
        .await
        .map_err(|error| failed(error.to_string()))?;
    let part = Part::stream_with_length(Body::wrap_stream(bytes), blob.size)
        .file_name(blob.name)
        .mime_str(&blob.media_type)
        .map_err(|error| failed(error.to_string()))?;
    Ok((part, blob.size))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_parameter_that_takes_a_file_names_one() {
        let document = json!({"chat_id": 1, "document": "blob:5f"});
        let raw = Payload::Raw(document.to_string().into());
        assert!(named(&raw).is_some());
        assert!(named(&Payload::Json(document)).is_some());
        for other in [
            json!({"chat_id": 1, "text": "blob:5f"}),
            json!({"chat_id": 1, "document": "BQACAgIAAx"}),
            json!({"chat_id": 1, "document": {"a": "blob:5f"}}),
            json!("blob:5f"),
        ] {
            assert!(named(&Payload::Raw(other.to_string().into())).is_none());
            assert!(named(&Payload::Json(other)).is_none());
        }
    }
}
