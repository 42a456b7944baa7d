//! `downloads.*`: links by which a plugin gives its files out.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{answer, later, read};
use crate::downloads::{DownloadError, Downloads, NewGrant};
use crate::plugin_host::{CallError, Caller};

/// Bytes of what a plugin gives along, as JSON.
const META: usize = 4 * 1024;

#[derive(Deserialize)]
struct Grant {
    key: String,
    blob: String,
    name: Option<String>,
    #[serde(default)]
    meta: Value,
}

pub(super) async fn call(
    downloads: &Downloads,
    caller: Caller,
    method: &str,
    body: Bytes,
) -> Result<Bytes, CallError> {
    if method != "grant" {
        let text = format!("this host has no method downloads.{method}");
        return Err(CallError::new("unknown", text));
    }
    let wanted: Grant = read(&body)?;
    if wanted.meta.to_string().len() > META {
        let text = format!("meta has {META} bytes at most");
        return Err(CallError::new("bad_request", text));
    }
    let new = NewGrant {
        key: wanted.key,
        blob: wanted.blob,
        name: wanted.name,
        meta: wanted.meta,
    };
    let (downloads, key) = (downloads.clone(), new.key.clone());
    // On a task of its own: a plugin that ends meanwhile must not cut a transaction off.
    let done = tokio::spawn(async move { downloads.grant(&caller.plugin, &new).await });
    let granted = match done.await {
        Ok(granted) => granted.map_err(|error| fault(error, &key))?,
        Err(_) => return Err(CallError::new("internal", "the call broke")),
    };
    let path = format!("/d/{}", granted.token.expose());
    answer(&json!({ "grant": granted.id, "path": path }))
}

fn fault(error: DownloadError, key: &str) -> CallError {
    match error {
        // The detail tells it from the border's own codes.
        DownloadError::Refused(refused) => CallError {
            detail: Some(json!({ "key": key })),
            ..CallError::new(refused.code(), refused.to_string())
        },
        DownloadError::Db(error) => later(&error),
        error => CallError::new("internal", error.to_string()),
    }
}
