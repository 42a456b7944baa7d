//! Open updates that are in the table and not in memory.

use std::time::Instant;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::json;
use vahta_rows::{Db, DbError, Micros, UpdateId, with_db};

use super::{PER_CHAT, Waiting};
use crate::access::{Act, By, RecordAct as _};
use crate::storage::journal::UpdateState;
use crate::storage::schema::updates;

const OPEN: i16 = UpdateState::Open as i16;

/// Chats with open updates, the longest waiting first.
pub(super) async fn open_chats(db: &Db) -> Result<Vec<i64>, DbError> {
    let keys: Vec<i64> = with_db!(db, c => updates::table
        .filter(updates::state.eq(OPEN))
        .group_by(updates::chat_key)
        .select(updates::chat_key)
        .order(diesel::dsl::min(updates::id))
        .load(c)
        .await)?;
    Ok(keys)
}

/// The next open updates of one chat behind `after`.
pub(super) async fn next(db: &Db, key: i64, after: i64) -> Result<Vec<Waiting>, DbError> {
    let limit = i64::try_from(PER_CHAT).unwrap_or(64);
    let rows: Vec<(i64, Vec<u8>, i64, i32)> = with_db!(db, c => updates::table
        .filter(updates::state.eq(OPEN))
        .filter(updates::chat_key.eq(key))
        .filter(updates::id.gt(after))
        .order(updates::id)
        .limit(limit)
        .select((updates::id, updates::raw, updates::received_at, updates::attempts))
        .load(c)
        .await)?;
    Ok(rows
        .into_iter()
        .map(|(id, raw, received_at, attempts)| Waiting {
            id: UpdateId(id),
            chat_key: key,
            raw: raw.into(),
            received_at: Micros(received_at),
            received: Instant::now(),
            attempts,
            suspect: false,
        })
        .collect())
}

/// Counts one more run that did not come to an end; the answer is the new count.
pub(super) async fn count_attempt(db: &Db, id: UpdateId) -> Result<i32, DbError> {
    vahta_rows::transaction!(db, c => {
        diesel::update(updates::table.find(id.0))
            .set(updates::attempts.eq(updates::attempts + 1))
            .returning(updates::attempts)
            .get_result(c)
            .await
            .map_err(DbError::from)
    })
}

/// Opens a parked or unparsed update again, as an act of `by`; its chat, or `None` when it is
/// neither.
pub(super) async fn reopen(db: &Db, id: UpdateId, by: &By) -> Result<Option<i64>, DbError> {
    let kept = [UpdateState::Unparsed as i16, UpdateState::Parked as i16];
    let act = Act {
        action: "update.retry",
        object: format!("update:{id}"),
        detail: json!({}),
    };
    vahta_rows::transaction!(db, c => {
        let reopened = diesel::update(updates::table.find(id.0).filter(updates::state.eq_any(kept)))
            .set((updates::state.eq(OPEN), updates::attempts.eq(0), updates::error.eq(None::<String>)))
            .returning(updates::chat_key)
            .get_result(c)
            .await
            .optional()?;
        if reopened.is_some() {
            c.audit(by, &act).await?;
        }
        Ok(reopened)
    })
}
