//! Open sign-up: a role that a stranger gets by `/start`. Off until somebody chooses one.
//!
//! It stands with the rules of access because it is one: read into the same snapshot, carried to
//! other processes by the same version.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::json;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId, transaction};

use super::change::{authority, grantable, put_replies};
use super::record::{Act, By, RecordAct as _};
use super::rows::AccessRows as _;
use super::snapshot::{Grant, Reach, Snapshot};
use super::{Access, AccessError, Change, KeySet, Refused, Replies, keys};
use crate::flow::Sender;
use crate::storage::schema::settings;

/// The settings row that holds the role's name; there is none while it is off.
const NAME: &str = "access.sign_up";

/// What a stranger got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUp {
    pub user: UserId,
    pub role: String,
}

impl Snapshot {
    /// The role that strangers get by `/start`; `None`: sign-up is off, or its role is gone.
    pub fn sign_up(&self) -> Option<&str> {
        let role = self.sign_up.as_deref()?;
        is_for_strangers(role).then_some(())?;
        self.role(role).map(|_| role)
    }
}

/// Nobody becomes an administrator by asking, and a guest is what they are already.
fn is_for_strangers(role: &str) -> bool {
    role != keys::ADMIN && role != keys::GUEST
}

impl Access {
    /// Opens sign-up with a role, or closes it.
    pub async fn set_sign_up(
        &self,
        role: Option<&str>,
        by: &By,
        replies: Replies<'_, ()>,
    ) -> Result<Change<()>, AccessError> {
        let (snapshot, now) = (self.snapshot(), Micros::now());
        let needed = match role {
            Some(role) if !is_for_strangers(role) => {
                return Err(Refused::BuiltinRole(role.into()).into());
            }
            Some(role) => grantable(&snapshot, role)?,
            None => KeySet::default(),
        };
        let everywhere = Reach::Everywhere;
        authority(&snapshot, by, keys::USERS_MANAGE, everywhere, &needed, now)?;
        let act = Act {
            action: "access.sign_up.set",
            object: "sign_up".into(),
            detail: json!({ "role": role }),
        };
        let change = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            c.put_sign_up(role, now).await?;
            c.record(&locked, by, &act).await?;
            let rows = put_replies!(c, by, replies, &());
            Ok(Change { done: (), rows })
        })?;
        self.refresh().await?;
        Ok(change)
    }

    /// Gives a stranger the role that is open to strangers now.
    pub async fn sign_up(
        &self,
        sender: &Sender,
        by: &By,
        replies: Replies<'_, SignedUp>,
    ) -> Result<Change<SignedUp>, AccessError> {
        let now = Micros::now();
        let change = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            // As it is now: somebody may just have closed it.
            let Some(role) = c.sign_up_role().await?.filter(|role| is_for_strangers(role)) else {
                return Ok(Err(Refused::BadToken));
            };
            if c.keys_of_role(&role).await?.is_none() {
                return Ok(Err(Refused::NoSuchRole(role)));
            }
            let user = c.ensure_sender(sender, now).await?;
            if c.grant_end(user, &role, Reach::Everywhere).await? == Some(None) {
                return Ok(Err(Refused::HasItAlready));
            }
            let (reach, until) = (Reach::Everywhere, None);
            let grant = Grant { role: role.clone(), reach, until, by: None, since: now };
            c.put_grant(user, &grant).await?;
            let act = Act {
                action: "access.sign_up",
                object: format!("user:{user}"),
                detail: json!({ "role": role }),
            };
            let by = By { user: Some(user), ..by.clone() };
            c.record(&locked, &by, &act).await?;
            let done = SignedUp { user, role };
            let rows = put_replies!(c, by, replies, &done);
            Ok(Ok(Change { done, rows }))
        })??;
        self.refresh().await?;
        Ok(change)
    }
}

#[async_trait::async_trait]
pub(super) trait SignUpRows {
    async fn sign_up_role(&mut self) -> Result<Option<String>, DbError>;
    async fn put_sign_up(&mut self, role: Option<&str>, now: Micros) -> Result<(), DbError>;
}

macro_rules! sign_up_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl SignUpRows for $conn {
            async fn sign_up_role(&mut self) -> Result<Option<String>, DbError> {
                let find = settings::table.find(NAME).select(settings::value);
                Ok(Run::first(find, self).await.optional()?)
            }

            async fn put_sign_up(
                &mut self,
                role: Option<&str>,
                now: Micros,
            ) -> Result<(), DbError> {
                let Some(role) = role else {
                    Run::execute(diesel::delete(settings::table.find(NAME)), self).await?;
                    return Ok(());
                };
                let values = (settings::value.eq(role), settings::updated_at.eq(now.0));
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
sign_up_rows!(SqliteConn);
sign_up_rows!(PgConn);
