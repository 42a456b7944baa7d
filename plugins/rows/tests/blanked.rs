//! What was blanked is not in the file any more.

use std::sync::Arc;

use async_trait::async_trait;
use diesel_async::RunQueryDsl as _;
use vahta_rows::{Db, DbError, Ticket, WriterTicket, diesel, transaction, with_db};

struct NoLine;

#[async_trait]
impl WriterTicket for NoLine {
    async fn acquire(&self) -> Ticket {
        Box::new(())
    }
}

#[tokio::test]
async fn a_body_that_was_blanked_leaves_no_bytes_in_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.db");
    let url = format!("sqlite:{}", path.display());
    let db = Db::open(&url, 1, Arc::new(NoLine)).unwrap();
    for sql in [
        "CREATE TABLE bodies (id INTEGER PRIMARY KEY, raw TEXT NOT NULL)",
        "INSERT INTO bodies VALUES (1, 'first'), (2, 'h0rse battery'), (3, 'last')",
        "UPDATE bodies SET raw = '' WHERE id = 2",
    ] {
        transaction!(db, c => {
            diesel::sql_query(sql).execute(c).await.map_err(DbError::from)
        })
        .unwrap();
    }
    let done: Result<usize, DbError> =
        with_db!(db, c => diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").execute(c).await);
    done.unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(holds("first") && holds("last"), "it is not in the file yet");
    assert!(!holds("h0rse"), "the body is still there");
}
