//! Giving and taking roles.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::json;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId, transaction};

use super::change::{authority, grantable, put_replies};
use super::record::{Act, By, RecordAct as _};
use super::rows::AccessRows as _;
use super::snapshot::{Grant, Reach};
use super::{Access, AccessError, Change, Refused, Replies, keys};
use crate::storage::schema::{bot_users, grants};

/// What became of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// False when exactly this grant was there before.
    pub changed: bool,
    /// The person is blocked, so that nothing is in effect until they are unblocked.
    pub blocked: bool,
}

/// The roles that were taken, with their reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    pub taken: Vec<(String, Reach)>,
}

impl Access {
    /// Gives a role to a person, in one chat or everywhere, for ever or until an instant. Given
    /// again, the newer end holds.
    pub async fn grant(
        &self,
        user: UserId,
        role: &str,
        reach: Reach,
        until: Option<Micros>,
        by: &By,
        replies: Replies<'_, Granted>,
    ) -> Result<Change<Granted>, AccessError> {
        let now = Micros::now();
        let snapshot = self.snapshot();
        let needed = grantable(&snapshot, role)?;
        authority(&snapshot, by, keys::USERS_MANAGE, reach, &needed, now)?;
        let change = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            // Checked again under the lock: the role may just have been deleted.
            if c.keys_of_role(role).await?.is_none() {
                return Ok(Err(Refused::NoSuchRole(role.into())));
            }
            let Some(row) = c.user_row(user).await? else {
                return Ok(Err(Refused::NoSuchUser));
            };
            let changed = c.grant_end(user, role, reach).await? != Some(until);
            if changed {
                let shortens = role == keys::ADMIN && reach == Reach::Everywhere && until.is_some();
                if shortens && c.admin_ends(user, now).await?.is_last() {
                    return Ok(Err(Refused::LastAdmin));
                }
                let grant = Grant { role: role.into(), reach, until, by: by.user, since: now };
                c.put_grant(user, &grant).await?;
                c.forget_refusals(user).await?;
                let object = format!("user:{user}");
                let detail = json!({ "role": role, "chat": reach.to_column(), "until": until });
                c.record(&locked, by, &Act { action: "access.grant", object, detail }).await?;
            }
            let done = Granted { changed, blocked: row.blocked_at.is_some() };
            let rows = put_replies!(c, by, replies, &done);
            Ok(Ok(Change { done, rows }))
        })??;
        self.refresh().await?;
        Ok(change)
    }

    /// Takes a role from a person (`None`: every role) in one place (`None`: in every place).
    /// Exactly these grants go; others stay.
    pub async fn revoke(
        &self,
        user: UserId,
        role: Option<&str>,
        reach: Option<Reach>,
        by: &By,
        replies: Replies<'_, Revoked>,
    ) -> Result<Change<Revoked>, AccessError> {
        let now = Micros::now();
        let snapshot = self.snapshot();
        let change = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            let of_user = c.grants_of(user).await?;
            let fits = |(held, at): &&(String, Reach)| {
                role.is_none_or(|role| role == held) && reach.is_none_or(|reach| reach == *at)
            };
            let taken: Vec<_> = of_user.iter().filter(fits).cloned().collect();
            if taken.is_empty() {
                return Ok(Err(Refused::NoSuchGrant));
            }
            for (role, reach) in &taken {
                let needed = snapshot.role(role).map(|role| role.keys.clone()).unwrap_or_default();
                if let Err(no) = authority(&snapshot, by, keys::USERS_MANAGE, *reach, &needed, now) {
                    return Ok(Err(no));
                }
                let is_admin = role == keys::ADMIN && *reach == Reach::Everywhere;
                if is_admin && c.admin_ends(user, now).await?.is_last() {
                    return Ok(Err(Refused::LastAdmin));
                }
            }
            for (role, reach) in &taken {
                c.drop_grant(user, role, *reach).await?;
                let object = format!("user:{user}");
                let detail = json!({ "role": role, "chat": reach.to_column() });
                c.record(&locked, by, &Act { action: "access.revoke", object, detail }).await?;
            }
            let done = Revoked { taken };
            let rows = put_replies!(c, by, replies, &done);
            Ok(Ok(Change { done, rows }))
        })??;
        self.refresh().await?;
        Ok(change)
    }

    /// Forgets grants that ended more than 30 days ago; until then `/why` tells of them.
    pub async fn sweep(&self) -> Result<usize, DbError> {
        let before = Micros::now().minus(std::time::Duration::from_secs(30 * 24 * 3600));
        transaction!(self.inner.db, c => c.drop_ended(before).await)
    }
}

#[async_trait::async_trait]
trait GrantRows {
    async fn grants_of(&mut self, user: UserId) -> Result<Vec<(String, Reach)>, DbError>;
    async fn drop_grant(&mut self, user: UserId, role: &str, reach: Reach) -> Result<(), DbError>;
    /// Whoever was let in is not blocked for what they tried before; that they were refused once
    /// stays known, so a later refusal is silent.
    async fn forget_refusals(&mut self, user: UserId) -> Result<(), DbError>;
    async fn drop_ended(&mut self, before: Micros) -> Result<usize, DbError>;
}

macro_rules! grant_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl GrantRows for $conn {
            async fn grants_of(&mut self, user: UserId) -> Result<Vec<(String, Reach)>, DbError> {
                let all = grants::table
                    .filter(grants::user_id.eq(user.0))
                    .order(grants::id)
                    .select((grants::role, grants::chat_id));
                let rows: Vec<(String, i64)> = Run::load(all, self).await?;
                Ok(rows
                    .into_iter()
                    .map(|(role, at)| (role, Reach::from_column(at)))
                    .collect())
            }

            async fn drop_grant(
                &mut self,
                user: UserId,
                role: &str,
                reach: Reach,
            ) -> Result<(), DbError> {
                let one = grants::table
                    .filter(grants::user_id.eq(user.0))
                    .filter(grants::role.eq(role))
                    .filter(grants::chat_id.eq(reach.to_column()));
                Run::execute(diesel::delete(one), self).await?;
                Ok(())
            }

            async fn forget_refusals(&mut self, user: UserId) -> Result<(), DbError> {
                let often = bot_users::table
                    .find(user.0)
                    .filter(bot_users::refusals.gt(1));
                let update = diesel::update(often).set(bot_users::refusals.eq(1));
                Run::execute(update, self).await?;
                Ok(())
            }

            async fn drop_ended(&mut self, before: Micros) -> Result<usize, DbError> {
                let old = grants::table.filter(grants::expires_at.lt(before.0));
                Ok(Run::execute(diesel::delete(old), self).await?)
            }
        }
    };
}
grant_rows!(SqliteConn);
grant_rows!(PgConn);
