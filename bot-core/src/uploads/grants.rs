//! The right to bring files: made by a plugin, held by whoever has the token.

use serde_json::Value;
use vahta_rows::{Micros, UserId, transaction, with_db};

use super::rows::UploadRows as _;
use super::{Grant, UploadError, Uploads};
use crate::blobs::clean_media_type;
use crate::tokens::{self, Token};

/// Of a key, in bytes.
const KEY: usize = 256;
/// Of what the plugin wants back with each file, in bytes.
const META: usize = 16 * 1024;
/// What one grant may allow; more is a mistake.
const MOST_FILES: u32 = 1_000_000;

/// What a plugin asks for.
#[derive(Debug, Clone)]
pub struct NewGrant {
    pub plugin: String,
    pub key: String,
    pub max_bytes: u64,
    pub max_files: u32,
    pub media_types: Vec<String>,
    pub user: Option<UserId>,
    pub meta: Value,
    pub expires_at: Micros,
}

/// A grant, with its token in clear: shown once, never stored.
#[derive(Debug)]
pub struct Granted {
    pub id: i64,
    pub token: Token,
}

impl Uploads {
    /// Makes a grant.
    ///
    /// # Errors
    /// [`UploadError::Wrong`] says what does not fit; the database's.
    pub async fn grant(&self, mut new: NewGrant) -> Result<Granted, UploadError> {
        check(&new)?;
        for kind in &mut new.media_types {
            // A family stays one.
            *kind = match kind.strip_suffix("/*") {
                Some(family) => format!("{}/*", family.to_ascii_lowercase()),
                None => clean_media_type(kind),
            };
        }
        let (token, now) = (Token::fresh()?, Micros::now());
        let (db, hash) = (self.blobs.db(), token.hash());
        let id = transaction!(db, c => c.put_grant(&new, &hash, now).await)?;
        Ok(Granted { id, token })
    }

    /// What a token allows now.
    ///
    /// # Errors
    /// [`UploadError::Unknown`], also of a revoked one; [`UploadError::Over`]; the database's.
    pub async fn open(&self, token: &str) -> Result<Grant, UploadError> {
        if !tokens::is_well_formed(token) {
            return Err(UploadError::Unknown);
        }
        let (db, hash) = (self.blobs.db(), tokens::hash(token));
        let found = with_db!(db, c => c.grant_by_token(&hash).await)?;
        let grant = found.ok_or(UploadError::Unknown)?;
        if grant.expires_at <= Micros::now() {
            return Err(UploadError::Over);
        }
        Ok(grant)
    }

    /// Revokes all grants of a plugin with this key; files under way end. Answers how many were open.
    ///
    /// # Errors
    /// The database's. What of the files could not be deleted, housekeeping deletes.
    pub async fn revoke(&self, plugin: &str, key: &str) -> Result<usize, UploadError> {
        let db = self.blobs.db();
        let revoked = transaction!(db, c => c.revoke_grants(plugin, key).await)?;
        self.end_unwanted().await?;
        Ok(revoked)
    }
}

fn check(new: &NewGrant) -> Result<(), UploadError> {
    let meta = serde_json::to_string(&new.meta).map_or(usize::MAX, |text| text.len());
    let wrong = if new.key.is_empty() || new.key.len() > KEY {
        Some(format!("a key has 1 to {KEY} bytes"))
    } else if new.max_bytes == 0 || i64::try_from(new.max_bytes).is_err() {
        Some("max_bytes is at least 1".into())
    } else if new.max_files == 0 || new.max_files > MOST_FILES {
        Some(format!("max_files is 1 to {MOST_FILES}"))
    } else if new.expires_at <= Micros::now() {
        Some("expires_at lies in the past".into())
    } else if meta > META {
        Some(format!("meta has at most {META} bytes"))
    } else {
        None
    };
    wrong.map_or(Ok(()), |wrong| Err(UploadError::Wrong(wrong)))
}
