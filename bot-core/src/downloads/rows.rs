//! `download_rules` and `downloads` on either connection. What changes a state is a compare-and-set
//! on the state before it; leases are read and written on the database's clock.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::clock::{POSTGRES_NOW, SQLITE_NOW};
use vahta_rows::downloads::{DownloadState, Ended, is_live};
use vahta_rows::schema::{download_rules, downloads};
use vahta_rows::{DbError, DownloadId, InstanceId, Micros, PgConn, SqliteConn};

use super::coverage::Coverage;
use super::{NewGrant, Visitor};
use crate::blobs::Blob;

/// So many microseconds from now, on the database's clock.
macro_rules! after {
    ($now:expr, $lease:expr) => {
        sql::<BigInt>("(")
            .sql($now)
            .sql(" + ")
            .bind::<BigInt, _>($lease)
            .sql(")")
    };
}

const RESERVED: i16 = DownloadState::Reserved as i16;
const STREAMING: i16 = DownloadState::Streaming as i16;

/// What a link leads to.
pub(super) struct Found {
    pub(super) id: i64,
    pub(super) plugin: String,
    pub(super) key: String,
    pub(super) blob: String,
    pub(super) name: String,
    /// It may be used now.
    pub(super) is_alive: bool,
}

/// How a rule stands just now.
pub(super) struct Standing {
    pub(super) open: bool,
    pub(super) is_expired: bool,
    pub(super) is_exhausted: bool,
}

/// A grant whose lease was just renewed; its row is held until the transaction ends.
pub(super) struct Held {
    pub(super) epoch: i64,
    pub(super) sent: u64,
    pub(super) coverage: Coverage,
}

impl Held {
    fn of((epoch, sent, covered, claimed): (i64, i64, String, String)) -> Result<Self, DbError> {
        let coverage = Coverage {
            covered: serde_json::from_str(&covered)?,
            claims: serde_json::from_str(&claimed)?,
        };
        let sent = u64::try_from(sent).unwrap_or_default();
        Ok(Self {
            epoch,
            sent,
            coverage,
        })
    }
}

/// A grant whose lease is over.
#[derive(Queryable)]
pub(super) struct Overdue {
    pub(super) id: i64,
    pub(super) epoch: i64,
    pub(super) plugin: String,
    pub(super) key: String,
}

#[async_trait::async_trait]
pub(super) trait DownloadRows {
    /// Takes one download of a rule, if there is one left.
    async fn reserve(&mut self, plugin: &str, key: &str) -> Result<bool, DbError>;
    /// `None`: there is no such rule.
    async fn standing(&mut self, plugin: &str, key: &str) -> Result<Option<Standing>, DbError>;
    async fn put_download(
        &mut self,
        plugin: &str,
        new: &NewGrant,
        blob: &Blob,
        token_hash: &str,
        instance: InstanceId,
        lease: i64,
    ) -> Result<DownloadId, DbError>;
    async fn find_download(&mut self, token_hash: &str) -> Result<Option<Found>, DbError>;
    /// Begins an answer: the grant's next number. `None` when the grant is over.
    async fn begin(
        &mut self,
        id: DownloadId,
        visitor: &Visitor,
        instance: InstanceId,
        lease: i64,
    ) -> Result<Option<Held>, DbError>;
    /// Renews a lease that is not over.
    async fn renew(&mut self, id: DownloadId, lease: i64) -> Result<Option<Held>, DbError>;
    /// Writes down what was sent and may be; for whoever holds the row.
    async fn note(&mut self, id: DownloadId, held: &Held) -> Result<(), DbError>;
    /// Holds a rule until the transaction ends: before anything that ends a grant of it.
    async fn lock_rule(&mut self, plugin: &str, key: &str) -> Result<(), DbError>;
    /// Live → `state`.
    async fn end(&mut self, id: DownloadId, state: DownloadState)
    -> Result<Option<Ended>, DbError>;
    /// One reservation less, and one taken more if it was completed.
    async fn count(&mut self, plugin: &str, key: &str, completed: bool) -> Result<(), DbError>;
    async fn overdue(&mut self, most: i64) -> Result<Vec<Overdue>, DbError>;
    /// Holds a grant that is as it was found, its lease still over.
    async fn lock_overdue(&mut self, found: &Overdue) -> Result<Option<(u64, Held)>, DbError>;
}

macro_rules! download_rows {
    ($conn:ty, $now:expr) => {
        #[async_trait::async_trait]
        impl DownloadRows for $conn {
            async fn reserve(&mut self, plugin: &str, key: &str) -> Result<bool, DbError> {
                let left = download_rules::most.is_null().or(download_rules::most
                    .assume_not_null()
                    .gt(download_rules::taken + download_rules::reserved));
                let in_time = download_rules::expires_at
                    .is_null()
                    .or(download_rules::expires_at
                        .assume_not_null()
                        .gt(sql::<BigInt>($now)));
                let rule = download_rules::table
                    .find((plugin, key))
                    .filter(download_rules::open.eq(true))
                    .filter(in_time)
                    .filter(left);
                let update = diesel::update(rule)
                    .set(download_rules::reserved.eq(download_rules::reserved + 1));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn standing(
                &mut self,
                plugin: &str,
                key: &str,
            ) -> Result<Option<Standing>, DbError> {
                let is_expired = download_rules::expires_at
                    .assume_not_null()
                    .le(sql::<BigInt>($now));
                let find = download_rules::table.find((plugin, key)).select((
                    download_rules::open,
                    download_rules::expires_at.is_not_null().and(is_expired),
                    download_rules::most,
                    download_rules::taken + download_rules::reserved,
                ));
                let row: Option<(bool, bool, Option<i64>, i64)> =
                    Run::first(find, self).await.optional()?;
                Ok(row.map(|(open, is_expired, most, given)| Standing {
                    open,
                    is_expired,
                    is_exhausted: most.is_some_and(|most| given >= most),
                }))
            }

            async fn put_download(
                &mut self,
                plugin: &str,
                new: &NewGrant,
                blob: &Blob,
                token_hash: &str,
                instance: InstanceId,
                lease: i64,
            ) -> Result<DownloadId, DbError> {
                let insert = diesel::insert_into(downloads::table)
                    .values((
                        downloads::token_hash.eq(token_hash),
                        downloads::plugin.eq(plugin),
                        downloads::key.eq(&new.key),
                        downloads::blob.eq(&blob.id),
                        downloads::name.eq(new.name.as_deref().unwrap_or(&blob.name)),
                        downloads::size.eq(i64::try_from(blob.size).unwrap_or(i64::MAX)),
                        downloads::state.eq(RESERVED),
                        downloads::lease_until.eq(after!($now, lease)),
                        downloads::instance.eq(instance.0),
                        downloads::epoch.eq(0_i64),
                        downloads::meta.eq(serde_json::to_string(&new.meta)?),
                        downloads::covered.eq("[]"),
                        downloads::claimed.eq("[]"),
                        downloads::sent.eq(0_i64),
                        downloads::created_at.eq(Micros::now().0),
                    ))
                    .returning(downloads::id);
                let id: i64 = Run::get_result(insert, self).await?;
                Ok(DownloadId(id))
            }

            async fn find_download(&mut self, token_hash: &str) -> Result<Option<Found>, DbError> {
                let is_alive = is_live().and(downloads::lease_until.gt(sql::<BigInt>($now)));
                let find = downloads::table
                    .filter(downloads::token_hash.eq(token_hash))
                    .select((
                        downloads::id,
                        downloads::plugin,
                        downloads::key,
                        downloads::blob,
                        downloads::name,
                        is_alive,
                    ));
                let row: Option<(i64, String, String, String, String, bool)> =
                    Run::first(find, self).await.optional()?;
                Ok(row.map(|(id, plugin, key, blob, name, is_alive)| Found {
                    id,
                    plugin,
                    key,
                    blob,
                    name,
                    is_alive,
                }))
            }

            async fn begin(
                &mut self,
                id: DownloadId,
                visitor: &Visitor,
                instance: InstanceId,
                lease: i64,
            ) -> Result<Option<Held>, DbError> {
                let live = downloads::table
                    .find(id.0)
                    .filter(is_live())
                    .filter(downloads::lease_until.gt(sql::<BigInt>($now)));
                let update = diesel::update(live)
                    .set((
                        downloads::state.eq(STREAMING),
                        downloads::lease_until.eq(after!($now, lease)),
                        downloads::instance.eq(instance.0),
                        downloads::epoch.eq(downloads::epoch + 1),
                    ))
                    .returning((
                        downloads::epoch,
                        downloads::sent,
                        downloads::covered,
                        downloads::claimed,
                    ));
                let row: Option<(i64, i64, String, String)> =
                    Run::get_result(update, self).await.optional()?;
                let Some(row) = row else {
                    return Ok(None);
                };
                // Whoever came first is told of: a link is for one client.
                let first = downloads::table
                    .find(id.0)
                    .filter(downloads::started_at.is_null());
                let named = diesel::update(first).set((
                    downloads::address.eq(visitor.address.as_deref()),
                    downloads::agent.eq(visitor.agent.as_deref()),
                    downloads::started_at.eq(Some(Micros::now().0)),
                ));
                Run::execute(named, self).await?;
                Held::of(row).map(Some)
            }

            async fn renew(&mut self, id: DownloadId, lease: i64) -> Result<Option<Held>, DbError> {
                let live = downloads::table
                    .find(id.0)
                    .filter(downloads::state.eq(STREAMING))
                    .filter(downloads::lease_until.gt(sql::<BigInt>($now)));
                let update = diesel::update(live)
                    .set(downloads::lease_until.eq(after!($now, lease)))
                    .returning((
                        downloads::epoch,
                        downloads::sent,
                        downloads::covered,
                        downloads::claimed,
                    ));
                let row: Option<(i64, i64, String, String)> =
                    Run::get_result(update, self).await.optional()?;
                row.map(Held::of).transpose()
            }

            async fn note(&mut self, id: DownloadId, held: &Held) -> Result<(), DbError> {
                let row = downloads::table
                    .find(id.0)
                    .filter(downloads::state.eq(STREAMING));
                let update = diesel::update(row).set((
                    downloads::covered.eq(serde_json::to_string(&held.coverage.covered)?),
                    downloads::claimed.eq(serde_json::to_string(&held.coverage.claims)?),
                    downloads::sent.eq(i64::try_from(held.sent).unwrap_or(i64::MAX)),
                ));
                Run::execute(update, self).await?;
                Ok(())
            }

            async fn lock_rule(&mut self, plugin: &str, key: &str) -> Result<(), DbError> {
                // An update that changes nothing: on SQLite the transaction is the only writer.
                let lock = diesel::update(download_rules::table.find((plugin, key)))
                    .set(download_rules::reserved.eq(download_rules::reserved));
                Run::execute(lock, self).await?;
                Ok(())
            }

            async fn end(
                &mut self,
                id: DownloadId,
                state: DownloadState,
            ) -> Result<Option<Ended>, DbError> {
                let live = downloads::table.find(id.0).filter(is_live());
                let update = diesel::update(live)
                    .set((
                        downloads::state.eq(state as i16),
                        downloads::ended_at.eq(Some(Micros::now().0)),
                    ))
                    .returning(Ended::as_returning());
                Ok(Run::get_result(update, self).await.optional()?)
            }

            async fn count(
                &mut self,
                plugin: &str,
                key: &str,
                completed: bool,
            ) -> Result<(), DbError> {
                // The table refuses fewer than none.
                let rule = download_rules::table.find((plugin, key));
                let update = diesel::update(rule).set((
                    download_rules::reserved.eq(download_rules::reserved - 1),
                    download_rules::taken.eq(download_rules::taken + i64::from(completed)),
                ));
                Run::execute(update, self).await?;
                Ok(())
            }

            async fn overdue(&mut self, most: i64) -> Result<Vec<Overdue>, DbError> {
                let find = downloads::table
                    .filter(is_live())
                    .filter(downloads::lease_until.le(sql::<BigInt>($now)))
                    .order(downloads::lease_until)
                    .limit(most)
                    .select((
                        downloads::id,
                        downloads::epoch,
                        downloads::plugin,
                        downloads::key,
                    ));
                Ok(Run::load(find, self).await?)
            }

            async fn lock_overdue(
                &mut self,
                found: &Overdue,
            ) -> Result<Option<(u64, Held)>, DbError> {
                let same = downloads::table
                    .find(found.id)
                    .filter(downloads::epoch.eq(found.epoch))
                    .filter(is_live())
                    .filter(downloads::lease_until.le(sql::<BigInt>($now)));
                let update = diesel::update(same)
                    .set(downloads::epoch.eq(downloads::epoch))
                    .returning((
                        downloads::size,
                        (
                            downloads::epoch,
                            downloads::sent,
                            downloads::covered,
                            downloads::claimed,
                        ),
                    ));
                let row: Option<(i64, (i64, i64, String, String))> =
                    Run::get_result(update, self).await.optional()?;
                row.map(|(size, held)| {
                    Ok((u64::try_from(size).unwrap_or_default(), Held::of(held)?))
                })
                .transpose()
            }
        }
    };
}

download_rows!(SqliteConn, SQLITE_NOW);
download_rows!(PgConn, POSTGRES_NOW);
