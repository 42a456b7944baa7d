//! Outbox rows that nobody handed over in memory.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use vahta_rows::outbox::{Lane, OutboxRow, OutboxState};
use vahta_rows::{ChatId, Db, DbError, InstanceId, Micros, OutboxId, transaction, with_db};

use crate::instance;
use crate::storage::schema::outbox;

const MOST: i64 = 500;
/// Our own rows are handed over right after commit; after this long somebody must have forgotten.
const FORGOTTEN_AFTER: std::time::Duration = std::time::Duration::from_secs(5);

pub(super) struct Claimed {
    pub(super) rows: Vec<OutboxRow>,
    pub(super) in_doubt: u64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct Row {
    id: i64,
    plugin: String,
    chat_id: i64,
    method: String,
    payload: String,
    lane: i16,
    due_at: i64,
    attempts: i32,
    epoch: i32,
    owner: Option<i64>,
}

/// Takes what is due and belongs to nobody, to a dead instance, or to us for too long.
pub(super) async fn claim(db: &Db, me: InstanceId) -> Result<Claimed, DbError> {
    let now = Micros::now();
    let forgotten = now.minus(FORGOTTEN_AFTER);
    let live = &instance::alive_with(db, me).await?;
    // Reading costs no writer's turn; most of the time there is nothing.
    let mut due: Vec<Row> = with_db!(db, c => outbox::table
        .filter(outbox::state.eq(OutboxState::Queued as i16))
        .filter(outbox::due_at.le(now.0))
        .filter(outbox::owner.is_null().or(outbox::owner.ne_all(live)))
        .order((outbox::due_at, outbox::id))
        .limit(MOST)
        .select(Row::as_select())
        .load(c)
        .await)?;
    // Read apart: a long backlog of our own, all in memory, must not hide the others. The newest
    // first, for the oldest are the ones that wait in memory.
    let own: Vec<Row> = with_db!(db, c => outbox::table
        .filter(outbox::state.eq(OutboxState::Queued as i16))
        .filter(outbox::owner.eq(me.0))
        .filter(outbox::due_at.le(forgotten.0))
        .order(outbox::id.desc())
        .limit(MOST)
        .select(Row::as_select())
        .load(c)
        .await)?;
    due.extend(own.into_iter().rev());
    if due.is_empty() {
        return Ok(Claimed {
            rows: Vec::new(),
            in_doubt: 0,
        });
    }
    let foreign: Vec<i64> = due
        .iter()
        .filter(|row| row.owner != Some(me.0))
        .map(|row| row.id)
        .collect();
    let won: Vec<(i64, i32)> = if foreign.is_empty() {
        Vec::new()
    } else {
        take(db, me, &foreign, live).await?
    };
    let mut claimed = Claimed {
        rows: Vec::new(),
        in_doubt: 0,
    };
    for row in due {
        let mut epoch = row.epoch;
        if row.owner != Some(me.0) {
            let Some((_, new)) = won.iter().find(|(id, _)| *id == row.id) else {
                continue;
            };
            epoch = *new;
            claimed.in_doubt += u64::from(row.owner.is_some());
        }
        let payload = match serde_json::from_str(&row.payload) {
            Ok(payload) => payload,
            Err(error) => {
                // One bad row of one plugin must not stop everybody's messages.
                give_up(db, row.id, &error.to_string()).await?;
                continue;
            }
        };
        claimed.rows.push(OutboxRow {
            id: OutboxId(row.id),
            plugin: row.plugin,
            chat_id: ChatId(row.chat_id),
            method: row.method,
            payload,
            lane: Lane::from_i16(row.lane),
            due_at: Micros(row.due_at),
            attempts: row.attempts,
            epoch,
        });
    }
    Ok(claimed)
}

/// The row's payload is no JSON: shown as failed.
async fn give_up(db: &Db, id: i64, error: &str) -> Result<(), DbError> {
    tracing::error!(row = id, error, "an outbox row cannot be read");
    transaction!(db, c => {
        diesel::update(outbox::table.find(id))
            .set((outbox::state.eq(OutboxState::Failed as i16), outbox::last_error.eq(Some(error))))
            .execute(c)
            .await
            .map(drop)
            .map_err(DbError::from)
    })
}

/// Makes rows ours by compare-and-set; the answer says which, with their new epochs.
async fn take(
    db: &Db,
    me: InstanceId,
    ids: &[i64],
    live: &[i64],
) -> Result<Vec<(i64, i32)>, DbError> {
    transaction!(db, c => {
        diesel::update(
            outbox::table
                .filter(outbox::id.eq_any(ids))
                .filter(outbox::state.eq(OutboxState::Queued as i16))
                .filter(
                    outbox::owner.is_null()
                        .or(outbox::owner.ne_all(live)),
                ),
        )
        .set((outbox::owner.eq(Some(me.0)), outbox::epoch.eq(outbox::epoch + 1)))
        .returning((outbox::id, outbox::epoch))
        .get_results(c)
        .await
        .map_err(DbError::from)
    })
}
