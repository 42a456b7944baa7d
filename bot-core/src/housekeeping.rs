//! What grows is cut back: finished rows and old logs, a little at a time.

use std::time::Duration;

use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use vahta_rows::{DbError, Micros, transaction};

use crate::announcements;
use crate::app::App;

const EVERY: Duration = Duration::from_secs(60);
const DAY: u64 = 24 * 3_600;
/// Rows that one transaction deletes: the writer's ticket is short.
const MOST: i64 = 5_000;

/// Table, the condition on its age, and for how many days its rows are kept.
const RETENTION: &[(&str, &str, u64)] = &[
    // Telegram repeats what was not acknowledged for a day; a week is its longest memory of ids.
    ("updates", "state = 1 AND done_at", 7),
    ("message_logs", "at", 90),
    ("api_logs", "at", 14),
    ("outbox", "state = 1 AND created_at", 14),
    ("jobs", "state IN (2, 4) AND finished_at", 14),
    ("events", "at", 14),
    ("notices", "due_at IS NULL AND read_at", 30),
    ("notices", "due_at IS NULL AND created_at", 180),
    // Their plugin has the job, and keeps of it what it wants.
    ("downloads", "ended_at", 14),
    ("link_tokens", "expires_at", 30),
    ("web_sessions", "ended_at", 30),
    ("web_sessions", "expires_at", 30),
    ("login_attempts", "last_at", 1),
    // Telegram's proofs are good for a day.
    ("login_proofs", "at", 2),
    ("idempotency_keys", "created_at", 1),
    ("uploads", "state = 1 AND expires_at", 1),
    ("upload_grants", "expires_at", 14),
];

/// Tables whose rows are only ever added.
const LOGS: &[&str] = &["message_logs", "api_logs", "events"];

/// Sweeps until the future is dropped.
pub async fn keep(app: App) {
    loop {
        tokio::time::sleep(EVERY).await;
        once(&app).await;
    }
}

/// One sweep; what fails is logged and tried again by the next one.
pub async fn once(app: &App) {
    app.limits.sweep();
    if let Err(error) = app.limits.converge().await {
        tracing::warn!(%error, "limits that another process changed could not be read");
    }
    if let Err(error) = app.access.sweep().await {
        tracing::warn!(%error, "ended grants could not be forgotten");
    }
    if let Err(error) = app.sessions.sweep().await {
        tracing::warn!(%error, "expired dialogs could not be closed");
    }
    if let Err(error) = app.uploads.end_unwanted().await {
        tracing::warn!(%error, "uploads that nobody goes on with could not be ended");
    }
    if let Err(error) = app.blobs.sweep().await {
        tracing::warn!(%error, "files that nobody wants could not be deleted");
    }
    if let Err(error) = announcements::settle(&app.db).await {
        tracing::warn!(%error, "announcements could not be counted");
    }
    for (table, age, days) in RETENTION {
        if let Err(error) = cut(app, table, age, *days).await {
            tracing::warn!(%error, table, "old rows could not be deleted");
        }
    }
}

async fn cut(app: &App, table: &str, age: &str, days: u64) -> Result<(), DbError> {
    let before = Micros::now().minus(Duration::from_secs(days * DAY));
    // The names are this file's own; the values are bound.
    let mark = |n: i32| {
        if app.db.is_postgres() {
            format!("${n}")
        } else {
            "?".to_string()
        }
    };
    let sql = if LOGS.contains(&table) {
        // Ids of a log grow with its time, so only its oldest rows are looked at: a condition on
        // the time alone would read the whole table under the writer's ticket.
        format!(
            "DELETE FROM {table} WHERE {age} < {} AND id IN (SELECT id FROM {table} ORDER BY id LIMIT {})",
            mark(1),
            mark(2),
        )
    } else {
        let key = match table {
            "link_tokens" | "idempotency_keys" | "web_sessions" | "login_proofs" => "hash",
            "login_attempts" => "key",
            _ => "id",
        };
        format!(
            "DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {age} < {} LIMIT {})",
            mark(1),
            mark(2),
        )
    };
    let deleted = transaction!(app.db, c => {
        diesel::sql_query(&sql)
            .bind::<BigInt, _>(before.0)
            .bind::<BigInt, _>(MOST)
            .execute(c)
            .await
            .map_err(DbError::from)
    })?;
    if deleted > 0 {
        tracing::debug!(table, deleted, "old rows deleted");
    }
    Ok(())
}
