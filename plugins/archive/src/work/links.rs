//! What the core gives by a link: uploads into an archive, and downloads of it.

use serde::Deserialize;
use serde_json::json;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::{Micros, with_db};
use vahta_plugin_sdk::transaction;

use super::Work;
use super::acts::Change;
use crate::archive::Archive;
use crate::store::ArchiveRows as _;
use crate::store::files::FileRows as _;
use crate::token;

/// How long files may be brought by one link.
const UPLOADS: i64 = 86_400_000_000;

#[derive(Deserialize)]
struct Path {
    path: String,
}

/// Where browsers and scripts bring files, made when it is first asked for.
pub(crate) async fn upload_link(work: &Work<'_>, archive: &Archive) -> Result<String, Error> {
    if let Some(path) = &archive.upload_path {
        return Ok(path.clone());
    }
    let path = ask(work, archive, "own").await?;
    let ctx = work.ctx;
    let changed = transaction!(ctx, |c, effects| {
        work.change(
            c,
            &mut effects,
            archive.id,
            Change::UploadPath(path.clone()),
        )
        .await
    })?;
    drop(changed);
    Ok(path)
}

/// The link with which somebody without an account brings files.
pub(crate) async fn request_link(work: &Work<'_>, archive: &Archive) -> Result<(), Error> {
    let path = ask(work, archive, "others").await?;
    let token = token::fresh()?;
    let ctx = work.ctx;
    transaction!(ctx, |c, effects| {
        let found = c.lock(archive.id).await?;
        if let Some(archive) = found.filter(Archive::is_collecting) {
            c.put_request(archive.id, &token, &path).await?;
            work.trace(&mut effects, c, &archive, "archive.requested")
                .await?;
        }
        Ok(())
    })
}

async fn ask(work: &Work<'_>, archive: &Archive, who: &str) -> Result<String, Error> {
    let bounds = &work.archives.bounds;
    let db = work.ctx.db()?;
    let sum = with_db!(db, c => c.sum(archive.id).await)?;
    let body = json!({
        "key": format!("{}:{who}", archive.key()),
        "max_bytes": bounds.archive().saturating_sub(sum.bytes).max(0),
        "max_files": bounds.files().saturating_sub(sum.files).max(0),
        "expires_at": Micros(work.at.0.saturating_add(UPLOADS)),
        "user_id": work.user,
        "meta": { "archive": archive.id.0, "who": who },
    });
    let Path { path } = work.ctx.call("uploads.grant", &body).await?;
    Ok(path)
}

/// One download of a ready archive; the error is the core's code for why there is none.
pub(crate) async fn grant(
    work: &Work<'_>,
    archive: &Archive,
    referer: &str,
) -> Result<Result<String, String>, Error> {
    let Some(blob) = &archive.blob else {
        return Ok(Err("gone".to_owned()));
    };
    let body = json!({
        "key": archive.key(), "blob": blob, "name": archive.file_name(),
        "meta": { "referer": referer },
    });
    match work.ctx.call("downloads.grant", &body).await {
        Ok(Path { path }) => Ok(Ok(path)),
        Err(Error::Call(error))
            if matches!(
                error.code.as_str(),
                "exhausted" | "expired" | "closed" | "gone"
            ) =>
        {
            Ok(Err(error.code))
        }
        Err(error) => Err(error),
    }
}
