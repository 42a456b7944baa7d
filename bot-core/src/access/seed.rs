//! What must be there before the first check: the version, built-in roles, the core's permissions,
//! the configured admins.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::json;
use vahta_rows::{Db, DbError, InstanceId, Micros, PgConn, SqliteConn, transaction};

use super::keys;
use super::record::{Act, By, RecordAct as _, VERSION};
use super::rows::AccessRows as _;
use super::snapshot::{Grant, Reach};
use crate::config::AccessRules;
use crate::storage::schema::{permissions, role_keys, roles, settings};

/// The program itself, at start.
fn start() -> By {
    By {
        user: None,
        source: "core",
        correlation: "start".into(),
        instance: InstanceId(0),
    }
}

pub(super) async fn seed(db: &Db, rules: &AccessRules) -> Result<(), DbError> {
    let now = Micros::now();
    transaction!(db, c => {
        c.put_version(now).await?;
        let locked = c.lock_access().await?;
        for role in keys::BUILTIN {
            c.put_role(role, true, now).await?;
        }
        c.put_role_key(keys::ADMIN, keys::EVERY).await?;
        for telegram_id in &rules.admins {
            let user = c.ensure_user(*telegram_id, now).await?;
            if c.grant_end(user, keys::ADMIN, Reach::Everywhere).await? == Some(None) {
                continue;
            }
            let role = keys::ADMIN.to_string();
            let grant = Grant { role, reach: Reach::Everywhere, until: None, by: None, since: now };
            c.put_grant(user, &grant).await?;
            let object = format!("user:{user}");
            let detail = json!({ "role": keys::ADMIN, "configured": true });
            c.record(&locked, &start(), &Act { action: "access.grant", object, detail }).await?;
        }
        Ok(())
    })?;
    let core: Vec<(String, Vec<String>)> = keys::CORE
        .iter()
        .map(|(key, roles)| {
            (
                key.to_string(),
                roles.iter().map(ToString::to_string).collect(),
            )
        })
        .collect();
    announce(db, "core", &core).await?;
    Ok(())
}

/// True when a key was new.
pub(super) async fn announce(
    db: &Db,
    plugin: &str,
    announced: &[(String, Vec<String>)],
) -> Result<bool, DbError> {
    let now = Micros::now();
    transaction!(db, c => {
        let locked = c.lock_access().await?;
        let mut fresh = Vec::new();
        for (key, roles) in announced {
            if !keys::is_well_formed(key) {
                tracing::warn!(plugin, key, "ignored a permission key that is not well formed");
                continue;
            }
            if !c.put_permission(key, plugin, now).await? {
                continue;
            }
            for role in roles.iter().filter(|role| *role != keys::ADMIN && *role != keys::GUEST) {
                if c.keys_of_role(role).await?.is_some() {
                    c.put_role_key(role, key).await?;
                }
            }
            fresh.push(key.as_str());
        }
        if !fresh.is_empty() {
            let object = format!("plugin:{plugin}");
            let detail = json!({ "keys": fresh });
            c.record(&locked, &start(), &Act { action: "access.announce", object, detail }).await?;
        }
        Ok(!fresh.is_empty())
    })
}

/// Rows that are written if they are missing.
#[async_trait::async_trait]
pub(super) trait SeedRows {
    async fn put_version(&mut self, now: Micros) -> Result<(), DbError>;
    /// False when the role was there.
    async fn put_role(&mut self, name: &str, builtin: bool, now: Micros) -> Result<bool, DbError>;
    async fn put_role_key(&mut self, role: &str, key: &str) -> Result<bool, DbError>;
    async fn put_permission(
        &mut self,
        key: &str,
        plugin: &str,
        now: Micros,
    ) -> Result<bool, DbError>;
}

macro_rules! seed_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl SeedRows for $conn {
            async fn put_version(&mut self, now: Micros) -> Result<(), DbError> {
                let insert = diesel::insert_into(settings::table)
                    .values((
                        settings::name.eq(VERSION),
                        settings::value.eq("1"),
                        settings::updated_at.eq(now.0),
                    ))
                    .on_conflict_do_nothing();
                Run::execute(insert, self).await?;
                Ok(())
            }

            async fn put_role(
                &mut self,
                name: &str,
                builtin: bool,
                now: Micros,
            ) -> Result<bool, DbError> {
                let insert = diesel::insert_into(roles::table)
                    .values((
                        roles::name.eq(name),
                        roles::builtin.eq(builtin),
                        roles::created_at.eq(now.0),
                    ))
                    .on_conflict_do_nothing();
                Ok(Run::execute(insert, self).await? > 0)
            }

            async fn put_role_key(&mut self, role: &str, key: &str) -> Result<bool, DbError> {
                let insert = diesel::insert_into(role_keys::table)
                    .values((role_keys::role.eq(role), role_keys::permission.eq(key)))
                    .on_conflict_do_nothing();
                Ok(Run::execute(insert, self).await? > 0)
            }

            async fn put_permission(
                &mut self,
                key: &str,
                plugin: &str,
                now: Micros,
            ) -> Result<bool, DbError> {
                let insert = diesel::insert_into(permissions::table)
                    .values((
                        permissions::name.eq(key),
                        permissions::plugin.eq(plugin),
                        permissions::first_seen.eq(now.0),
                    ))
                    .on_conflict_do_nothing();
                Ok(Run::execute(insert, self).await? > 0)
            }
        }
    };
}
seed_rows!(SqliteConn);
seed_rows!(PgConn);
