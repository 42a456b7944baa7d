//! `blobs.fetch`: a file that somebody sent in Telegram becomes one of the plugin's own.

use bytes::Bytes;
use serde::Deserialize;
use vahta_rows::outbox::Lane;

use super::{answer, blobs, read};
use crate::blobs::NewBlob;
use crate::fetch::{FetchError, Fetcher, Wanted};
use crate::plugin_host::{CallError, Caller};

#[derive(Deserialize)]
struct Fetch {
    file_id: String,
    name: String,
    #[serde(default)]
    media_type: String,
    max_bytes: Option<u64>,
}

pub(super) async fn call(
    fetcher: &Fetcher,
    caller: Caller,
    body: Bytes,
) -> Result<Bytes, CallError> {
    let fetch: Fetch = read(&body)?;
    let envelope = caller.envelope.as_deref();
    let in_reply = envelope.is_some_and(|envelope| envelope.update_id.is_some());
    let wanted = Wanted {
        file_id: fetch.file_id,
        new: NewBlob {
            plugin: caller.plugin.to_string(),
            name: fetch.name,
            media_type: fetch.media_type,
            created_by: blobs::person(&caller),
        },
        max_bytes: fetch.max_bytes.unwrap_or(u64::MAX),
        lane: if in_reply { Lane::Reply } else { Lane::Notice },
    };
    // As a build of an archive: the task cleans up when nobody waits any more.
    let stop = caller.given_up.child_token();
    let _stop_when_dropped = stop.clone().drop_guard();
    let fetcher = fetcher.clone();
    let fetched = tokio::spawn(async move { fetcher.fetch(wanted, stop).await }).await;
    match fetched {
        Ok(Ok(blob)) => answer(&blobs::shown(&blob)),
        Ok(Err(error)) => Err(fault(error)),
        Err(_) => Err(CallError::new("internal", "the call broke")),
    }
}

fn fault(error: FetchError) -> CallError {
    let code = match error {
        FetchError::Blob(error) => return blobs::fault(error),
        FetchError::TooBig => "too_big",
        FetchError::Gone => "gone",
        FetchError::Later(_) => "later",
        FetchError::Cancelled => "cancelled",
    };
    CallError::new(code, error.to_string())
}
