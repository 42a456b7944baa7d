//! The journal keeps what must not be lost, and nothing that can never be written.

use bot_core::storage::journal::{Finished, Journal, RawUpdate, UpdateState};
use diesel_async::RunQueryDsl as _;
use vahta_rows::{DbError, Micros, UpdateId, with_db};

use crate::bed::{Bed, stories};

stories!(a_mark_that_the_database_refuses_holds_up_no_other);

fn done(id: i64) -> Finished {
    Finished {
        id: UpdateId(id),
        state: UpdateState::Done,
        error: None,
        at: Micros::now(),
    }
}

async fn a_mark_that_the_database_refuses_holds_up_no_other(bed: Bed) {
    let refuse = if bed.db.is_postgres() {
        "ALTER TABLE updates ADD CONSTRAINT never CHECK (id <> 7 OR state = 0)"
    } else {
        "CREATE TRIGGER never BEFORE UPDATE ON updates WHEN NEW.id = 7 \
         BEGIN SELECT RAISE(ABORT, 'never'); END"
    };
    let refused: Result<usize, DbError> =
        with_db!(bed.db, c => diesel::sql_query(refuse).execute(c).await);
    refused.unwrap();
    let journal = Journal::start(bed.db.clone());
    let updates = [7, 8].map(|id| RawUpdate {
        id: UpdateId(id),
        chat_key: 1,
        kind: "message".into(),
        raw: "{}".into(),
        received_at: Micros::now(),
    });
    journal.store(updates.into()).await.unwrap();
    journal.finished(done(7)).await;
    journal.finished(done(8)).await;
    assert!(journal.flush().await, "something is kept for ever");
    assert_eq!(bed.count("updates WHERE state = 1").await, 1);
}
