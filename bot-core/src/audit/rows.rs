//! `audit_log` and `audit_chain` on either connection.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId};

use super::link::{BLANK_DETAIL, BLANK_OBJECT};
use super::{AuditRow, Link};
use crate::storage::schema::{audit_chain, audit_log};

/// An arbitrary number that nothing else locks.
const CHAIN_LOCK: i64 = 0x5641_4348_4149;

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_log)]
pub(super) struct LogRow {
    id: i64,
    actor: Option<i64>,
    source: String,
    action: String,
    object: String,
    detail: String,
    correlation: String,
    at: i64,
}

impl From<LogRow> for AuditRow {
    fn from(row: LogRow) -> Self {
        Self {
            id: row.id,
            actor: row.actor.map(UserId),
            source: row.source,
            action: row.action,
            object: row.object,
            detail: row.detail,
            correlation: row.correlation,
            at: Micros(row.at),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_chain)]
struct ChainRow {
    position: i64,
    audit_id: i64,
    payload: String,
    mac: String,
    linked_at: i64,
}

impl From<ChainRow> for Link {
    fn from(row: ChainRow) -> Self {
        Self {
            position: row.position,
            audit_id: row.audit_id,
            payload: row.payload,
            mac: row.mac,
            linked_at: Micros(row.linked_at),
        }
    }
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    locked: bool,
}

#[async_trait::async_trait]
pub(super) trait ChainRows {
    /// Keeps every other writer of the chain away until the transaction ends; false when one is at
    /// work.
    async fn lock_chain(&mut self) -> Result<bool, DbError>;
    async fn last_link(&mut self) -> Result<Option<Link>, DbError>;
    async fn put_links(&mut self, links: &[Link]) -> Result<(), DbError>;
    /// Links behind `after`, `end` included.
    async fn links(&mut self, after: i64, end: i64, limit: i64) -> Result<Vec<Link>, DbError>;
    async fn rows(&mut self, ids: &[i64]) -> Result<Vec<AuditRow>, DbError>;
    /// Rows without a link, with an id above `floor`, lowest first.
    async fn unlinked(&mut self, floor: i64, limit: i64) -> Result<Vec<AuditRow>, DbError>;
    /// Takes the content of rows away.
    async fn blank(&mut self, ids: &[i64]) -> Result<usize, DbError>;
}

/// SQLite's transactions that write come one after another anyway.
const SQLITE_LOCK: &str = "SELECT true AS locked";
const POSTGRES_LOCK: &str = "SELECT pg_try_advisory_xact_lock($1) AS locked";

/// `audit_log` is a table of another crate, which diesel joins with none of ours.
const WITHOUT_LINK: &str =
    "NOT EXISTS (SELECT 1 FROM audit_chain WHERE audit_chain.audit_id = audit_log.id)";

macro_rules! chain_rows {
    ($conn:ty, $lock:expr) => {
        #[async_trait::async_trait]
        impl ChainRows for $conn {
            async fn lock_chain(&mut self) -> Result<bool, DbError> {
                let answer: Locked = Run::get_result($lock, self).await?;
                Ok(answer.locked)
            }

            async fn last_link(&mut self) -> Result<Option<Link>, DbError> {
                let last = audit_chain::table
                    .order(audit_chain::position.desc())
                    .select(ChainRow::as_select());
                let row: Option<ChainRow> = Run::first(last, self).await.optional()?;
                Ok(row.map(Link::from))
            }

            async fn put_links(&mut self, links: &[Link]) -> Result<(), DbError> {
                for link in links {
                    let insert = diesel::insert_into(audit_chain::table).values((
                        audit_chain::position.eq(link.position),
                        audit_chain::audit_id.eq(link.audit_id),
                        audit_chain::payload.eq(&link.payload),
                        audit_chain::mac.eq(&link.mac),
                        audit_chain::linked_at.eq(link.linked_at.0),
                    ));
                    Run::execute(insert, self).await?;
                }
                Ok(())
            }

            async fn links(
                &mut self,
                after: i64,
                end: i64,
                limit: i64,
            ) -> Result<Vec<Link>, DbError> {
                let find = audit_chain::table
                    .filter(audit_chain::position.gt(after))
                    .filter(audit_chain::position.le(end))
                    .order(audit_chain::position)
                    .limit(limit)
                    .select(ChainRow::as_select());
                let rows: Vec<ChainRow> = Run::load(find, self).await?;
                Ok(rows.into_iter().map(Link::from).collect())
            }

            async fn rows(&mut self, ids: &[i64]) -> Result<Vec<AuditRow>, DbError> {
                let find = audit_log::table
                    .filter(audit_log::id.eq_any(ids))
                    .select(LogRow::as_select());
                let rows: Vec<LogRow> = Run::load(find, self).await?;
                Ok(rows.into_iter().map(AuditRow::from).collect())
            }

            async fn unlinked(&mut self, floor: i64, limit: i64) -> Result<Vec<AuditRow>, DbError> {
                let find = audit_log::table
                    .filter(diesel::dsl::sql::<diesel::sql_types::Bool>(WITHOUT_LINK))
                    .filter(audit_log::id.gt(floor))
                    .order(audit_log::id)
                    .limit(limit)
                    .select(LogRow::as_select());
                let rows: Vec<LogRow> = Run::load(find, self).await?;
                Ok(rows.into_iter().map(AuditRow::from).collect())
            }

            async fn blank(&mut self, ids: &[i64]) -> Result<usize, DbError> {
                let update = diesel::update(audit_log::table.filter(audit_log::id.eq_any(ids)))
                    .set((
                        audit_log::actor.eq(None::<i64>),
                        audit_log::object.eq(BLANK_OBJECT),
                        audit_log::detail.eq(BLANK_DETAIL),
                    ));
                Ok(Run::execute(update, self).await?)
            }
        }
    };
}
chain_rows!(SqliteConn, diesel::sql_query(SQLITE_LOCK));
chain_rows!(
    PgConn,
    diesel::sql_query(POSTGRES_LOCK).bind::<diesel::sql_types::BigInt, _>(CHAIN_LOCK)
);
