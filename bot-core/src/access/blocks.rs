//! Refusing strangers, blocking and unblocking.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::json;
use vahta_rows::events::PutEvent as _;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UpdateId, UserId, transaction};

use super::change::{authority, put_replies};
use super::record::{Act, By, RecordAct as _};
use super::rows::AccessRows as _;
use super::snapshot::Reach;
use super::{Access, AccessError, Change, KeySet, Refused, Replies, keys};
use crate::accounts::api_keys::KeyRows as _;
use crate::accounts::sessions::{Ends, SessionRows as _, ended_event};
use crate::flow::Sender;
use crate::storage::schema::bot_users;

/// One more try of somebody who may do nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    pub user: UserId,
    /// Tries so far, this one included; the first is answered, later ones are met with silence.
    pub count: i32,
    /// This try was one too many: the person is blocked from now on.
    pub blocked_now: bool,
}

/// What became of a block or an unblock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocking {
    /// False when the person was (un)blocked already.
    pub changed: bool,
}

impl Access {
    /// Counts a refused try, once an update; the last one allowed blocks.
    pub async fn count_refusal(
        &self,
        sender: &Sender,
        update: UpdateId,
        by: &By,
        replies: Replies<'_, Refusal>,
    ) -> Result<Change<Refusal>, DbError> {
        let now = Micros::now();
        let limit = self.inner.refusals_before_block;
        let change = transaction!(self.inner.db, c => {
            let user = c.ensure_sender(sender, now).await?;
            let before = c.user_row(user).await?.map_or(0, |row| row.refusals);
            // The lock comes before the row is written, as in every other change: no deadlock.
            let locked = if before + 1 >= limit { Some(c.lock_access().await?) } else { None };
            let count = c.add_refusal(user, update).await?;
            let mut done = Refusal { user, count: count.unwrap_or(before), blocked_now: false };
            if let (Some(_), Some(locked)) = (count, locked) {
                done.blocked_now = done.count >= limit && c.set_block(user, "refusals", now).await?;
                if done.blocked_now {
                    let keys = c.end_ways_in(user, now).await?;
                    let object = format!("user:{user}");
                    let detail = json!({ "reason": "refusals", "count": done.count, "keys": keys });
                    let act = Act { action: "access.block", object, detail };
                    c.record(&locked, by, &act).await?;
                }
            }
            let rows = put_replies!(c, by, replies, &done);
            Ok(Change { done, rows })
        })?;
        if change.done.blocked_now {
            self.refresh().await?;
        }
        Ok(change)
    }

    pub async fn block(
        &self,
        user: UserId,
        reason: &str,
        by: &By,
        replies: Replies<'_, Blocking>,
    ) -> Result<Change<Blocking>, AccessError> {
        let now = Micros::now();
        if by.user == Some(user) {
            return Err(Refused::Yourself.into());
        }
        self.outweighs(by, user, now)?;
        let change = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            if c.user_row(user).await?.is_none() {
                return Ok(Err(Refused::NoSuchUser));
            }
            if c.admin_ends(user, now).await?.is_last() {
                return Ok(Err(Refused::LastAdmin));
            }
            let changed = c.set_block(user, reason, now).await?;
            if changed {
                let keys = c.end_ways_in(user, now).await?;
                let detail = json!({ "reason": reason, "keys": keys });
                let object = format!("user:{user}");
                c.record(&locked, by, &Act { action: "access.block", object, detail }).await?;
            }
            let done = Blocking { changed };
            let rows = put_replies!(c, by, replies, &done);
            Ok(Ok(Change { done, rows }))
        })??;
        self.refresh().await?;
        Ok(change)
    }

    /// May `by` block and unblock, and hold everything that the person holds anywhere? Lifting a block
    /// gives all of that back, so it takes as much as blocking.
    fn outweighs(&self, by: &By, user: UserId, now: Micros) -> Result<(), Refused> {
        let snapshot = self.snapshot();
        let theirs: KeySet = snapshot
            .user(user)
            .map(|known| snapshot.keys_anywhere(known, now))
            .unwrap_or_default();
        authority(
            &snapshot,
            by,
            keys::USERS_MANAGE,
            Reach::Everywhere,
            &theirs,
            now,
        )
    }

    /// Lifts a block; refusals are counted from nothing again.
    pub async fn unblock(
        &self,
        user: UserId,
        by: &By,
        replies: Replies<'_, Blocking>,
    ) -> Result<Change<Blocking>, AccessError> {
        self.outweighs(by, user, Micros::now())?;
        let change = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            if c.user_row(user).await?.is_none() {
                return Ok(Err(Refused::NoSuchUser));
            }
            let changed = c.lift_block(user).await?;
            if changed {
                let (object, detail) = (format!("user:{user}"), json!({}));
                c.record(&locked, by, &Act { action: "access.unblock", object, detail }).await?;
            }
            let done = Blocking { changed };
            let rows = put_replies!(c, by, replies, &done);
            Ok(Ok(Change { done, rows }))
        })??;
        self.refresh().await?;
        Ok(change)
    }
}

#[async_trait::async_trait]
trait BlockRows {
    /// The tries so far; `None` when this update was counted before.
    async fn add_refusal(&mut self, user: UserId, update: UpdateId)
    -> Result<Option<i32>, DbError>;
    /// False when the person was blocked already.
    async fn set_block(&mut self, user: UserId, reason: &str, now: Micros)
    -> Result<bool, DbError>;
    async fn lift_block(&mut self, user: UserId) -> Result<bool, DbError>;
    /// Ends the person's logins and keys, which lifting the block later must not bring back; tells
    /// how many keys there were.
    async fn end_ways_in(&mut self, user: UserId, now: Micros) -> Result<usize, DbError>;
}

macro_rules! block_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl BlockRows for $conn {
            async fn add_refusal(
                &mut self,
                user: UserId,
                update: UpdateId,
            ) -> Result<Option<i32>, DbError> {
                let count = diesel::update(
                    bot_users::table.find(user.0).filter(
                        bot_users::refused_update
                            .is_null()
                            .or(bot_users::refused_update.ne(update.0)),
                    ),
                )
                .set((
                    bot_users::refusals.eq(bot_users::refusals + 1),
                    bot_users::refused_update.eq(update.0),
                ))
                .returning(bot_users::refusals);
                Ok(Run::get_result(count, self).await.optional()?)
            }

            async fn set_block(
                &mut self,
                user: UserId,
                reason: &str,
                now: Micros,
            ) -> Result<bool, DbError> {
                let open = bot_users::table
                    .find(user.0)
                    .filter(bot_users::blocked_at.is_null());
                let block = diesel::update(open).set((
                    bot_users::blocked_at.eq(now.0),
                    bot_users::block_reason.eq((!reason.is_empty()).then_some(reason)),
                ));
                Ok(Run::execute(block, self).await? > 0)
            }

            async fn lift_block(&mut self, user: UserId) -> Result<bool, DbError> {
                let open = bot_users::table
                    .find(user.0)
                    .filter(bot_users::blocked_at.is_not_null());
                let lift = diesel::update(open).set((
                    bot_users::blocked_at.eq(None::<i64>),
                    bot_users::block_reason.eq(None::<String>),
                    bot_users::refusals.eq(0),
                    bot_users::refused_update.eq(None::<i64>),
                ));
                Ok(Run::execute(lift, self).await? > 0)
            }

            async fn end_ways_in(&mut self, user: UserId, now: Micros) -> Result<usize, DbError> {
                self.end_sessions(user, Ends::All, now).await?;
                self.put_event(&ended_event(user)).await?;
                self.revoke_keys(user, now).await
            }
        }
    };
}
block_rows!(SqliteConn);
block_rows!(PgConn);
