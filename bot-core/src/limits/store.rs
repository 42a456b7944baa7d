//! The `limits` setting.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::json;
use vahta_rows::{Db, DbError, Micros, PgConn, SqliteConn, transaction, with_db};

use super::{Limits, Overrides, Rate, Rules, Scope};
use crate::access::record::{Act, By, RecordAct as _};
use crate::access::{Change, Replies};
use crate::storage::schema::settings;

const NAME: &str = "limits";

pub(super) async fn read(db: &Db) -> Result<Overrides, DbError> {
    match with_db!(db, c => c.limits_setting().await)? {
        Some(json) => Ok(serde_json::from_str(&json)?),
        None => Ok(Overrides::default()),
    }
}

impl Limits {
    /// Changes one limit (`None`: back to the default), for good and at once.
    pub async fn set(
        &self,
        scope: &Scope,
        rate: Option<Rate>,
        by: &By,
        replies: Replies<'_, Rules>,
    ) -> Result<Change<Rules>, DbError> {
        let (overrides, change) = transaction!(self.inner.db, c => {
            // The lock on the rules of access also orders two admins here.
            let _locked = c.lock_access().await?;
            let mut overrides: Overrides = match c.limits_setting().await? {
                Some(json) => serde_json::from_str(&json)?,
                None => Overrides::default(),
            };
            overrides.set(scope, rate);
            c.put_limits_setting(&serde_json::to_string(&overrides)?).await?;
            let (object, detail) = (format!("limit:{scope}"), json!({ "rate": rate }));
            c.audit(by, &Act { action: "limits.set", object, detail }).await?;
            let done = overrides.merged_with(&self.inner.defaults);
            let rows = crate::access::put_replies!(c, by, replies, &done);
            Ok((overrides, Change { done, rows }))
        })?;
        self.apply(overrides);
        Ok(change)
    }
}

#[async_trait::async_trait]
trait LimitRows {
    async fn limits_setting(&mut self) -> Result<Option<String>, DbError>;
    async fn put_limits_setting(&mut self, json: &str) -> Result<(), DbError>;
}

macro_rules! limit_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl LimitRows for $conn {
            async fn limits_setting(&mut self) -> Result<Option<String>, DbError> {
                let find = settings::table.find(NAME).select(settings::value);
                Ok(Run::first(find, self).await.optional()?)
            }

            async fn put_limits_setting(&mut self, json: &str) -> Result<(), DbError> {
                let values = (
                    settings::value.eq(json),
                    settings::updated_at.eq(Micros::now().0),
                );
                let upsert = diesel::insert_into(settings::table)
                    .values((settings::name.eq(NAME), values))
                    .on_conflict(settings::name)
                    .do_update()
                    .set(values);
                Run::execute(upsert, self).await?;
                Ok(())
            }
        }
    };
}
limit_rows!(SqliteConn);
limit_rows!(PgConn);
