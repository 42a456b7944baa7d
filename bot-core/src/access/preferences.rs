//! What people choose for themselves: their time zone. Their language follows Telegram.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::json;
use vahta_rows::{DbError, UserId, transaction};

use super::record::{Act, By, RecordAct as _};
use super::{Access, AccessError, Refused};
use crate::storage::schema::bot_users;

impl Access {
    /// Sets the time zone of a person.
    ///
    /// # Errors
    /// [`Refused::NoSuchTimeZone`] for a name that the time zone database does not know.
    pub async fn prefer(&self, user: UserId, time_zone: &str, by: &By) -> Result<(), AccessError> {
        if jiff::tz::TimeZone::get(time_zone).is_err() {
            return Err(Refused::NoSuchTimeZone(time_zone.into()).into());
        }
        let act = Act {
            action: "access.prefer",
            object: format!("user:{user}"),
            detail: json!({ "time_zone": time_zone }),
        };
        transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            let update = diesel::update(bot_users::table.find(user.0)).set(bot_users::time_zone.eq(time_zone));
            Run::execute(update, c).await?;
            c.record(&locked, by, &act).await?;
            Ok::<_, DbError>(())
        })?;
        self.refresh().await?;
        Ok(())
    }
}
