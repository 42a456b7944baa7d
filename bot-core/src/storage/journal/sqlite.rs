//! The journal on SQLite: a connection of its own and prepared single-row statements in one
//! immediate transaction.
//!
//! This is the one place that speaks rusqlite: diesel builds a statement's text anew for each row
//! and never keeps a prepared UPDATE or upsert, and this is the path of every update.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, TransactionBehavior, params};
use tokio::task::JoinError;
use vahta_rows::db::{SQLITE_PRAGMAS, sqlite_path};
use vahta_rows::outbox::OutboxState;
use vahta_rows::{Db, DbError};

use super::entry::{ApiLog, Finished, Mark, MessageLog, OutboxMark, RawUpdate, Seen, UpdateState};
use super::writer::{Batch, Written};

const STORE: &str = "INSERT INTO updates (id, chat_key, kind, raw, received_at) \
    VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
const ACCESS: &str = "SELECT value FROM settings WHERE name = 'access.version'";
const DONE: &str = "UPDATE updates SET state = ?, error = ?, done_at = ?, raw = x'' WHERE id = ?";
const KEPT: &str = "UPDATE updates SET state = ?, error = ?, done_at = ? WHERE id = ?";
const OUTBOX: &str = "UPDATE outbox SET state = ?3, attempts = ?4, due_at = ?5, message_id = ?6, \
    last_error = ?7, sent_at = ?8, owner = CASE WHEN ?3 = 0 THEN NULL ELSE owner END \
    WHERE id = ?1 AND epoch = ?2";
const MESSAGE: &str = "INSERT INTO message_logs \
    (outgoing, chat_id, telegram_id, message_id, update_id, kind, text, meta, at) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
const CALL: &str = "INSERT INTO api_logs \
    (method, chat_id, plugin, lane, status, error, attempt, waited_us, elapsed_us, at) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const USER: &str = "INSERT INTO bot_users \
    (telegram_id, username, first_name, last_name, language, first_seen, last_seen) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) \
    ON CONFLICT (telegram_id) DO UPDATE SET username = excluded.username, \
    first_name = excluded.first_name, last_name = excluded.last_name, last_seen = excluded.last_seen";
const CHAT: &str = "INSERT INTO chats (id, kind, title, username, first_seen, last_seen) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?5) \
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, title = excluded.title, \
    username = excluded.username, last_seen = excluded.last_seen";

pub(super) struct Writer {
    db: Db,
    /// None before the first batch and after one that failed.
    file: Option<Connection>,
}

impl Writer {
    pub(super) fn new(db: Db) -> Self {
        Self { db, file: None }
    }

    pub(super) async fn write(&mut self, batch: Batch) -> (Batch, Result<Written, DbError>) {
        let Some(path) = sqlite_path(self.db.url()).map(str::to_owned) else {
            return (batch, Err(DbError::UnknownUrl));
        };
        let _ticket = self.db.ticket().await;
        let file = self.file.take();
        let (batch, written) = apart(batch, move |batch| try_write(file, &path, batch)).await;
        match written {
            Ok(Ok((file, written))) => {
                self.file = Some(file);
                (batch, Ok(written))
            }
            Ok(Err(error)) => (batch, Err(to_db_error(error))),
            Err(error) => (batch, Err(DbError::Unavailable(error.to_string()))),
        }
    }
}

/// Does blocking work with a value and hands the value back whatever becomes of the work: a failed
/// batch is tried again in parts, also one whose writing panicked.
async fn apart<T, R>(
    value: T,
    work: impl FnOnce(&T) -> R + Send + 'static,
) -> (T, Result<R, JoinError>)
where
    T: Clone + Send + Sync + 'static,
    R: Send + 'static,
{
    let value = Arc::new(value);
    let lent = Arc::clone(&value);
    let done = tokio::task::spawn_blocking(move || {
        let done = work(&lent);
        drop(lent);
        done
    });
    let done = done.await;
    (Arc::unwrap_or_clone(value), done)
}

/// What would fail again with the same rows, and what passes: a disk that was full, a file that
/// somebody locked or put back.
fn to_db_error(error: rusqlite::Error) -> DbError {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        None
        | Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
            DbError::Query(diesel::result::Error::QueryBuilderError(error.into()))
        }
        Some(_) => DbError::Unavailable(error.to_string()),
    }
}

fn try_write(
    file: Option<Connection>,
    path: &str,
    batch: &Batch,
) -> rusqlite::Result<(Connection, Written)> {
    let mut file = match file {
        Some(file) => file,
        None => open(path)?,
    };
    let transaction = file.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let written = write(&transaction, batch)?;
    transaction.commit()?;
    Ok((file, written))
}

fn open(path: &str) -> rusqlite::Result<Connection> {
    let file = Connection::open(path)?;
    file.execute_batch(SQLITE_PRAGMAS)?;
    Ok(file)
}

fn write(c: &Connection, batch: &Batch) -> rusqlite::Result<Written> {
    let fresh = write_all(c, STORE, &batch.updates, write_update)?;
    write_marks(c, &batch.marks)?;
    write_all(c, MESSAGE, &batch.messages, write_message)?;
    write_all(c, CALL, &batch.calls, write_call)?;
    write_seen(c, &batch.seen)?;
    let access_version = if batch.updates.is_empty() {
        0
    } else {
        c.prepare_cached(ACCESS)?
            .query_row([], |row| row.get::<_, String>(0))
            .optional()?
            .and_then(|text| text.parse().ok())
            .unwrap_or(0)
    };
    Ok(Written {
        fresh: fresh.into_iter().map(|rows| rows == 1).collect(),
        access_version,
    })
}

/// Runs a statement for each row; how many rows of the table each one wrote.
fn write_all<T>(
    c: &Connection,
    statement: &str,
    rows: &[T],
    write: impl Fn(&mut CachedStatement<'_>, &T) -> rusqlite::Result<usize>,
) -> rusqlite::Result<Vec<usize>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = c.prepare_cached(statement)?;
    rows.iter().map(|row| write(&mut statement, row)).collect()
}

fn write_update(store: &mut CachedStatement<'_>, u: &RawUpdate) -> rusqlite::Result<usize> {
    store.execute(params![
        u.id.0,
        u.chat_key,
        u.kind,
        &u.raw[..],
        u.received_at.0
    ])
}

fn write_marks(c: &Connection, marks: &[Mark]) -> rusqlite::Result<()> {
    let (mut done, mut kept) = (c.prepare_cached(DONE)?, c.prepare_cached(KEPT)?);
    let mut outbox = c.prepare_cached(OUTBOX)?;
    for mark in marks {
        match mark {
            Mark::Update(f) if f.state == UpdateState::Done => write_finished(&mut done, f)?,
            Mark::Update(f) => write_finished(&mut kept, f)?,
            Mark::Outbox(m) => write_outbox(&mut outbox, m)?,
        };
    }
    Ok(())
}

fn write_finished(update: &mut CachedStatement<'_>, f: &Finished) -> rusqlite::Result<usize> {
    update.execute(params![f.state as i16, f.error, f.at.0, f.id.0])
}

/// One that stays queued loses its owner: it is tried again by whoever is there when it is due.
fn write_outbox(update: &mut CachedStatement<'_>, m: &OutboxMark) -> rusqlite::Result<usize> {
    let sent_at = (m.state == OutboxState::Sent).then_some(m.at.0);
    update.execute(params![
        m.id.0,
        m.epoch,
        m.state as i16,
        m.attempts,
        m.due_at.0,
        m.message_id,
        m.error,
        sent_at
    ])
}

fn write_message(insert: &mut CachedStatement<'_>, m: &MessageLog) -> rusqlite::Result<usize> {
    insert.execute(params![
        m.outgoing,
        m.chat_id,
        m.telegram_id,
        m.message_id,
        m.update_id,
        m.kind,
        m.text,
        m.meta,
        m.at.0
    ])
}

fn write_call(insert: &mut CachedStatement<'_>, call: &ApiLog) -> rusqlite::Result<usize> {
    insert.execute(params![
        call.method,
        call.chat_id,
        call.plugin,
        call.lane,
        call.status,
        call.error,
        call.attempt,
        call.waited_us,
        call.elapsed_us,
        call.at.0
    ])
}

fn write_seen(c: &Connection, seen: &[Seen]) -> rusqlite::Result<()> {
    let (mut user, mut chat) = (c.prepare_cached(USER)?, c.prepare_cached(CHAT)?);
    for Seen { sender, place, at } in seen {
        if let Some(s) = sender {
            user.execute(params![
                s.telegram_id,
                s.username,
                s.first_name,
                s.last_name,
                s.language,
                at.0
            ])?;
        }
        if let Some(p) = place {
            chat.execute(params![
                p.chat.0,
                p.kind.as_str(),
                p.title,
                p.username,
                at.0
            ])?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[tokio::test]
    async fn what_was_to_be_written_comes_back_from_a_panic() {
        let (rows, done) = apart(vec![1, 2, 3], |rows| assert!(rows.is_empty(), "a fault")).await;
        assert!(done.is_err_and(|error| error.is_panic()));
        assert_eq!(rows, [1, 2, 3]);
    }
}
