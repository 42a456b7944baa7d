//! Everything in a database, searched for a text.

use anyhow::Result;
use diesel_async::RunQueryDsl;
use vahta_rows::db::sqlite_path;
use vahta_rows::with_db;

use super::Database;

pub(super) async fn holds(database: &Database, text: &str) -> Result<bool> {
    let Some(path) = sqlite_path(&database.url) else {
        return in_tables(database, text).await;
    };
    // A copy has what is there now: not the pages that were freed, nor the write-ahead log.
    let copy = format!("{path}.copy");
    let into = format!("VACUUM INTO '{copy}'");
    with_db!(database.db(), c => diesel::sql_query(&into).execute(c).await)?;
    let bytes = std::fs::read(&copy)?;
    std::fs::remove_file(&copy)?;
    Ok(contains(&bytes, text))
}

/// Whether these bytes hold this text.
pub fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

async fn in_tables(database: &Database, text: &str) -> Result<bool> {
    let tables = "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public'";
    for table in database.texts(tables).await? {
        // `bytea` prints as hexadecimal digits.
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let sql = format!(
            "SELECT count(*) AS number FROM \"{table}\" t \
             WHERE strpos(t::text, '{text}') > 0 OR strpos(t::text, '{hex}') > 0"
        );
        if database.number(&sql).await? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}
