//! Reading what happened, in commit order and without a gap.
//!
//! PostgreSQL hands out ids before transactions commit, so a reader that remembers the highest id
//! would miss a row that commits late. A reader here takes only rows of transactions below the
//! snapshot's xmin (everything older has ended), and its cursor is (transaction id, row id).

pub mod fanout;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;
use vahta_rows::{Conn, Db, DbError, EventId, Micros};

use crate::storage::schema::events;

/// Where a reader is; the next read returns what is behind it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cursor {
    pub xid: i64,
    pub id: i64,
}

/// An event as it was written.
#[derive(Debug, Clone, Serialize)]
pub struct Recorded {
    pub id: EventId,
    pub cursor: Cursor,
    pub topic: String,
    pub object: String,
    pub payload: Value,
    pub at: Micros,
}

/// Reads events and wakes readers; cheap to clone.
#[derive(Clone)]
pub struct Events {
    db: Db,
    /// Anything written anywhere.
    wake: watch::Sender<u64>,
    /// What this process has written.
    written: watch::Sender<u64>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    xid: i64,
    #[diesel(sql_type = Text)]
    topic: String,
    #[diesel(sql_type = Text)]
    object: String,
    #[diesel(sql_type = Text)]
    payload: String,
    #[diesel(sql_type = BigInt)]
    at: i64,
}

const SQLITE: &str = "SELECT id, xid, topic, object, payload, at FROM events \
    WHERE (xid, id) > (?, ?) ORDER BY xid, id LIMIT ?";
const POSTGRES: &str = "SELECT id, xid, topic, object, payload, at FROM events \
    WHERE (xid, id) > ($1, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint \
    ORDER BY xid, id LIMIT $3";

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = BigInt)]
    xid: i64,
    #[diesel(sql_type = BigInt)]
    id: i64,
}

const END_SQLITE: &str = "SELECT xid, id FROM events ORDER BY xid DESC, id DESC LIMIT 1";
const END_POSTGRES: &str = "SELECT xid, id FROM events \
    WHERE xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint \
    ORDER BY xid DESC, id DESC LIMIT 1";

impl Events {
    pub fn new(db: Db) -> Self {
        Self {
            db,
            wake: watch::Sender::new(0),
            written: watch::Sender::new(0),
        }
    }

    /// Somebody committed an event here: readers look now, and other instances are told. Polling
    /// remains the truth.
    pub fn wake(&self) {
        self.hear();
        self.written.send_modify(|count| *count += 1);
    }

    /// Another instance may have committed an event.
    pub fn hear(&self) {
        self.wake.send_modify(|count| *count += 1);
    }

    /// Changes with each event that this process commits.
    fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    /// Changes whenever it may be worth reading again.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.wake.subscribe()
    }

    /// The newest event that a reader may take now; the default of [`Cursor`] when there is none.
    pub async fn end(&self) -> Result<Cursor, DbError> {
        let place: Option<Place> = match self.db.connection().await? {
            Conn::Sqlite(mut c) => diesel::sql_query(END_SQLITE)
                .get_result(&mut *c)
                .await
                .optional()?,
            Conn::Postgres(mut c) => diesel::sql_query(END_POSTGRES)
                .get_result(&mut *c)
                .await
                .optional()?,
        };
        Ok(place
            .map(|Place { xid, id }| Cursor { xid, id })
            .unwrap_or_default())
    }

    /// Is everything behind a cursor still there? Old events are deleted, oldest first.
    pub async fn keeps(&self, cursor: Cursor) -> Result<bool, DbError> {
        if cursor == Cursor::default() {
            // Before the first event: nothing was deleted as long as that one is there.
            return Ok(self
                .after(cursor, 1)
                .await?
                .iter()
                .all(|e| e.id == EventId(1)));
        }
        let found: i64 = vahta_rows::with_db!(self.db, c => RunQueryDsl::get_result(
            events::table
                .filter(events::xid.eq(cursor.xid))
                .filter(events::id.eq(cursor.id))
                .count(),
            c,
        ).await)?;
        Ok(found > 0)
    }

    /// The events behind a cursor, in commit order, at most `limit`.
    pub async fn after(&self, cursor: Cursor, limit: i64) -> Result<Vec<Recorded>, DbError> {
        let rows: Vec<Row> = match self.db.connection().await? {
            Conn::Sqlite(mut c) => bind(SQLITE, cursor, limit).load(&mut *c).await?,
            Conn::Postgres(mut c) => bind(POSTGRES, cursor, limit).load(&mut *c).await?,
        };
        rows.into_iter()
            .map(|row| {
                Ok(Recorded {
                    id: EventId(row.id),
                    cursor: Cursor {
                        xid: row.xid,
                        id: row.id,
                    },
                    topic: row.topic,
                    object: row.object,
                    payload: serde_json::from_str(&row.payload)?,
                    at: Micros(row.at),
                })
            })
            .collect()
    }
}

type Bound<T> = diesel::query_builder::BoxedSqlQuery<'static, T, diesel::query_builder::SqlQuery>;

fn bind<DB>(sql: &'static str, cursor: Cursor, limit: i64) -> Bound<DB>
where
    DB: diesel::backend::Backend + diesel::sql_types::HasSqlType<BigInt>,
    i64: diesel::serialize::ToSql<BigInt, DB>,
{
    diesel::sql_query(sql)
        .into_boxed::<DB>()
        .bind::<BigInt, _>(cursor.xid)
        .bind::<BigInt, _>(cursor.id)
        .bind::<BigInt, _>(limit)
}
