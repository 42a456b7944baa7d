//! Chats that the bot cannot write to: blocked, kicked, gone.
//!
//! `chats.disabled_at` is the truth; the ids are held in memory as well, so that the outbound
//! scheduler can refuse notices without a round trip. A reply always goes: whoever writes to the bot
//! can be written to.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use vahta_rows::outbox::Lane;
use vahta_rows::{ChatId, Db, DbError, Micros, transaction, with_db};

use crate::storage::schema::chats;

/// Cheap to clone.
#[derive(Clone)]
pub struct ClosedChats {
    db: Db,
    ids: Arc<RwLock<HashSet<i64>>>,
}

impl ClosedChats {
    pub async fn load(db: Db) -> Result<Self, DbError> {
        let ids: Vec<i64> = with_db!(db, c => chats::table
            .filter(chats::disabled_at.is_not_null())
            .select(chats::id)
            .load(c)
            .await)?;
        Ok(Self {
            db,
            ids: Arc::new(RwLock::new(ids.into_iter().collect())),
        })
    }

    /// Is there no point in sending this?
    pub fn refuses(&self, chat: Option<ChatId>, lane: Lane) -> bool {
        lane != Lane::Reply && chat.is_some_and(|chat| self.contains(chat))
    }

    pub fn contains(&self, chat: ChatId) -> bool {
        let ids = self.ids.read().unwrap_or_else(PoisonError::into_inner);
        ids.contains(&chat.0)
    }

    /// The chat cannot be written to: shown to admins, and no notice is tried until it comes back.
    pub async fn close(&self, chat: ChatId, reason: &str) -> Result<(), DbError> {
        let now = Micros::now();
        transaction!(self.db, c => {
            diesel::insert_into(chats::table)
                .values((
                    chats::id.eq(chat.0),
                    chats::kind.eq(if chat.0 > 0 { "private" } else { "group" }),
                    chats::first_seen.eq(now.0),
                    chats::last_seen.eq(now.0),
                    chats::disabled_at.eq(Some(now.0)),
                    chats::disabled_reason.eq(Some(reason)),
                ))
                .on_conflict(chats::id)
                .do_update()
                .set((chats::disabled_at.eq(Some(now.0)), chats::disabled_reason.eq(Some(reason))))
                .execute(c)
                .await
                .map(drop)
                .map_err(DbError::from)
        })?;
        let mut ids = self.ids.write().unwrap_or_else(PoisonError::into_inner);
        ids.insert(chat.0);
        Ok(())
    }

    /// The chat can be written to again; costs nothing when it always could.
    pub async fn reopen(&self, chat: ChatId) -> Result<(), DbError> {
        if !self.contains(chat) {
            return Ok(());
        }
        transaction!(self.db, c => {
            diesel::update(chats::table.find(chat.0))
                .set((chats::disabled_at.eq(None::<i64>), chats::disabled_reason.eq(None::<String>)))
                .execute(c)
                .await
                .map(drop)
                .map_err(DbError::from)
        })?;
        let mut ids = self.ids.write().unwrap_or_else(PoisonError::into_inner);
        ids.remove(&chat.0);
        Ok(())
    }
}
