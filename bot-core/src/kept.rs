//! Updates that were kept: parked after three crashes, or of a kind that nobody could read.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{Db, DbError, Micros, UpdateId, with_db};

use crate::access::By;
use crate::app::App;
use crate::storage::journal::UpdateState;
use crate::storage::schema::updates;

/// A kept update, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub id: UpdateId,
    /// The Bot API's name of its kind.
    pub kind: String,
    /// Parked; else nobody could read it.
    pub parked: bool,
    pub error: Option<String>,
    pub received_at: Micros,
}

/// Page `page` (from 0), the newest first; one more than `size` when there are more.
pub async fn list(db: &Db, page: u32, size: i64) -> Result<Vec<Kept>, DbError> {
    type Row = (i64, String, i16, Option<String>, i64);
    let rows: Vec<Row> = with_db!(db, c => Run::load(
        updates::table
            .filter(updates::state.gt(UpdateState::Done as i16))
            .order(updates::id.desc())
            .offset(i64::from(page) * size)
            .limit(size + 1)
            .select((
                updates::id, updates::kind, updates::state, updates::error, updates::received_at,
            )),
        c,
    ).await)?;
    Ok(rows
        .into_iter()
        .map(|(id, kind, state, error, at)| Kept {
            id: UpdateId(id),
            kind,
            parked: state == UpdateState::Parked as i16,
            error,
            received_at: Micros(at),
        })
        .collect())
}

/// The update as Telegram sent it; `None` when it is not kept (any more).
pub async fn raw(db: &Db, id: UpdateId) -> Result<Option<Vec<u8>>, DbError> {
    with_db!(db, c => Run::first(
        updates::table
            .find(id.0)
            .filter(updates::state.gt(UpdateState::Done as i16))
            .select(updates::raw),
        c,
    ).await.optional())
}

/// Runs a kept update once more; false when it is not kept any more.
pub async fn retry(app: &App, id: UpdateId, by: &By) -> Result<bool, DbError> {
    if !app.dispatcher.retry(id, by).await? {
        return Ok(false);
    }
    app.events.wake();
    Ok(true)
}
