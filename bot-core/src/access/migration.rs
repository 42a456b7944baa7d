//! A group became a supergroup: grants, dialogs and waiting messages of the old chat id get the new.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::{Value, json};
use vahta_rows::outbox::OutboxState;
use vahta_rows::{ChatId, DbError, Micros, PgConn, SqliteConn, transaction};

use super::Access;
use super::record::{Act, By, RecordAct as _};
use crate::storage::schema::{chats, grants, outbox, user_sessions};

impl Access {
    /// Moves everything in one transaction. False when that had been done before.
    pub async fn migrate_chat(&self, from: ChatId, to: ChatId, by: &By) -> Result<bool, DbError> {
        let moved = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            if !c.sign_chat(from, to).await? {
                return Ok(false);
            }
            c.move_grants(from, to).await?;
            c.move_sessions(from, to).await?;
            c.move_outbox(from, to).await?;
            let object = format!("chat:{from}");
            let act = Act { action: "chat.migrated", object, detail: json!({ "to": to }) };
            c.record(&locked, by, &act).await?;
            Ok(true)
        })?;
        if moved {
            self.refresh().await?;
        }
        Ok(moved)
    }
}

#[async_trait::async_trait]
trait MigrationRows {
    /// Writes at the old chat where it went; false when it stands there already.
    async fn sign_chat(&mut self, from: ChatId, to: ChatId) -> Result<bool, DbError>;
    /// What somebody holds in both chats stays as it is in the new one.
    async fn move_grants(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError>;
    /// A dialog that is open in the new chat already is the newer one.
    async fn move_sessions(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError>;
    /// What the scheduler holds in memory is led there by Telegram's own answer.
    async fn move_outbox(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError>;
}

macro_rules! migration_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl MigrationRows for $conn {
            async fn sign_chat(&mut self, from: ChatId, to: ChatId) -> Result<bool, DbError> {
                let signed = chats::table.find(from.0).select(chats::migrated_to);
                let signed: Option<Option<i64>> = Run::first(signed, self).await.optional()?;
                if signed.flatten() == Some(to.0) {
                    return Ok(false);
                }
                let now = Micros::now().0;
                let sign = diesel::insert_into(chats::table)
                    .values((
                        chats::id.eq(from.0),
                        chats::kind.eq("group"),
                        chats::migrated_to.eq(Some(to.0)),
                        chats::first_seen.eq(now),
                        chats::last_seen.eq(now),
                    ))
                    .on_conflict(chats::id)
                    .do_update()
                    .set(chats::migrated_to.eq(Some(to.0)));
                Run::execute(sign, self).await?;
                Ok(true)
            }

            async fn move_grants(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError> {
                let there = grants::table
                    .filter(grants::chat_id.eq(to.0))
                    .select((grants::user_id, grants::role));
                let there: Vec<(i64, String)> = Run::load(there, self).await?;
                let here = grants::table.filter(grants::chat_id.eq(from.0)).select((
                    grants::id,
                    grants::user_id,
                    grants::role,
                ));
                let here: Vec<(i64, i64, String)> = Run::load(here, self).await?;
                let (twice, once): (Vec<_>, Vec<_>) =
                    here.into_iter().partition(|(_, user, role)| {
                        there.iter().any(|t| (t.0, &t.1) == (*user, role))
                    });
                let ids = |rows: Vec<(i64, i64, String)>| rows.into_iter().map(|row| row.0);
                let drop = grants::table.filter(grants::id.eq_any(ids(twice)));
                Run::execute(diesel::delete(drop), self).await?;
                let moved = grants::table.filter(grants::id.eq_any(ids(once)));
                let update = diesel::update(moved).set(grants::chat_id.eq(to.0));
                Run::execute(update, self).await?;
                Ok(())
            }

            async fn move_sessions(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError> {
                let there = user_sessions::table
                    .filter(user_sessions::chat_id.eq(to.0))
                    .select(user_sessions::telegram_id);
                let there: Vec<i64> = Run::load(there, self).await?;
                let here = user_sessions::table.filter(user_sessions::chat_id.eq(from.0));
                let moved = here.filter(user_sessions::telegram_id.ne_all(there));
                let update = diesel::update(moved).set(user_sessions::chat_id.eq(to.0));
                Run::execute(update, self).await?;
                Run::execute(diesel::delete(here), self).await?;
                Ok(())
            }

            async fn move_outbox(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError> {
                let open = outbox::table
                    .filter(outbox::chat_id.eq(from.0))
                    .filter(outbox::state.eq(OutboxState::Queued as i16))
                    .select((outbox::id, outbox::payload));
                let open: Vec<(i64, String)> = Run::load(open, self).await?;
                for (id, payload) in open {
                    let update = diesel::update(outbox::table.find(id)).set((
                        outbox::chat_id.eq(to.0),
                        outbox::payload.eq(readdressed(payload, to)),
                    ));
                    Run::execute(update, self).await?;
                }
                Ok(())
            }
        }
    };
}
migration_rows!(SqliteConn);
migration_rows!(PgConn);

/// A payload that is no object fails when its turn comes, and says why.
fn readdressed(payload: String, to: ChatId) -> String {
    match serde_json::from_str(&payload) {
        Ok(Value::Object(mut fields)) => {
            fields.insert("chat_id".into(), to.0.into());
            Value::Object(fields).to_string()
        }
        _ => payload,
    }
}
