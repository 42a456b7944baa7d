//! Letting people bring files (capability `uploads`): the plugin says how much, the core takes the
//! bytes, and each file that is whole comes as a job of kind
//! [`JOB`](vahta_rows::uploads::JOB) with [`Uploaded`](vahta_rows::uploads::Uploaded).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vahta_rows::{Micros, UserId};

use crate::{Ctx, Error, Host};

/// What a link allows.
#[derive(Clone, Debug, Serialize)]
pub struct NewGrant {
    /// The plugin's own name for what the files are for: it comes back with each of them.
    pub key: String,
    /// For all files together.
    pub max_bytes: u64,
    pub max_files: u32,
    /// `type/subtype` or `type/*`; none: every kind.
    pub media_types: Vec<String>,
    pub expires_at: Micros,
    /// In whose name files come that nobody who is logged in brings.
    pub user_id: Option<UserId>,
    /// Comes back with each file.
    pub meta: Value,
}

impl NewGrant {
    /// Every kind of file, in nobody's name.
    pub fn new(key: impl Into<String>, max_bytes: u64, max_files: u32, expires_at: Micros) -> Self {
        Self {
            key: key.into(),
            max_bytes,
            max_files,
            media_types: Vec::new(),
            expires_at,
            user_id: None,
            meta: Value::Null,
        }
    }
}

/// A link that was made: its path is the right, and is shown only now.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Granted {
    /// Comes back with each file.
    pub grant: i64,
    /// `/u/…`, for a drop zone, a form or a script.
    pub path: String,
}

/// Uploads, as one delivery or the plugin itself reaches them.
#[derive(Clone)]
pub struct Uploads {
    host: Host,
    delivery: u64,
}

impl Ctx {
    /// Uploads, in the name of this delivery.
    pub fn uploads(&self) -> Uploads {
        Uploads {
            host: self.host().clone(),
            delivery: self.number(),
        }
    }
}

impl Host {
    /// Uploads, for work that no delivery caused.
    pub fn uploads(&self) -> Uploads {
        Uploads {
            host: self.clone(),
            delivery: 0,
        }
    }
}

impl Uploads {
    /// Makes a link by which files may be brought.
    ///
    /// # Errors
    /// The host's: `bad_request` says what does not fit.
    pub async fn grant(&self, new: &NewGrant) -> Result<Granted, Error> {
        self.host.call_in(self.delivery, "uploads.grant", new).await
    }

    /// Ends all links with this key, and what is under way by them; answers how many were open.
    ///
    /// # Errors
    /// The host's.
    pub async fn revoke(&self, key: &str) -> Result<usize, Error> {
        #[derive(Deserialize)]
        struct Answer {
            revoked: usize,
        }
        let body = json!({ "key": key });
        let Answer { revoked } = self
            .host
            .call_in(self.delivery, "uploads.revoke", &body)
            .await?;
        Ok(revoked)
    }
}
