//! SQLite's write-ahead log is copied into the database beside the flow, not inside a commit.
//!
//! By default the commit that fills the log's thousandth page also copies it and waits for the disk,
//! which is one update in a hundred that takes milliseconds longer. A passive checkpoint takes no
//! writer's turn; the pragma's own limit (see `SQLITE_PRAGMAS`) remains for when this task is late.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use vahta_rows::{Conn, Db, DbError};

const EVERY: Duration = Duration::from_secs(1);

/// Checkpoints until the future is dropped; returns at once on PostgreSQL.
pub async fn keep(db: Db) {
    if db.is_postgres() {
        return;
    }
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = passive(&db).await {
            tracing::debug!(%error, "the write-ahead log could not be copied now");
        }
    }
}

async fn passive(db: &Db) -> Result<(), DbError> {
    if let Conn::Sqlite(mut conn) = db.connection().await? {
        conn.spawn_blocking(|c| c.batch_execute("PRAGMA wal_checkpoint(PASSIVE)"))
            .await?;
    }
    Ok(())
}
