//! `uploads.*`: who may bring files to a plugin, and how much.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use vahta_rows::{Micros, UserId};

use super::answer;
use crate::plugin_host::{CallError, Caller};
use crate::uploads::{NewGrant, UploadError, Uploads};

#[derive(Deserialize)]
pub(super) struct Grant {
    key: String,
    max_bytes: u64,
    max_files: u32,
    /// `type/subtype` or `type/*`; none: every kind.
    #[serde(default)]
    media_types: Vec<String>,
    /// Microseconds since 1970 UTC.
    expires_at: Micros,
    /// In whose name the files come, when nobody is logged in.
    user_id: Option<i64>,
    /// Comes back with each file.
    #[serde(default)]
    meta: Value,
}

#[derive(Deserialize)]
pub(super) struct Revoke {
    key: String,
}

pub(super) async fn grant(
    uploads: &Uploads,
    caller: &Caller,
    asked: Grant,
) -> Result<Bytes, CallError> {
    let new = NewGrant {
        plugin: caller.plugin.to_string(),
        key: asked.key,
        max_bytes: asked.max_bytes,
        max_files: asked.max_files,
        media_types: asked.media_types,
        user: asked.user_id.map(UserId),
        meta: asked.meta,
        expires_at: asked.expires_at,
    };
    let uploads = uploads.clone();
    let granted = apart(async move { uploads.grant(new).await }).await?;
    let path = format!("/u/{}", granted.token.expose());
    answer(&json!({ "grant": granted.id, "path": path }))
}

pub(super) async fn revoke(
    uploads: &Uploads,
    caller: &Caller,
    asked: Revoke,
) -> Result<Bytes, CallError> {
    let (uploads, plugin) = (uploads.clone(), caller.plugin.clone());
    let revoked = apart(async move { uploads.revoke(&plugin, &asked.key).await }).await?;
    answer(&json!({ "revoked": revoked }))
}

/// On a task of its own: a plugin that ends meanwhile must not cut a transaction off.
async fn apart<T: Send + 'static>(
    work: impl Future<Output = Result<T, UploadError>> + Send + 'static,
) -> Result<T, CallError> {
    match tokio::spawn(work).await {
        Ok(done) => done.map_err(fault),
        Err(_) => Err(CallError::new("internal", "the call broke")),
    }
}

fn fault(error: UploadError) -> CallError {
    let code = match &error {
        UploadError::Wrong(_) => "bad_request",
        UploadError::Blob(error) if error.is_transient() => "later",
        _ => "internal",
    };
    CallError::new(code, error.to_string())
}
