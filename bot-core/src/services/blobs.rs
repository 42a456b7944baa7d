//! `blobs.*`: a plugin's own files, in bounded pieces.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use vahta_rows::{DbError, Micros, UserId};

use super::{answer, read};
use crate::blobs::{Blob, BlobError, Blobs, NewBlob};
use crate::plugin_host::{CallError, Caller};

/// What one call reads or writes at most.
const PIECE: u64 = 1024 * 1024;

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Keep {
    id: String,
    /// Microseconds since 1970 UTC; none: until it is deleted.
    until: Option<Micros>,
}

#[derive(Deserialize)]
struct Read {
    id: String,
    offset: u64,
    length: u64,
}

#[derive(Deserialize)]
struct Create {
    name: String,
    #[serde(default)]
    media_type: String,
}

#[derive(Deserialize)]
struct Write {
    id: String,
    offset: u64,
    /// Base64.
    bytes: String,
}

pub(super) async fn call(
    blobs: &Blobs,
    caller: Caller,
    method: &str,
    body: Bytes,
) -> Result<Bytes, CallError> {
    let (blobs, method) = (blobs.clone(), method.to_owned());
    // On a task of its own: a plugin that ends meanwhile must not cut a transaction off.
    let done = tokio::spawn(async move { carry_out(&blobs, &caller, &method, &body).await });
    match done.await {
        Ok(done) => answer(&done?),
        Err(_) => Err(CallError::new("internal", "the call broke")),
    }
}

async fn carry_out(
    blobs: &Blobs,
    caller: &Caller,
    method: &str,
    body: &Bytes,
) -> Result<Value, CallError> {
    let plugin = &*caller.plugin;
    match method {
        "info" => {
            let Named { id } = read(body)?;
            let found = blobs.find(plugin, &id).await.map_err(of_database)?;
            Ok(found.map_or(Value::Null, |blob| shown(&blob)))
        }
        "keep" => {
            let Keep { id, until } = read(body)?;
            Ok(blobs
                .keep(plugin, &id, until)
                .await
                .map_err(of_database)?
                .into())
        }
        "delete" => {
            let Named { id } = read(body)?;
            let written = blobs.drop_writer(plugin, &id).await;
            let stored = blobs.delete(plugin, &id).await.map_err(fault)?;
            Ok((written || stored).into())
        }
        "read" => read_piece(blobs, plugin, read(body)?).await,
        "create" => {
            let Create { name, media_type } = read(body)?;
            let new = NewBlob {
                plugin: plugin.to_owned(),
                name,
                media_type,
                created_by: person(caller),
            };
            let id = blobs.open_writer(new).await.map_err(fault)?;
            Ok(json!({ "id": id }))
        }
        "write" => {
            let Write { id, offset, bytes } = read(body)?;
            let bytes = STANDARD
                .decode(bytes)
                .map_err(|error| CallError::new("bad_request", error.to_string()))?;
            if bytes.len() as u64 > PIECE {
                return Err(too_long());
            }
            let size = blobs.append(plugin, &id, offset, bytes.into()).await;
            Ok(json!({ "size": size.map_err(fault)? }))
        }
        "finish" => {
            let Named { id } = read(body)?;
            let blob = blobs.close_writer(plugin, &id).await.map_err(fault)?;
            Ok(shown(&blob))
        }
        _ => Err(CallError::new(
            "unknown",
            format!("this host has no method blobs.{method}"),
        )),
    }
}

async fn read_piece(blobs: &Blobs, plugin: &str, wanted: Read) -> Result<Value, CallError> {
    if wanted.length > PIECE {
        return Err(too_long());
    }
    let found = blobs.find(plugin, &wanted.id).await.map_err(of_database)?;
    let blob = found.ok_or_else(|| fault(BlobError::Gone))?;
    let begin = wanted.offset.min(blob.size);
    let end = begin.saturating_add(wanted.length).min(blob.size);
    let parts = blobs.read(&blob, begin..end).await.map_err(fault)?;
    let mut bytes = BytesMut::new();
    let mut parts = std::pin::pin!(parts);
    while let Some(part) = parts.try_next().await.map_err(fault)? {
        bytes.extend_from_slice(&part);
    }
    Ok(json!({ "bytes": STANDARD.encode(&bytes) }))
}

pub(super) fn shown(blob: &Blob) -> Value {
    json!({
        "id": blob.id, "name": blob.name, "media_type": blob.media_type, "size": blob.size,
        "sha256": blob.sha256, "expires_at": blob.expires_at,
    })
}

pub(super) fn person(caller: &Caller) -> Option<UserId> {
    let actor = caller.envelope.as_deref()?.actor.as_ref()?;
    actor.user_id.map(UserId)
}

fn too_long() -> CallError {
    CallError::new("bad_request", format!("at most {PIECE} bytes a call"))
}

fn of_database(error: DbError) -> CallError {
    super::later(&error)
}

pub(super) fn fault(error: BlobError) -> CallError {
    let code = match &error {
        BlobError::Gone => "gone",
        BlobError::NoRoom => "no_room",
        BlobError::Busy => "busy",
        BlobError::Wrong(_) => "bad_request",
        error if error.is_transient() => "later",
        _ => "internal",
    };
    CallError::new(code, error.to_string())
}
