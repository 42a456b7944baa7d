//! A file is announced: everything that can be refused is refused here, before bytes are spent.

use vahta_rows::{Micros, UserId, transaction, with_db};

use super::finish::finish;
use super::path;
use super::rows::UploadRows as _;
use super::sha::Sha;
use super::{Grant, PATIENCE, Upload, UploadError, Uploads};
use crate::blobs::rows::BlobRows as _;
use crate::blobs::{Blob, clean_media_type, fresh_id};

/// A file that somebody wants to bring.
#[derive(Debug, Clone, Default)]
pub struct NewUpload {
    /// With the folders that it comes from; anything, cleaned here.
    pub path: String,
    /// What its bringer says that it is.
    pub media_type: String,
    /// `None`: known at its end, and counted as it comes.
    pub length: Option<u64>,
    /// Whoever is logged in.
    pub user: Option<UserId>,
}

impl Uploads {
    /// Begins a file; an empty one is whole at once.
    ///
    /// # Errors
    /// Whatever the grant does not allow; no room; the database's.
    pub async fn begin(&self, grant: &Grant, new: NewUpload) -> Result<Upload, UploadError> {
        let media_type = clean_media_type(&new.media_type);
        if !fits(&grant.media_types, &media_type) {
            return Err(UploadError::MediaType(grant.media_types.join(", ")));
        }
        let reserved = new.length.unwrap_or_default();
        self.check_quota(grant, reserved)?;
        self.blobs.check_room(reserved).await?;
        let now = Micros::now();
        let expires_at = grant.expires_at.min(now.plus(PATIENCE));
        let path = path::clean(&new.path);
        let blob = Blob {
            id: fresh_id()?,
            plugin: grant.plugin.clone(),
            name: path::name(&path).to_owned(),
            media_type,
            size: 0,
            sha256: String::new(),
            expires_at: Some(expires_at),
            chunks: 0,
        };
        let sha = Sha::default();
        let upload = Upload {
            id: blob.id.clone(),
            path,
            length: new.length,
            offset: 0,
            is_whole: new.length == Some(0),
            expires_at,
            grant: grant.id,
            chunks: 0,
            sha: sha.written(),
            epoch: 0,
        };
        let (db, user) = (self.blobs.db(), new.user.or(grant.user));
        let begun = transaction!(db, c => {
            if !c.reserve(grant.id, 1, reserved, now).await? {
                return Ok(false);
            }
            c.put_partial(&blob, user, now).await?;
            c.put_upload(&upload, reserved, now).await?;
            if upload.is_whole {
                finish(c, grant, &upload, &sha, now).await?;
            }
            Ok(true)
        })?;
        if !begun {
            return Err(self.why_not(grant, reserved).await?);
        }
        if upload.is_whole {
            self.jobs.wake();
        }
        Ok(upload)
    }

    fn check_quota(&self, grant: &Grant, bytes: u64) -> Result<(), UploadError> {
        if grant.left_files() == 0 {
            return Err(UploadError::TooManyFiles(grant.max_files));
        }
        if bytes > grant.left_bytes() {
            return Err(too_large(grant));
        }
        Ok(())
    }

    /// Why a grant that allowed it a moment ago does not any more.
    async fn why_not(&self, grant: &Grant, bytes: u64) -> Result<UploadError, UploadError> {
        let db = self.blobs.db();
        let Some(now) = with_db!(db, c => c.grant_row(grant.id).await)? else {
            return Ok(UploadError::Unknown);
        };
        let refused = self.check_quota(&now, bytes);
        Ok(refused.err().unwrap_or(UploadError::Over))
    }
}

pub(super) fn too_large(grant: &Grant) -> UploadError {
    UploadError::TooLarge {
        left: grant.left_bytes(),
        most: grant.max_bytes,
    }
}

/// `image/*` stands for every picture; an empty list for everything.
fn fits(kinds: &[String], kind: &str) -> bool {
    kinds.is_empty()
        || kinds.iter().any(|wanted| match wanted.strip_suffix("/*") {
            Some(family) => kind.split('/').next() == Some(family),
            None => wanted == kind,
        })
}
