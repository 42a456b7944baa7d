//! Custom roles: sets of permission keys under a name.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::json;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, transaction};

use super::change::{authority, put_replies};
use super::record::{Act, By, RecordAct as _};
use super::rows::AccessRows as _;
use super::seed::SeedRows as _;
use super::snapshot::{Reach, Snapshot};
use super::{Access, AccessError, Change, KeySet, Refused, Replies, keys};
use crate::storage::schema::{grants, role_keys, roles};

/// What became of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChange {
    pub role: String,
    /// The keys that it has now, sorted.
    pub keys: Vec<String>,
    /// For a deleted role: the grants that went with it.
    pub grants: usize,
}

impl Access {
    pub async fn create_role(
        &self,
        name: &str,
        with: &[String],
        by: &By,
        replies: Replies<'_, RoleChange>,
    ) -> Result<Change<RoleChange>, AccessError> {
        if !keys::is_role_name(name) {
            return Err(Refused::BadRoleName(name.into()).into());
        }
        let now = Micros::now();
        let snapshot = self.snapshot();
        let with = known_keys(&snapshot, with)?;
        authority(
            &snapshot,
            by,
            keys::ROLES_MANAGE,
            Reach::Everywhere,
            &with,
            now,
        )?;
        let change = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            if !c.put_role(name, false, now).await? {
                return Ok(Err(Refused::RoleExists(name.into())));
            }
            for key in with.names() {
                c.put_role_key(name, key).await?;
            }
            let keys: Vec<String> = with.names().map(str::to_string).collect();
            let (object, detail) = (format!("role:{name}"), json!({ "keys": keys }));
            c.record(&locked, by, &Act { action: "access.role.create", object, detail }).await?;
            let done = RoleChange { role: name.into(), keys, grants: 0 };
            let rows = put_replies!(c, by, replies, &done);
            Ok(Ok(Change { done, rows }))
        })??;
        self.refresh().await?;
        Ok(change)
    }

    /// Adds keys to a role and takes keys from it.
    pub async fn edit_role(
        &self,
        name: &str,
        add: &[String],
        take: &[String],
        by: &By,
        replies: Replies<'_, RoleChange>,
    ) -> Result<Change<RoleChange>, AccessError> {
        let now = Micros::now();
        let snapshot = self.snapshot();
        let role = snapshot
            .role(name)
            .ok_or_else(|| Refused::NoSuchRole(name.into()))?;
        if name == keys::ADMIN || name == keys::GUEST {
            return Err(Refused::BuiltinRole(name.into()).into());
        }
        let add = known_keys(&snapshot, add)?;
        let mut needed = KeySet::clone(&role.keys);
        needed.add(&add);
        authority(
            &snapshot,
            by,
            keys::ROLES_MANAGE,
            Reach::Everywhere,
            &needed,
            now,
        )?;
        let change = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            if c.keys_of_role(name).await?.is_none() {
                return Ok(Err(Refused::NoSuchRole(name.into())));
            }
            for key in add.names() {
                c.put_role_key(name, key).await?;
            }
            for key in take {
                c.drop_role_key(name, key).await?;
            }
            let now = c.keys_of_role(name).await?.unwrap_or_default();
            let keys: Vec<String> = now.names().map(str::to_string).collect();
            let object = format!("role:{name}");
            let added: Vec<&str> = add.names().collect();
            let detail = json!({ "added": added, "taken": take, "keys": keys });
            c.record(&locked, by, &Act { action: "access.role.edit", object, detail }).await?;
            let done = RoleChange { role: name.into(), keys, grants: 0 };
            let rows = put_replies!(c, by, replies, &done);
            Ok(Ok(Change { done, rows }))
        })??;
        self.refresh().await?;
        Ok(change)
    }

    /// Deletes a custom role, and with it every grant of it.
    pub async fn delete_role(
        &self,
        name: &str,
        by: &By,
        replies: Replies<'_, RoleChange>,
    ) -> Result<Change<RoleChange>, AccessError> {
        let now = Micros::now();
        let snapshot = self.snapshot();
        let role = snapshot
            .role(name)
            .ok_or_else(|| Refused::NoSuchRole(name.into()))?;
        if role.builtin {
            return Err(Refused::BuiltinRole(name.into()).into());
        }
        authority(
            &snapshot,
            by,
            keys::ROLES_MANAGE,
            Reach::Everywhere,
            &role.keys,
            now,
        )?;
        let change = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            let Some(had) = c.keys_of_role(name).await? else {
                return Ok(Err(Refused::NoSuchRole(name.into())));
            };
            let grants = c.drop_role(name).await?;
            let keys: Vec<String> = had.names().map(str::to_string).collect();
            let (object, detail) = (format!("role:{name}"), json!({ "keys": keys, "grants": grants }));
            c.record(&locked, by, &Act { action: "access.role.delete", object, detail }).await?;
            let done = RoleChange { role: name.into(), keys: Vec::new(), grants };
            let rows = put_replies!(c, by, replies, &done);
            Ok(Ok(Change { done, rows }))
        })??;
        self.refresh().await?;
        Ok(change)
    }
}

/// A custom role holds announced keys only, and never the one that means every key.
fn known_keys(snapshot: &Snapshot, keys: &[String]) -> Result<KeySet, Refused> {
    match keys.iter().find(|key| !snapshot.is_permission(key)) {
        Some(unknown) => Err(Refused::UnknownPermission(unknown.clone())),
        None => Ok(keys.iter().map(String::as_str).collect()),
    }
}

#[async_trait::async_trait]
trait RoleRows {
    async fn drop_role_key(&mut self, role: &str, key: &str) -> Result<(), DbError>;
    /// How many grants went with the role.
    async fn drop_role(&mut self, role: &str) -> Result<usize, DbError>;
}

macro_rules! role_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl RoleRows for $conn {
            async fn drop_role_key(&mut self, role: &str, key: &str) -> Result<(), DbError> {
                let delete = diesel::delete(role_keys::table.find((role, key)));
                Run::execute(delete, self).await?;
                Ok(())
            }

            async fn drop_role(&mut self, role: &str) -> Result<usize, DbError> {
                let of_role = diesel::delete(grants::table.filter(grants::role.eq(role)));
                let dropped = Run::execute(of_role, self).await?;
                let keys = diesel::delete(role_keys::table.filter(role_keys::role.eq(role)));
                Run::execute(keys, self).await?;
                Run::execute(diesel::delete(roles::table.find(role)), self).await?;
                Ok(dropped)
            }
        }
    };
}
role_rows!(SqliteConn);
role_rows!(PgConn);
