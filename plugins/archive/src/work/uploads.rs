//! Files that came by a link: the core has stored them and says so.

use serde::Deserialize;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::transaction;

use super::{Coming, Work};
use crate::Archives;
use crate::archive::{ArchiveId, NewFile};

/// The payload of the core's job `upload`.
#[derive(Deserialize)]
struct Upload {
    key: String,
    blob: String,
    name: String,
    /// Within the folder that was dropped.
    path: Option<String>,
    media_type: String,
    size: i64,
    sha256: String,
}

pub(crate) async fn uploaded(archives: &Archives, ctx: &Ctx, job: Job) -> Result<(), Error> {
    let upload: Upload = serde_json::from_value(job.payload)?;
    let id = upload.key.split(':').nth(1).and_then(|id| id.parse().ok());
    let Some(id) = id.map(ArchiveId) else {
        return Err(Error::other("an upload to no archive"));
    };
    let path = upload.path.filter(|path| !path.is_empty());
    let name = path.unwrap_or(upload.name);
    let coming = Coming {
        album: None,
        file: NewFile {
            archive_id: id.0,
            // The same bytes under the same name are the same file.
            source: format!("u:{}:{name}", upload.sha256),
            name,
            size: upload.size,
            file_id: None,
            media_type: upload.media_type,
            blob: Some(upload.blob.clone()),
            modified_at: ctx.now().as_microsecond(),
        },
    };
    let work = Work::own(archives, ctx);
    let taken = transaction!(ctx, |c, effects| {
        work.add(c, &mut effects, id, &coming).await
    })?;
    if let Err(refused) = taken {
        // Cancelled meanwhile, full, or there already: what was stored for it goes.
        tracing::info!(archive = id.0, ?refused, "an uploaded file was not taken");
        ctx.blobs().delete(&upload.blob).await?;
    }
    Ok(())
}
