//! What admins allow: `settings_schema` of the manifest describes it.

use serde::Deserialize;
use vahta_plugin_sdk::Error;

const MB: i64 = 1_000_000;
const DAY_S: i64 = 86_400;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Bounds {
    max_files: u32,
    max_archive_mb: u32,
    quota_mb: u32,
    /// 0: as much as the disk has.
    total_quota_mb: u32,
    lifetime_days: u32,
    max_lifetime_days: u32,
    max_downloads: u32,
    /// 0: never.
    send_zip_mb: u32,
    level: u8,
}

impl Bounds {
    /// # Errors
    /// Numbers that contradict each other.
    pub fn check(&self) -> Result<(), Error> {
        if self.lifetime_days > self.max_lifetime_days {
            return Err(Error::other("lifetime_days is more than max_lifetime_days"));
        }
        Ok(())
    }

    pub fn files(&self) -> i64 {
        i64::from(self.max_files)
    }

    /// Bytes of one archive's files.
    pub fn archive(&self) -> i64 {
        i64::from(self.max_archive_mb) * MB
    }

    /// Bytes of one person's archives.
    pub fn person(&self) -> i64 {
        i64::from(self.quota_mb) * MB
    }

    /// Bytes of all archives; none: no bound.
    pub fn everybody(&self) -> Option<i64> {
        (self.total_quota_mb > 0).then(|| i64::from(self.total_quota_mb) * MB)
    }

    pub fn lifetime(&self) -> i64 {
        i64::from(self.lifetime_days) * DAY_S
    }

    pub fn longest_lifetime(&self) -> i64 {
        i64::from(self.max_lifetime_days) * DAY_S
    }

    pub fn downloads(&self) -> i32 {
        i32::try_from(self.max_downloads).unwrap_or(i32::MAX)
    }

    /// A ZIP up to so many bytes is sent into the chat as well. Source: Bot API, "Sending files".
    pub fn sent(&self) -> i64 {
        i64::from(self.send_zip_mb.min(50)) * MB
    }

    pub fn level(&self) -> u8 {
        self.level
    }
}
