//! What every change of access writes beside itself, in the same transaction: the next version
//! (other processes read the rules again), an audit row and an event.

use diesel::prelude::*;
use serde_json::{Value, json};
use vahta_rows::events::{Event, PutEvent as _};
use vahta_rows::{DbError, InstanceId, Micros, PgConn, SqliteConn, UserId};

use crate::storage::schema::{audit_log, settings};

/// The settings row that counts changes of access.
pub const VERSION: &str = "access.version";

/// Who makes a change, from where.
#[derive(Debug, Clone)]
pub struct By {
    /// `None`: the program itself, or somebody at its console.
    pub user: Option<UserId>,
    /// "telegram", "web", "api", "cli" or "core".
    pub source: &'static str,
    /// Ties audit rows, events and log lines to the update or request that caused them.
    pub correlation: String,
    /// Whose outbox rows the replies become.
    pub instance: InstanceId,
}

/// One administrative act.
#[derive(Debug, Clone)]
pub struct Act {
    /// Also the event's topic, such as "access.grant".
    pub action: &'static str,
    /// Such as "user:12" or "role:night".
    pub object: String,
    pub detail: Value,
}

/// Held by whoever may change access: changes come one after another, on both databases.
#[derive(Debug)]
pub struct Locked(i64);

#[async_trait::async_trait]
pub trait RecordAct {
    /// Takes the lock on the rules until the transaction ends; comes first in every change.
    async fn lock_access(&mut self) -> Result<Locked, DbError>;

    /// Writes version, audit row and event of a change.
    async fn record(&mut self, locked: &Locked, by: &By, act: &Act) -> Result<(), DbError>;

    /// Writes audit row and event of an act that is no change of access.
    async fn audit(&mut self, by: &By, act: &Act) -> Result<(), DbError>;
}

macro_rules! record_act {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl RecordAct for $conn {
            async fn lock_access(&mut self) -> Result<Locked, DbError> {
                let lock = diesel::update(settings::table.find(VERSION))
                    .set(settings::updated_at.eq(Micros::now().0))
                    .returning(settings::value);
                let value: String = diesel_async::RunQueryDsl::get_result(lock, self).await?;
                value.parse().map(Locked).map_err(|_| {
                    DbError::Unavailable(format!("the setting {VERSION} is `{value}`, no number"))
                })
            }

            async fn record(
                &mut self,
                locked: &Locked,
                by: &By,
                act: &Act,
            ) -> Result<(), DbError> {
                let bump = diesel::update(settings::table.find(VERSION))
                    .set(settings::value.eq(locked.0.saturating_add(1).to_string()));
                diesel_async::RunQueryDsl::execute(bump, self).await?;
                self.audit(by, act).await
            }

            async fn audit(&mut self, by: &By, act: &Act) -> Result<(), DbError> {
                let row = diesel::insert_into(audit_log::table).values((
                    audit_log::actor.eq(by.user.map(|id| id.0)),
                    audit_log::source.eq(by.source),
                    audit_log::action.eq(act.action),
                    audit_log::object.eq(&act.object),
                    audit_log::detail.eq(act.detail.to_string()),
                    audit_log::correlation.eq(&by.correlation),
                    audit_log::at.eq(Micros::now().0),
                ));
                diesel_async::RunQueryDsl::execute(row, self).await?;
                let payload = json!({ "by": by.user, "detail": act.detail });
                let (topic, object) = (act.action.to_string(), act.object.clone());
                self.put_event(&Event { topic, object, payload }).await?;
                Ok(())
            }
        }
    };
}
record_act!(SqliteConn);
record_act!(PgConn);
