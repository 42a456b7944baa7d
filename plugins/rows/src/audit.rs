//! Who did what, written in the same transaction as the act.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema::audit_log;
use crate::{DbError, Micros, PgConn, SqliteConn, UserId};

/// One act.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Act {
    /// `None`: the program itself, or somebody whom Vahta does not know.
    pub actor: Option<UserId>,
    /// "telegram", "web", "cli", "plugin" or "core".
    pub source: String,
    /// Such as "task.done".
    pub action: String,
    /// Such as "task:12".
    pub object: String,
    pub detail: Value,
    /// Ties the row to the update or request that caused the act.
    pub correlation: String,
}

/// Writing audit rows on either connection; used inside [`transaction!`](crate::transaction).
#[async_trait::async_trait]
pub trait PutAct {
    async fn put_act(&mut self, act: &Act) -> Result<(), DbError>;
}

macro_rules! put_act {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl PutAct for $conn {
            async fn put_act(&mut self, act: &Act) -> Result<(), DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                diesel::insert_into(audit_log::table)
                    .values((
                        audit_log::actor.eq(act.actor.map(|user| user.0)),
                        audit_log::source.eq(act.source.clone()),
                        audit_log::action.eq(act.action.clone()),
                        audit_log::object.eq(act.object.clone()),
                        audit_log::detail.eq(serde_json::to_string(&act.detail)?),
                        audit_log::correlation.eq(act.correlation.clone()),
                        audit_log::at.eq(Micros::now().0),
                    ))
                    .execute(self)
                    .await?;
                Ok(())
            }
        }
    };
}
put_act!(SqliteConn);
put_act!(PgConn);
