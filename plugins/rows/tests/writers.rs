//! Writers stand in line for SQLite's ticket with empty hands.

use std::sync::Arc;

use async_trait::async_trait;
use diesel_async::RunQueryDsl as _;
use tokio::sync::{Notify, Semaphore};
use vahta_rows::{Db, DbError, Ticket, WriterTicket, diesel, transaction, with_db};

struct Desk {
    asked: Notify,
    free: Arc<Semaphore>,
}

#[async_trait]
impl WriterTicket for Desk {
    async fn acquire(&self) -> Ticket {
        self.asked.notify_one();
        Box::new(Arc::clone(&self.free).acquire_owned().await.ok())
    }
}

#[tokio::test]
async fn whoever_waits_for_the_ticket_holds_no_connection() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("one.db").display());
    let desk = Arc::new(Desk {
        asked: Notify::new(),
        free: Arc::new(Semaphore::new(0)),
    });
    let db = Db::open(&url, 1, desk.clone()).unwrap();
    let writes = tokio::spawn({
        let db = db.clone();
        async move {
            transaction!(db, c => {
                diesel::sql_query("CREATE TABLE t (n INTEGER)").execute(c).await?;
                Ok(())
            })
        }
    });
    desk.asked.notified().await;
    // The pool has one connection, and the writer stands in line.
    let read: Result<usize, DbError> =
        with_db!(db, c => diesel::sql_query("SELECT 1").execute(c).await);
    read.unwrap();
    assert!(!writes.is_finished());
    desk.free.add_permits(1);
    writes.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_writer_finds_a_connection_although_readers_have_them_all() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("one.db").display());
    let desk = Arc::new(Desk {
        asked: Notify::new(),
        free: Arc::new(Semaphore::new(1)),
    });
    let db = Db::open(&url, 2, desk).unwrap();
    let _readers = (
        db.connection().await.unwrap(),
        db.connection().await.unwrap(),
    );
    let written: Result<(), DbError> = transaction!(db, c => {
        diesel::sql_query("CREATE TABLE t (n INTEGER)").execute(c).await?;
        Ok(())
    });
    written.unwrap();
}
