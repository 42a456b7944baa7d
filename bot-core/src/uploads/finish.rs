//! The last part is there.

use vahta_rows::jobs::{NewJob, PutJob};
use vahta_rows::uploads::{JOB, Uploaded};
use vahta_rows::{DbError, Micros, diesel};

use super::rows::UploadRows;
use super::sha::Sha;
use super::{Grant, KEPT, Upload};
use crate::blobs::rows::BlobRows;

/// With the runner's pauses these last for more than a day.
const TRIES: i32 = 20;

/// Makes a file whole whose last part was just written down: the blob, and its plugin's job. An error
/// takes everything back.
pub(super) async fn finish<C>(
    c: &mut C,
    grant: &Grant,
    upload: &Upload,
    sha: &Sha,
    now: Micros,
) -> Result<(), DbError>
where
    C: UploadRows + BlobRows + PutJob + Send,
{
    let gone = || DbError::Query(diesel::result::Error::NotFound);
    // Looked at once more, now that the bytes are there: a grant may have been revoked meanwhile.
    if !c.end_upload(upload, grant.expires_at).await? || !c.is_within(grant.id).await? {
        return Err(gone());
    }
    let (mut blob, user_id) = c.partial(&upload.id).await?.ok_or_else(gone)?;
    blob.size = upload.offset;
    blob.sha256 = sha.hex();
    blob.chunks = u32::try_from(upload.chunks).unwrap_or_default();
    blob.expires_at = Some(now.plus(KEPT));
    if !c.make_whole(&blob, now).await? {
        return Err(gone());
    }
    let told = Uploaded {
        grant: grant.id,
        key: grant.key.clone(),
        blob: blob.id.clone(),
        name: blob.name,
        path: upload.path.clone(),
        media_type: blob.media_type,
        size: blob.size,
        sha256: blob.sha256,
        user_id,
        meta: grant.meta.clone(),
    };
    c.put_job(&NewJob {
        plugin: grant.plugin.clone(),
        kind: JOB.into(),
        payload: serde_json::to_value(&told)?,
        unique_key: Some(format!("upload:{}", blob.id)),
        priority: 0,
        due_at: None,
        max_attempts: TRIES,
    })
    .await?;
    Ok(())
}
