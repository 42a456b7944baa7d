//! A grant for a plugin: reserved before anybody gets a link.

use serde_json::Value;
use vahta_rows::{DbError, DownloadId, transaction, with_db};

use super::rows::DownloadRows;
use super::{DownloadError, Downloads};
use crate::tokens::Token;

/// What a plugin wants to give out.
#[derive(Debug, Clone)]
pub struct NewGrant {
    /// Of a rule that it has set.
    pub key: String,
    pub blob: String,
    /// What the file is called when it is saved; `None`: as it was stored.
    pub name: Option<String>,
    /// Comes back with the job that tells the end.
    pub meta: Value,
}

/// A grant that was made.
#[derive(Debug)]
pub struct Granted {
    pub id: DownloadId,
    /// Shown once: only its hash is kept.
    pub token: Token,
}

/// Why nothing is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("as many downloads as its rule allows are taken or under way")]
    Exhausted,
    #[error("its time is over")]
    Expired,
    #[error("it is not open for downloads")]
    Closed,
    #[error("there is no such file, or no longer")]
    Gone,
}

impl Refused {
    pub fn code(self) -> &'static str {
        match self {
            Self::Exhausted => "exhausted",
            Self::Expired => "expired",
            Self::Closed => "closed",
            Self::Gone => "gone",
        }
    }
}

impl Downloads {
    /// Reserves one download, by one compare-and-set on its rule.
    ///
    /// # Errors
    /// [`Refused`] says why there is none; the database's.
    pub async fn grant(&self, plugin: &str, new: &NewGrant) -> Result<Granted, DownloadError> {
        let blob = self.0.blobs.find(plugin, &new.blob).await?;
        let blob = blob.ok_or(Refused::Gone)?;
        // Whoever comes too late takes no writer's turn.
        if let Some(refused) = with_db!(self.0.db, c => why_not(c, plugin, &new.key).await)? {
            return Err(refused.into());
        }
        let token = Token::fresh()?;
        let hash = token.hash();
        let (instance, lease) = (self.0.instance, self.lease());
        let id = transaction!(self.0.db, c => {
            if !c.reserve(plugin, &new.key).await? {
                let refused = why_not(c, plugin, &new.key).await?;
                // What the compare-and-set refused is so, also if it is not any more.
                return Ok(Err(refused.unwrap_or(Refused::Exhausted)));
            }
            c.put_download(plugin, new, &blob, &hash, instance, lease).await.map(Ok)
        })??;
        Ok(Granted { id, token })
    }
}

/// Why a rule grants nothing just now; `None`: it does.
async fn why_not<C: DownloadRows + Send>(
    c: &mut C,
    plugin: &str,
    key: &str,
) -> Result<Option<Refused>, DbError> {
    Ok(match c.standing(plugin, key).await? {
        None => Some(Refused::Closed),
        Some(rule) if !rule.open => Some(Refused::Closed),
        Some(rule) if rule.is_expired => Some(Refused::Expired),
        Some(rule) if rule.is_exhausted => Some(Refused::Exhausted),
        Some(_) => None,
    })
}
