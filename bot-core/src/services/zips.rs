//! `zips.*`: archives of the plugin's own files.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use vahta_rows::Micros;
use vahta_zip::{Level, Password};

use super::{answer, blobs, read};
use crate::plugin_host::{CallError, Caller};
use crate::zips::{Built, Entry, Order, ZipError, Zips};

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Build {
    id: String,
    name: String,
    entries: Vec<Part>,
    password: Option<String>,
    level: Option<u8>,
}

#[derive(Deserialize)]
struct Part {
    blob: String,
    name: String,
    modified: Option<Micros>,
}

pub(super) async fn call(
    zips: &Zips,
    caller: Caller,
    method: &str,
    body: Bytes,
) -> Result<Bytes, CallError> {
    let plugin = &*caller.plugin;
    match method {
        "build" => build(zips, &caller, read(&body)?).await,
        "progress" => {
            let Named { id } = read(&body)?;
            answer(&match zips.progress(plugin, &id) {
                Some(now) => json!({
                    "state": "running", "done": now.done, "total": now.total, "entry": now.entry,
                }),
                None => json!({ "state": "unknown" }),
            })
        }
        "cancel" => {
            let Named { id } = read(&body)?;
            answer(&zips.cancel(plugin, &id))
        }
        _ => Err(CallError::new(
            "unknown",
            format!("this host has no method zips.{method}"),
        )),
    }
}

async fn build(zips: &Zips, caller: &Caller, build: Build) -> Result<Bytes, CallError> {
    let level = build.level.map_or(Some(Level::FASTEST), Level::new);
    let level = level.ok_or_else(|| wrong("a level is 1 to 9"))?;
    let password = match build.password.as_deref() {
        Some(text) => Some(Password::new(text).ok_or_else(|| wrong("the password is empty"))?),
        None => None,
    };
    let order = Order {
        plugin: caller.plugin.to_string(),
        id: build.id,
        name: build.name,
        entries: build.entries.into_iter().map(entry).collect(),
        password,
        level,
        created_by: blobs::person(caller),
    };
    // The plugin ends, or its delivery is given up: this call is dropped, or its token cancelled.
    // The task lives on for as long as it takes to clean up.
    let stop = caller.given_up.child_token();
    let _stop_when_dropped = stop.clone().drop_guard();
    let zips = zips.clone();
    let built = tokio::spawn(async move { zips.build(order, stop).await }).await;
    match built {
        Ok(Ok(built)) => answer(&shown(&built)),
        Ok(Err(error)) => Err(fault(error)),
        Err(_) => Err(CallError::new("internal", "the build broke")),
    }
}

fn entry(part: Part) -> Entry {
    Entry {
        blob: part.blob,
        name: part.name,
        modified: part.modified,
    }
}

fn shown(built: &Built) -> Value {
    json!({
        "blob": built.blob.id, "size": built.blob.size, "sha256": built.blob.sha256,
        "entries": built.summary.entries, "stored": built.summary.stored,
        "input": built.summary.input, "names": built.names,
    })
}

fn wrong(text: &str) -> CallError {
    CallError::new("bad_request", text)
}

fn fault(error: ZipError) -> CallError {
    let text = error.to_string();
    match error {
        ZipError::Blob(error) => blobs::fault(error),
        ZipError::Gone { entry, blob } => CallError {
            code: "gone".into(),
            message: text,
            detail: Some(json!({ "entry": entry, "blob": blob })),
        },
        ZipError::Cancelled => CallError::new("cancelled", text),
        ZipError::Busy => CallError::new("busy", text),
        ZipError::Archive(_) => CallError::new("internal", text),
    }
}
