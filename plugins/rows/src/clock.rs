//! Instants are microseconds since 1970-01-01 UTC in a `BIGINT` on both databases: text would mix
//! formats that compare wrongly, and `TIMESTAMPTZ` does not exist on SQLite.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    /// This machine's clock. Leases compare the database's clock instead, see [`SQLITE_NOW`].
    pub fn now() -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    pub fn plus(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)),
        )
    }

    pub fn minus(self, by: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)),
        )
    }
}

/// SQLite's clock as microseconds (millisecond resolution; 3.40 has no `unixepoch('subsec')`).
pub const SQLITE_NOW: &str =
    "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS BIGINT) * 1000";

/// PostgreSQL's clock as microseconds; `clock_timestamp` moves within a transaction, `now` does not.
pub const POSTGRES_NOW: &str = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";
