//! A file that somebody brought by a grant: what its plugin is told.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::UserId;

/// The kind of the job, which no manifest lists.
pub const JOB: &str = "upload";

/// The job's payload. The file is the plugin's and goes away within a day: keep it, in the
/// transaction of the row that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uploaded {
    /// The grant that it came by.
    pub grant: i64,
    /// The plugin's own name for what the grant is for.
    pub key: String,
    pub blob: String,
    /// To show; it is cleaned, and still to be escaped.
    pub name: String,
    /// The name with the folders that it came from, such as `photos/2026/a.jpg`: never absolute,
    /// never upwards.
    pub path: String,
    /// What its bringer says that it is.
    pub media_type: String,
    pub size: u64,
    /// In hexadecimal.
    pub sha256: String,
    /// Whoever was logged in, else the one that the grant names.
    pub user_id: Option<UserId>,
    /// The grant's.
    pub meta: Value,
}
