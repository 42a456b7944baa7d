//! One build: files in, an upload out.

use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures::TryStreamExt as _;
use vahta_zip::{Ended, Error, Names, Options, Sink, Summary, Writer};

use super::under_way::Build;
use super::{Built, Entry, Order, ZipError};
use crate::blobs::{Blob, BlobError, Blobs, NewBlob, Upload};

const MEDIA_TYPE: &str = "application/zip";

impl Sink for Upload {
    type Error = BlobError;

    async fn write(&mut self, piece: Bytes) -> Result<(), BlobError> {
        Upload::write(self, piece).await
    }
}

pub(super) async fn run(
    blobs: &Blobs,
    order: Order,
    threads: NonZeroUsize,
    build: &Build,
) -> Result<Built, ZipError> {
    // Before bytes are spent: is everything there?
    let mut total = 0;
    for (number, entry) in order.entries.iter().enumerate() {
        total += find(blobs, &order.plugin, number, entry).await?.size;
        if build.stop.is_cancelled() {
            return Err(ZipError::Cancelled);
        }
    }
    build.state.total.store(total, Ordering::Relaxed);
    let upload = blobs
        .begin(NewBlob {
            plugin: order.plugin.clone(),
            name: order.name.clone(),
            media_type: MEDIA_TYPE.to_owned(),
            created_by: order.created_by,
        })
        .await?;
    let options = Options {
        level: order.level,
        threads,
        password: order.password.clone(),
    };
    let mut writer = match Writer::new(upload, &options) {
        Ok(writer) => writer,
        Err(error) => return Err(ZipError::Archive(error.to_string())),
    };
    let added = tokio::select! {
        biased;
        () = build.stop.cancelled() => Err(ZipError::Cancelled),
        added = add_all(blobs, &order, &mut writer, build) => added,
    };
    match added {
        Ok(names) => {
            // Little is left to write: not worth an end in the middle.
            let (blob, summary) = close(writer.finish().await, build).await?;
            Ok(Built {
                blob,
                summary,
                names,
            })
        }
        Err(error) => Err(give_up(writer, error).await),
    }
}

/// Adds every entry; answers the names that they got.
async fn add_all(
    blobs: &Blobs,
    order: &Order,
    writer: &mut Writer<Upload>,
    build: &Build,
) -> Result<Vec<String>, ZipError> {
    let mut names = Names::new();
    let mut given = Vec::with_capacity(order.entries.len());
    for (number, entry) in order.entries.iter().enumerate() {
        build.state.entry.store(number, Ordering::Relaxed);
        let blob = find(blobs, &order.plugin, number, entry).await?;
        let gone = |error| match error {
            BlobError::Gone => missing(number, entry),
            error => error.into(),
        };
        let bytes = blobs.read(&blob, 0..blob.size).await.map_err(gone)?;
        let bytes = bytes.inspect_ok(|piece| {
            let done = &build.state.done;
            done.fetch_add(piece.len() as u64, Ordering::Relaxed);
        });
        let name = names.unique_safe_name(&entry.name);
        let head = vahta_zip::Entry {
            name: &name,
            modified: entry.modified.map(|at| at.0.div_euclid(1_000_000)),
            size: Some(blob.size),
        };
        writer.add(head, bytes).await.map_err(|error| match error {
            Error::Source(error) => gone(error),
            error => fault(error),
        })?;
        given.push(name);
    }
    Ok(given)
}

async fn find(blobs: &Blobs, plugin: &str, number: usize, entry: &Entry) -> Result<Blob, ZipError> {
    let found = blobs.find(plugin, &entry.blob).await?;
    found.ok_or_else(|| missing(number, entry))
}

fn missing(entry: usize, of: &Entry) -> ZipError {
    ZipError::Gone {
        entry,
        blob: of.blob.clone(),
    }
}

/// Makes the archive appear, or leaves nothing of it.
async fn close(ended: Ended<Upload>, build: &Build) -> Result<(Blob, Summary), ZipError> {
    let result = if build.stop.is_cancelled() {
        Err(ZipError::Cancelled)
    } else {
        ended.result.map_err(fault)
    };
    match (result, ended.sink) {
        (Ok(summary), Some(upload)) => Ok((upload.finish().await?, summary)),
        (result, upload) => {
            if let Some(upload) = upload {
                upload.abort().await;
            }
            Err(result.err().unwrap_or(fault(Error::Over)))
        }
    }
}

/// Leaves nothing behind; answers what really went wrong.
async fn give_up(writer: Writer<Upload>, error: ZipError) -> ZipError {
    let ended = writer.abandon().await;
    if let Some(upload) = ended.sink {
        upload.abort().await;
    }
    match ended.result {
        // The reader only saw that the writer had stopped.
        Err(cause @ (Error::Sink(_) | Error::Record(_) | Error::NoRandomness(_))) => fault(cause),
        _ => error,
    }
}

fn fault(error: Error<BlobError>) -> ZipError {
    match error {
        Error::Source(error) | Error::Sink(error) => ZipError::Blob(error),
        error => ZipError::Archive(error.to_string()),
    }
}
