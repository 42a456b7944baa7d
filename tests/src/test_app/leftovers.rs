//! What a bot must not leave behind.

use anyhow::Result;

use crate::Stage;
use crate::notes::{self, Notes};

/// Updates that were not finished, messages that were not sent, jobs that run, files half written, Bot API methods that
/// do not exist, error lines, and a plugin's threads. Each is a line.
pub(super) async fn find(stage: &Stage, notes: &Notes) -> Result<Vec<String>> {
    let mut left = Vec::new();
    let rows = [
        "SELECT 'update ' || id || ' ' || kind || ' is open' AS text FROM updates WHERE state = 0",
        "SELECT 'update ' || id || ' ' || kind || ' was parked: ' || COALESCE(error, '') AS text \
         FROM updates WHERE state = 3",
        "SELECT 'update ' || id || ' failed: ' || error AS text \
         FROM updates WHERE state = 1 AND error IS NOT NULL",
        "SELECT 'message ' || id || ' to ' || chat_id || ' is queued' AS text \
         FROM outbox WHERE state = 0",
        "SELECT 'message ' || id || ' to ' || chat_id || ' failed: ' || COALESCE(last_error, '') AS text \
         FROM outbox WHERE state = 2",
        "SELECT 'job ' || id || ' ' || kind || ' is running or dead' AS text \
         FROM jobs WHERE state IN (1, 3)",
        // 3: some of it is there, and whoever brings it may go on another day.
        "SELECT 'blob ' || id || ' is unfinished' AS text FROM blobs WHERE state IN (0, 2)",
        "SELECT 'part ' || object || ' is unfinished' AS text FROM blob_chunks WHERE state <> 1",
        "SELECT 'instance ' || id || ' did not leave' AS text FROM instances",
    ];
    for sql in rows {
        left.extend(stage.database.texts(sql).await?);
    }
    let stats = stage.control.get("stats").await?;
    for (method, count) in stats["unknown_methods"].as_object().into_iter().flatten() {
        left.push(format!(
            "the bot called {method}, which does not exist, {count} times"
        ));
    }
    left.extend(
        notes
            .errors()
            .into_iter()
            .map(|line| format!("logged: {line}")),
    );
    if notes::is_alone() {
        let threads = crate::figures::threads(std::process::id())?;
        let of_plugins = threads
            .into_iter()
            .filter(|name| name.starts_with("plugin-") || name.starts_with("gate-"));
        left.extend(of_plugins.map(|name| format!("thread {name} goes on")));
    }
    Ok(left)
}
