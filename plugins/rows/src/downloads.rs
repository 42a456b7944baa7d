//! How often something may be downloaded: a rule, set in its owner's transaction.
//!
//! A plugin names what it gives out by a key of its own and says how often. The core grants,
//! counts and streams; each grant's end comes to the owner as a job of kind [`JOB`], whose payload
//! is [`Download`], written in the transaction that counts it.
//!
//! Whoever changes a rule together with its grants locks the rule first, so that two who meet wait
//! for each other instead of standing in each other's way.

use diesel::expression::SqlLiteral;
use diesel::sql_types::Bool;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::jobs::{NewJob, PutJob as _};
use crate::schema::{download_rules, downloads};
use crate::{DbError, DownloadId, Micros, PgConn, SqliteConn};

/// The kind of the jobs that tell an owner how a download ended.
pub const JOB: &str = "download";
/// With the runner's pauses these last for more than a day.
const TRIES: i32 = 20;

/// `downloads.state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum DownloadState {
    /// Counted against the rule; nobody has come yet.
    Reserved = 0,
    Streaming = 1,
    /// Every byte was sent: it counts.
    Committed = 2,
    /// Given back.
    Released = 3,
}

/// A grant that holds one of its rule's downloads. Written out, for the tables' partial indexes are
/// not used for states that come as parameters.
pub fn is_live() -> SqlLiteral<Bool> {
    diesel::dsl::sql("downloads.state IN (0, 1)")
}

/// What an owner sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// How many complete downloads in all; `None`: any number.
    pub most: Option<i64>,
    /// From then on nothing new is granted; what was granted may end.
    pub expires_at: Option<Micros>,
    /// False: nothing new is granted for now.
    pub open: bool,
}

impl Rule {
    /// Open, for ever, so many times.
    pub fn most(most: i64) -> Self {
        Self {
            most: Some(most),
            expires_at: None,
            open: true,
        }
    }
}

/// A rule with what has been taken of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    #[serde(flatten)]
    pub rule: Rule,
    /// Complete downloads.
    pub taken: i64,
    /// Grants that are neither complete nor given back.
    pub reserved: i64,
}

impl Counted {
    /// How many more can be granted now; `None`: any number.
    pub fn left(&self) -> Option<i64> {
        let most = self.rule.most?;
        Some((most - self.taken - self.reserved).max(0))
    }
}

/// How a download ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every byte was sent; it counts.
    Completed,
    /// Given back: nobody came, it was broken off, or its rule went away.
    Aborted,
}

/// The payload of the job that an owner gets at a grant's end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Download {
    pub grant: DownloadId,
    pub key: String,
    pub outcome: Outcome,
    /// Sent in all; what was sent twice counts twice.
    pub bytes: i64,
    /// Of the file.
    pub size: i64,
    /// Who came first, by trusted proxies only; none when nobody came.
    pub address: Option<String>,
    pub agent: Option<String>,
    /// What the owner gave along with the grant.
    pub meta: Value,
    pub started_at: Option<Micros>,
    pub ended_at: Micros,
}

/// A grant at its end, as its row says.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = downloads)]
pub struct Ended {
    id: i64,
    plugin: String,
    key: String,
    size: i64,
    sent: i64,
    address: Option<String>,
    agent: Option<String>,
    meta: String,
    started_at: Option<i64>,
    ended_at: Option<i64>,
}

impl Ended {
    /// What its owner is told, in the transaction that ended it.
    ///
    /// # Errors
    /// When what the owner gave along is no JSON any more.
    pub fn job(self, outcome: Outcome) -> Result<NewJob, DbError> {
        let download = Download {
            grant: DownloadId(self.id),
            key: self.key,
            outcome,
            bytes: self.sent,
            size: self.size,
            address: self.address,
            agent: self.agent,
            meta: serde_json::from_str(&self.meta)?,
            started_at: self.started_at.map(Micros),
            ended_at: self.ended_at.map_or_else(Micros::now, Micros),
        };
        Ok(NewJob {
            plugin: self.plugin,
            kind: JOB.to_owned(),
            payload: serde_json::to_value(&download)?,
            unique_key: Some(format!("download:{}", self.id)),
            priority: 0,
            due_at: None,
            max_attempts: TRIES,
        })
    }
}

/// Rules on either connection; used inside [`transaction!`](crate::transaction).
#[async_trait::async_trait]
pub trait DownloadRules {
    /// Sets a rule; what was taken under this key stays counted.
    async fn set_download_rule(
        &mut self,
        plugin: &str,
        key: &str,
        rule: &Rule,
    ) -> Result<(), DbError>;
    /// Takes a rule away: nothing is granted any more, and downloads under way end as aborted.
    /// False when there is none.
    async fn drop_download_rule(&mut self, plugin: &str, key: &str) -> Result<bool, DbError>;
    /// A rule with its counts.
    async fn download_rule(&mut self, plugin: &str, key: &str) -> Result<Option<Counted>, DbError>;
}

/// Most, expiry, open, taken, reserved.
type RuleRow = (Option<i64>, Option<i64>, bool, i64, i64);

macro_rules! download_rules {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl DownloadRules for $conn {
            async fn set_download_rule(
                &mut self,
                plugin: &str,
                key: &str,
                rule: &Rule,
            ) -> Result<(), DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                let said = (
                    download_rules::most.eq(rule.most),
                    download_rules::expires_at.eq(rule.expires_at.map(|at| at.0)),
                    download_rules::open.eq(rule.open),
                );
                let upsert = diesel::insert_into(download_rules::table)
                    .values((
                        download_rules::plugin.eq(plugin),
                        download_rules::key.eq(key),
                        download_rules::taken.eq(0_i64),
                        download_rules::reserved.eq(0_i64),
                        said,
                    ))
                    .on_conflict((download_rules::plugin, download_rules::key))
                    .do_update()
                    .set(said);
                RunQueryDsl::execute(upsert, self).await?;
                Ok(())
            }

            async fn drop_download_rule(
                &mut self,
                plugin: &str,
                key: &str,
            ) -> Result<bool, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                let rule = download_rules::table.find((plugin, key));
                if RunQueryDsl::execute(diesel::delete(rule), self).await? == 0 {
                    return Ok(false);
                }
                let live = downloads::table
                    .filter(downloads::plugin.eq(plugin))
                    .filter(downloads::key.eq(key))
                    .filter(is_live());
                let update = diesel::update(live)
                    .set((
                        downloads::state.eq(DownloadState::Released as i16),
                        downloads::ended_at.eq(Some(Micros::now().0)),
                    ))
                    .returning(Ended::as_returning());
                let ended: Vec<Ended> = RunQueryDsl::get_results(update, self).await?;
                for grant in ended {
                    self.put_job(&grant.job(Outcome::Aborted)?).await?;
                }
                Ok(true)
            }

            async fn download_rule(
                &mut self,
                plugin: &str,
                key: &str,
            ) -> Result<Option<Counted>, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                let find = download_rules::table.find((plugin, key)).select((
                    download_rules::most,
                    download_rules::expires_at,
                    download_rules::open,
                    download_rules::taken,
                    download_rules::reserved,
                ));
                let row: Option<RuleRow> = RunQueryDsl::first(find, self).await.optional()?;
                Ok(
                    row.map(|(most, expires_at, open, taken, reserved)| Counted {
                        rule: Rule {
                            most,
                            expires_at: expires_at.map(Micros),
                            open,
                        },
                        taken,
                        reserved,
                    }),
                )
            }
        }
    };
}
download_rules!(SqliteConn);
download_rules!(PgConn);
