//! Where a plugin is switched on or off. It stands with the rules of access because it is one: read
//! into the same snapshot, carried to other processes by the same version, moved along when a group
//! gets a new id.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::json;
use vahta_rows::{ChatId, DbError, Micros, PgConn, SqliteConn, transaction};

use super::change::{authority, put_replies};
use super::record::{Act, By, RecordAct as _};
use super::snapshot::{Reach, Snapshot};
use super::{Access, AccessError, Change, KeySet, Replies, keys};
use crate::storage::schema::plugin_chats;

/// Where a switch holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Switched {
    /// In every group that has no switch of its own.
    Groups,
    Chat(ChatId),
}

impl Switched {
    pub(super) fn to_column(self) -> i64 {
        match self {
            Self::Groups => 0,
            Self::Chat(chat) => chat.0,
        }
    }

    pub(super) fn from_column(value: i64) -> Self {
        match value {
            0 => Self::Groups,
            chat => Self::Chat(ChatId(chat)),
        }
    }

    /// `plugin:task@-1001`, for the audit log.
    fn object(self, plugin: &str) -> String {
        match self {
            Self::Groups => format!("plugin:{plugin}@groups"),
            Self::Chat(chat) => format!("plugin:{plugin}@{chat}"),
        }
    }
}

impl Snapshot {
    /// Does the plugin hear what is said in this chat? Memory only.
    pub fn hears(&self, plugin: &str, chat: ChatId, off_in_groups: bool) -> bool {
        if let Some(own) = self.switch(plugin, Switched::Chat(chat)) {
            return own;
        }
        // Source: Bot API: ids of groups, supergroups and channels are negative.
        if chat.0 > 0 {
            return true;
        }
        self.switch(plugin, Switched::Groups)
            .unwrap_or(!off_in_groups)
    }

    /// What somebody chose there; `None`: nobody did.
    pub fn switch(&self, plugin: &str, place: Switched) -> Option<bool> {
        self.plugin_chats.get(plugin)?.get(&place).copied()
    }

    /// Every switch of a plugin, the one for all groups first.
    pub fn switches(&self, plugin: &str) -> impl Iterator<Item = (Switched, bool)> {
        let switches = self.plugin_chats.get(plugin).into_iter().flatten();
        switches.map(|(place, enabled)| (*place, *enabled))
    }
}

impl Access {
    /// Switches a plugin on or off in a place; `None` takes the switch away. It counts from the
    /// next message on.
    pub async fn switch_plugin(
        &self,
        plugin: &str,
        place: Switched,
        to: Option<bool>,
        by: &By,
        replies: Replies<'_, ()>,
    ) -> Result<Change<()>, AccessError> {
        let reach = match place {
            Switched::Groups => Reach::Everywhere,
            Switched::Chat(chat) => Reach::Chat(chat),
        };
        let (key, nothing) = (keys::PLUGINS_MANAGE, KeySet::default());
        authority(&self.snapshot(), by, key, reach, &nothing, Micros::now())?;
        let act = Act {
            action: match to {
                Some(true) => "plugin.here.on",
                Some(false) => "plugin.here.off",
                None => "plugin.here.default",
            },
            object: place.object(plugin),
            detail: json!({}),
        };
        let change = transaction!(self.inner.db, c => {
            let locked = c.lock_access().await?;
            c.put_switch(plugin, place, to).await?;
            c.record(&locked, by, &act).await?;
            let rows = put_replies!(c, by, replies, &());
            Ok(Change { done: (), rows })
        })?;
        self.refresh().await?;
        Ok(change)
    }
}

#[async_trait::async_trait]
pub(super) trait SwitchRows {
    async fn put_switch(
        &mut self,
        plugin: &str,
        place: Switched,
        to: Option<bool>,
    ) -> Result<(), DbError>;
    /// What was chosen in the new chat already is newer.
    async fn move_switches(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError>;
}

macro_rules! switch_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl SwitchRows for $conn {
            async fn put_switch(
                &mut self,
                plugin: &str,
                place: Switched,
                to: Option<bool>,
            ) -> Result<(), DbError> {
                let Some(enabled) = to else {
                    let row = plugin_chats::table.find((plugin, place.to_column()));
                    Run::execute(diesel::delete(row), self).await?;
                    return Ok(());
                };
                let values = (
                    plugin_chats::enabled.eq(enabled),
                    plugin_chats::updated_at.eq(Micros::now().0),
                );
                let upsert = diesel::insert_into(plugin_chats::table)
                    .values((
                        plugin_chats::plugin.eq(plugin),
                        plugin_chats::chat_id.eq(place.to_column()),
                        values,
                    ))
                    .on_conflict((plugin_chats::plugin, plugin_chats::chat_id))
                    .do_update()
                    .set(values);
                Run::execute(upsert, self).await?;
                Ok(())
            }

            async fn move_switches(&mut self, from: ChatId, to: ChatId) -> Result<(), DbError> {
                let there = plugin_chats::table
                    .filter(plugin_chats::chat_id.eq(to.0))
                    .select(plugin_chats::plugin);
                let there: Vec<String> = Run::load(there, self).await?;
                let here = plugin_chats::table.filter(plugin_chats::chat_id.eq(from.0));
                let moved = here.filter(plugin_chats::plugin.ne_all(there));
                let update = diesel::update(moved).set(plugin_chats::chat_id.eq(to.0));
                Run::execute(update, self).await?;
                Run::execute(diesel::delete(here), self).await?;
                Ok(())
            }
        }
    };
}
switch_rows!(SqliteConn);
switch_rows!(PgConn);

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: ChatId = ChatId(-7);
    const ADA: ChatId = ChatId(7);

    fn switched(switches: &[(Switched, bool)]) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (place, enabled) in switches {
            let of = snapshot.plugin_chats.entry("task".into()).or_default();
            of.insert(*place, *enabled);
        }
        snapshot
    }

    #[test]
    fn the_chats_own_switch_wins_over_the_groups_and_that_over_the_manifest() {
        let nothing = switched(&[]);
        assert!(nothing.hears("task", HERE, false));
        assert!(!nothing.hears("task", HERE, true));
        assert!(
            nothing.hears("task", ADA, true),
            "a private chat is no group"
        );
        let groups = switched(&[(Switched::Groups, false)]);
        assert!(!groups.hears("task", HERE, false));
        assert!(groups.hears("task", ADA, false) && groups.hears("other", HERE, false));
        let both = switched(&[(Switched::Groups, false), (Switched::Chat(HERE), true)]);
        assert!(both.hears("task", HERE, true));
        let private = switched(&[(Switched::Chat(ADA), false)]);
        assert!(!private.hears("task", ADA, false));
    }
}
