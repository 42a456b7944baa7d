//! A person's language follows their Telegram, unless they chose one.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use vahta_rows::{DbError, transaction};

use super::Access;
use crate::flow::Sender;
use crate::storage::schema::bot_users;

impl Access {
    /// Writes down that the language of a person's Telegram has changed; memory only while it has
    /// not. Unless they chose another, menus and notices are in the new one from then on.
    pub async fn follow_language(&self, sender: &Sender) -> Result<(), DbError> {
        let snapshot = self.snapshot();
        let (Some(language), Some(known)) =
            (&sender.language, snapshot.by_telegram(sender.telegram_id))
        else {
            return Ok(());
        };
        if known.telegram_language.as_ref() == Some(language) {
            return Ok(());
        }
        let id = known.id;
        transaction!(self.inner.db, c => {
            diesel::update(bot_users::table.find(id.0))
                .set(bot_users::language.eq(Some(language)))
                .execute(c)
                .await
                .map(drop)
                .map_err(DbError::from)
        })?;
        self.refresh().await
    }
}
