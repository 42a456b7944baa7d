//! The tables of access on either connection; used inside `transaction!`.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId};

use super::record::VERSION;
use super::sign_up::SignUpRows as _;
use super::snapshot::{Blocked, Grant, Known, Reach, Role, Snapshot, full_name};
use super::{KeySet, Switched, keys};
use crate::flow::Sender;
use crate::storage::schema::{
    bot_users, grants, link_tokens, permissions, plugin_chats, role_keys, roles, settings,
};
use crate::tokens::Purpose;

diesel::define_sql_function! {
    /// Lower case, of ASCII letters at least: all that a username may hold.
    fn lower(text: diesel::sql_types::Nullable<diesel::sql_types::Text>)
        -> diesel::sql_types::Nullable<diesel::sql_types::Text>;
}

/// One row of `bot_users`, as far as access goes.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = bot_users, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub(super) struct UserRow {
    pub(super) id: i64,
    pub(super) telegram_id: Option<i64>,
    pub(super) username: Option<String>,
    pub(super) first_name: String,
    pub(super) last_name: Option<String>,
    pub(super) language: Option<String>,
    pub(super) time_zone: String,
    pub(super) refusals: i32,
    pub(super) menu_hash: Option<i64>,
    pub(super) blocked_at: Option<i64>,
    pub(super) block_reason: Option<String>,
    pub(super) last_seen: i64,
    pub(super) chosen_language: Option<String>,
}

impl UserRow {
    pub(super) fn name(&self) -> String {
        full_name(&self.first_name, self.last_name.as_deref())
    }

    /// The one they chose, else their Telegram's.
    pub(super) fn language(&self) -> Option<String> {
        self.chosen_language.clone().or(self.language.clone())
    }

    pub(super) fn blocked(&self) -> Option<Blocked> {
        let reason = self.block_reason.clone();
        self.blocked_at.map(|at| Blocked {
            since: Micros(at),
            reason,
        })
    }
}

type GrantRow = (i64, String, i64, Option<i64>, Option<i64>, i64);

/// Rows as they were read, to be put together off the connection.
pub(super) struct Rules {
    version: String,
    roles: Vec<(String, bool)>,
    role_keys: Vec<(String, String)>,
    permissions: Vec<String>,
    grants: Vec<GrantRow>,
    users: Vec<UserRow>,
    awaited: Vec<(String, i64)>,
    switches: Vec<(String, i64, bool)>,
    sign_up: Option<String>,
}

impl Rules {
    pub(super) fn assemble(self) -> Result<Snapshot, DbError> {
        let version = self.version.parse().map_err(|_| {
            DbError::Unavailable(format!(
                "the setting {VERSION} is `{}`, no number",
                self.version
            ))
        })?;
        let mut snapshot = Snapshot {
            version,
            sign_up: self.sign_up,
            ..Snapshot::default()
        };
        for (name, builtin) in self.roles {
            let own = self
                .role_keys
                .iter()
                .filter(|(role, _)| *role == name)
                .map(|(_, key)| key);
            // Whatever a table says: guests have no keys.
            let keys = if name == keys::GUEST {
                KeySet::default()
            } else {
                own.collect()
            };
            snapshot.roles.insert(
                name,
                Role {
                    builtin,
                    keys: Arc::new(keys),
                },
            );
        }
        snapshot.permissions = self.permissions.into_iter().collect();
        let mut of_user = std::collections::HashMap::<i64, Vec<Grant>>::new();
        for (user, role, chat, until, by, since) in self.grants {
            of_user.entry(user).or_default().push(Grant {
                role,
                reach: Reach::from_column(chat),
                until: until.map(Micros),
                by: by.map(UserId),
                since: Micros(since),
            });
        }
        for row in self.users {
            let known = Arc::new(Known {
                id: UserId(row.id),
                telegram_id: row.telegram_id,
                name: row.name(),
                blocked: row.blocked(),
                grants: of_user.remove(&row.id).unwrap_or_default(),
                language: row.language(),
                username: row.username,
                telegram_language: row.language,
                time_zone: row.time_zone,
                menu_hash: row.menu_hash,
            });
            if let Some(telegram_id) = known.telegram_id {
                snapshot.by_telegram.insert(telegram_id, known.clone());
            }
            snapshot.users.insert(known.id, known);
        }
        for (payload, until) in self.awaited {
            let awaited: super::names::Awaited = serde_json::from_str(&payload)?;
            let until = Micros(until);
            let entry = snapshot.awaited.entry(awaited.name).or_insert(until);
            *entry = (*entry).max(until);
        }
        for (plugin, chat, enabled) in self.switches {
            let place = Switched::from_column(chat);
            let of = snapshot.plugin_chats.entry(plugin).or_default();
            of.insert(place, enabled);
        }
        Ok(snapshot)
    }
}

#[async_trait::async_trait]
pub(super) trait AccessRows {
    async fn read_rules(&mut self, now: Micros) -> Result<Rules, DbError>;
    /// The row of a Telegram id, made when it is missing.
    async fn ensure_user(&mut self, telegram_id: i64, now: Micros) -> Result<UserId, DbError>;
    /// The row of a sender, made with what Telegram tells of them when it is missing.
    async fn ensure_sender(&mut self, sender: &Sender, now: Micros) -> Result<UserId, DbError>;
    /// A row of somebody without Telegram.
    async fn new_user(&mut self, name: &str, now: Micros) -> Result<UserId, DbError>;
    async fn user_row(&mut self, user: UserId) -> Result<Option<UserRow>, DbError>;
    /// The keys of a role; `None` when there is no such role.
    async fn keys_of_role(&mut self, role: &str) -> Result<Option<KeySet>, DbError>;
    /// When a grant ends (`Some(None)`: never); `None` when there is no such grant.
    async fn grant_end(
        &mut self,
        user: UserId,
        role: &str,
        reach: Reach,
    ) -> Result<Option<Option<Micros>>, DbError>;
    async fn put_grant(&mut self, user: UserId, grant: &Grant) -> Result<(), DbError>;
    /// Ends of the admin grants that hold now: the person's own, and everybody else's.
    async fn admin_ends(&mut self, user: UserId, now: Micros) -> Result<AdminEnds, DbError>;
}

/// See [`AccessRows::admin_ends`].
#[derive(Debug, Default)]
pub(super) struct AdminEnds {
    pub(super) own: Option<Option<Micros>>,
    pub(super) others: Vec<Option<Micros>>,
}

impl AdminEnds {
    /// Would nobody be left to undo it if the person stopped being an admin? A lasting admin must
    /// leave a lasting one behind: one whose grant ends would lock everybody out later.
    pub(super) fn is_last(&self) -> bool {
        match self.own {
            None => false,
            Some(None) => !self.others.iter().any(Option::is_none),
            Some(Some(_)) => self.others.is_empty(),
        }
    }
}

macro_rules! access_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl AccessRows for $conn {
            async fn read_rules(&mut self, now: Micros) -> Result<Rules, DbError> {
                // The version first: rules that are newer than their version are only read again.
                let version = settings::table.find(VERSION).select(settings::value);
                let version = Run::first(version, self).await?;
                let all = roles::table.select((roles::name, roles::builtin));
                let all_roles = Run::load(all, self).await?;
                let pairs = role_keys::table.select((role_keys::role, role_keys::permission));
                let role_keys = Run::load(pairs, self).await?;
                let permissions =
                    Run::load(permissions::table.select(permissions::name), self).await?;
                let all = grants::table
                    .select((
                        grants::user_id,
                        grants::role,
                        grants::chat_id,
                        grants::expires_at,
                        grants::granted_by,
                        grants::created_at,
                    ))
                    .order(grants::id);
                let all_grants = Run::load(all, self).await?;
                let granted = grants::table.select(grants::user_id);
                let members = bot_users::table
                    .filter(
                        bot_users::blocked_at
                            .is_not_null()
                            .or(bot_users::menu_hash.is_not_null())
                            .or(bot_users::id.eq_any(granted)),
                    )
                    .select(UserRow::as_select());
                let users = Run::load(members, self).await?;
                let awaited = link_tokens::table
                    .filter(link_tokens::purpose.eq(Purpose::Name.as_str()))
                    .filter(link_tokens::used_at.is_null())
                    .filter(link_tokens::expires_at.gt(now.0))
                    .select((link_tokens::payload, link_tokens::expires_at));
                let awaited = Run::load(awaited, self).await?;
                let all = plugin_chats::table.select((
                    plugin_chats::plugin,
                    plugin_chats::chat_id,
                    plugin_chats::enabled,
                ));
                let switches = Run::load(all, self).await?;
                let sign_up = self.sign_up_role().await?;
                let (roles, grants) = (all_roles, all_grants);
                Ok(Rules {
                    version,
                    roles,
                    role_keys,
                    permissions,
                    grants,
                    users,
                    awaited,
                    switches,
                    sign_up,
                })
            }

            async fn ensure_user(
                &mut self,
                telegram_id: i64,
                now: Micros,
            ) -> Result<UserId, DbError> {
                let insert = diesel::insert_into(bot_users::table)
                    .values((
                        bot_users::telegram_id.eq(telegram_id),
                        bot_users::first_seen.eq(now.0),
                        bot_users::last_seen.eq(now.0),
                    ))
                    .on_conflict(bot_users::telegram_id)
                    .do_nothing();
                Run::execute(insert, self).await?;
                let find = bot_users::table
                    .filter(bot_users::telegram_id.eq(telegram_id))
                    .select(bot_users::id);
                Ok(UserId(Run::first(find, self).await?))
            }

            async fn ensure_sender(
                &mut self,
                sender: &Sender,
                now: Micros,
            ) -> Result<UserId, DbError> {
                let insert = diesel::insert_into(bot_users::table)
                    .values((
                        bot_users::telegram_id.eq(sender.telegram_id),
                        bot_users::username.eq(sender.username.clone()),
                        bot_users::first_name.eq(sender.first_name.clone()),
                        bot_users::last_name.eq(sender.last_name.clone()),
                        bot_users::language.eq(sender.language.clone()),
                        bot_users::first_seen.eq(now.0),
                        bot_users::last_seen.eq(now.0),
                    ))
                    .on_conflict(bot_users::telegram_id)
                    .do_nothing();
                Run::execute(insert, self).await?;
                self.ensure_user(sender.telegram_id, now).await
            }

            async fn new_user(&mut self, name: &str, now: Micros) -> Result<UserId, DbError> {
                let insert = diesel::insert_into(bot_users::table)
                    .values((
                        bot_users::first_name.eq(name),
                        bot_users::first_seen.eq(now.0),
                        bot_users::last_seen.eq(now.0),
                    ))
                    .returning(bot_users::id);
                Ok(UserId(Run::get_result(insert, self).await?))
            }

            async fn user_row(&mut self, user: UserId) -> Result<Option<UserRow>, DbError> {
                let find = bot_users::table.find(user.0).select(UserRow::as_select());
                Ok(Run::first(find, self).await.optional()?)
            }

            async fn keys_of_role(&mut self, role: &str) -> Result<Option<KeySet>, DbError> {
                let find = roles::table.find(role).select(roles::name);
                let found: Option<String> = Run::first(find, self).await.optional()?;
                if found.is_none() {
                    return Ok(None);
                }
                let keys = role_keys::table
                    .filter(role_keys::role.eq(role))
                    .select(role_keys::permission);
                let keys: Vec<String> = Run::load(keys, self).await?;
                Ok(Some(keys.into_iter().collect()))
            }

            async fn grant_end(
                &mut self,
                user: UserId,
                role: &str,
                reach: Reach,
            ) -> Result<Option<Option<Micros>>, DbError> {
                let find = grants::table
                    .filter(grants::user_id.eq(user.0))
                    .filter(grants::role.eq(role))
                    .filter(grants::chat_id.eq(reach.to_column()))
                    .select(grants::expires_at);
                let end: Option<Option<i64>> = Run::first(find, self).await.optional()?;
                Ok(end.map(|end| end.map(Micros)))
            }

            async fn put_grant(&mut self, user: UserId, grant: &Grant) -> Result<(), DbError> {
                let terms = (
                    grants::expires_at.eq(grant.until.map(|until| until.0)),
                    grants::granted_by.eq(grant.by.map(|by| by.0)),
                    grants::created_at.eq(grant.since.0),
                );
                let upsert = diesel::insert_into(grants::table)
                    .values((
                        grants::user_id.eq(user.0),
                        grants::role.eq(grant.role.clone()),
                        grants::chat_id.eq(grant.reach.to_column()),
                        terms,
                    ))
                    .on_conflict((grants::user_id, grants::role, grants::chat_id))
                    .do_update()
                    .set(terms);
                Run::execute(upsert, self).await?;
                Ok(())
            }

            async fn admin_ends(
                &mut self,
                user: UserId,
                now: Micros,
            ) -> Result<AdminEnds, DbError> {
                let holding = grants::table
                    .inner_join(bot_users::table)
                    .filter(grants::role.eq(keys::ADMIN))
                    .filter(grants::chat_id.eq(0))
                    .filter(
                        grants::expires_at
                            .is_null()
                            .or(grants::expires_at.gt(now.0)),
                    )
                    .filter(bot_users::blocked_at.is_null())
                    .select((grants::user_id, grants::expires_at));
                let rows: Vec<(i64, Option<i64>)> = Run::load(holding, self).await?;
                let mut ends = AdminEnds::default();
                for (id, end) in rows {
                    let end = end.map(Micros);
                    if id == user.0 {
                        ends.own = Some(end);
                    } else {
                        ends.others.push(end);
                    }
                }
                Ok(ends)
            }
        }
    };
}
access_rows!(SqliteConn);
access_rows!(PgConn);
