//! A group becomes a supergroup: a new chat with a new id, and a signpost at the old one,
//! <https://core.telegram.org/bots/api#responseparameters>.

use super::State;
use super::messages::Draft;
use crate::types::{ChatKind, Content, Service};

impl State {
    /// Migrates the group and gives the new id; if it was migrated before, the same one.
    pub(crate) fn migrate(&mut self, old_id: i64) -> Option<i64> {
        let old = self.chats.get(&old_id)?;
        if let Some(new_id) = old.migrated_to {
            return Some(new_id);
        }
        if old.is_private() {
            return None;
        }
        let title = old.head.title.clone().unwrap_or_default();
        let members = old.members.clone();
        let (permissions, description) = (old.permissions.clone(), old.description.clone());
        let new_id = self.free_group_id(ChatKind::Supergroup);
        let head = crate::types::ChatHead::group(new_id, ChatKind::Supergroup, title);
        self.add_group(head, &[]);
        if let Some(new) = self.chats.get_mut(&new_id) {
            new.members = members;
            new.permissions = permissions;
            new.description = description;
        }
        let me = self.bot.me.clone();
        for (chat, service) in [
            (old_id, Service::MigrateToChatId(new_id)),
            (new_id, Service::MigrateFromChatId(old_id)),
        ] {
            let draft = Draft::from(Content::Service(service));
            // Both chats exist, so posting cannot fail.
            let _ = self.announce(chat, me.clone(), draft);
        }
        if let Some(old) = self.chats.get_mut(&old_id) {
            old.migrated_to = Some(new_id);
        }
        Some(new_id)
    }
}
