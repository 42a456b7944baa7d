//! A group became a supergroup: grants, invitations, switches of plugins, dialogs and waiting messages of the old chat id
//! get the new.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::{Value, json};
use vahta_rows::outbox::OutboxState;
use vahta_rows::{ChatId, DbError, Micros, PgConn, SqliteConn, transaction};

use super::plugin_chats::SwitchRows as _;
use super::record::{Act, By, RecordAct as _};
use super::{Access, names};
use crate::storage::schema::{approvals, chats, grants, link_tokens, outbox, user_sessions};
use crate::tokens::Purpose;

impl Access {
    /// Moves everything in one transaction. False when that had been done before.
    pub async fn migrate_chat(&self, from: ChatId, to: ChatId, by: &By) -> Result<bool, DbError> {
        let moved = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            if !c.sign_chat(from, to).await? {
                return Ok(false);
            }
            c.move_grants(from, to).await?;
            c.move_invitations(from, to).await?;
            c.move_switches(from, to).await?;
            c.move_sessions(from, to).await?;
            c.move_outbox(from, to).await?;
            c.move_approvals(from, to).await?;
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
    /// Of a role that somebody holds in both chats, what ends later stays.
    async fn move_grants(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError>;
    /// Unused links, and grants that wait for a username.
    async fn move_invitations(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError>;
    /// A dialog that is open in the new chat already is the newer one.
    async fn move_sessions(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError>;
    /// What the scheduler holds in memory is led there by Telegram's own answer.
    async fn move_outbox(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError>;
    /// Who may decide is looked up in the new chat from now on.
    async fn move_approvals(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError>;
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
                let columns = (
                    grants::id,
                    grants::user_id,
                    grants::role,
                    grants::expires_at,
                );
                let there = grants::table.filter(grants::chat_id.eq(to.0));
                let there: Vec<Held> = Run::load(there.select(columns), self).await?;
                let here = grants::table.filter(grants::chat_id.eq(from.0));
                let here: Vec<Held> = Run::load(here.select(columns), self).await?;
                let (moved, over) = sorted(here, &there);
                let over = grants::table.filter(grants::id.eq_any(over));
                Run::execute(diesel::delete(over), self).await?;
                let moved = grants::table.filter(grants::id.eq_any(moved));
                let update = diesel::update(moved).set(grants::chat_id.eq(to.0));
                Run::execute(update, self).await?;
                Ok(())
            }

            async fn move_invitations(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError> {
                let (invite, name) = (Purpose::Invite.as_str(), Purpose::Name.as_str());
                let unused = link_tokens::table
                    .filter(link_tokens::used_at.is_null())
                    .filter(link_tokens::purpose.eq_any([invite, name]))
                    .select((
                        link_tokens::hash,
                        link_tokens::purpose,
                        link_tokens::payload,
                    ));
                let unused: Vec<(String, String, String)> = Run::load(unused, self).await?;
                for (old, purpose, payload) in unused {
                    let mut gift: Value = serde_json::from_str(&payload)?;
                    if gift["chat"] != from.0 {
                        continue;
                    }
                    gift["chat"] = to.0.into();
                    // One that waits for a name is found by name, role and place; the one that
                    // waits in the new place already is the newer.
                    let hash = if purpose == name {
                        names::key_of(&serde_json::from_value(gift.clone())?)
                    } else {
                        old.clone()
                    };
                    let taken = link_tokens::table.find(&hash).select(link_tokens::hash);
                    let taken: Option<String> = Run::first(taken, self).await.optional()?;
                    let row = link_tokens::table.find(&old);
                    if hash != old && taken.is_some() {
                        Run::execute(diesel::delete(row), self).await?;
                        continue;
                    }
                    let update = diesel::update(row).set((
                        link_tokens::hash.eq(hash),
                        link_tokens::payload.eq(gift.to_string()),
                    ));
                    Run::execute(update, self).await?;
                }
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

            async fn move_approvals(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError> {
                let here = approvals::table.filter(approvals::chat_id.eq(from.0));
                let update = diesel::update(here).set(approvals::chat_id.eq(to.0));
                Run::execute(update, self).await?;
                Ok(())
            }
        }
    };
}
migration_rows!(SqliteConn);
migration_rows!(PgConn);

/// A grant's id, person, role and end (`None`: never).
type Held = (i64, i64, String, Option<i64>);

/// The ids of grants to move, and of those (of either chat) that another outlives.
fn sorted(here: Vec<Held>, there: &[Held]) -> (Vec<i64>, Vec<i64>) {
    let end = |grant: &Held| grant.3.unwrap_or(i64::MAX);
    let (mut moved, mut over) = (Vec::new(), Vec::new());
    for grant in here {
        let same = |other: &&Held| (other.1, &other.2) == (grant.1, &grant.2);
        match there.iter().find(same) {
            Some(other) if end(other) >= end(&grant) => over.push(grant.0),
            other => {
                over.extend(other.map(|other| other.0));
                moved.push(grant.0);
            }
        }
    }
    (moved, over)
}

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
