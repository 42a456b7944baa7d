//! Who sees which task.
//!
//! Besides `task.view`, without which there is nothing to see:
//!
//! | Where | Who | Sees |
//! |---|---|---|
//! | in a group | everyone | the tasks created in that group |
//! | in private and on the web | holders of `task.view_all` (admins) | all tasks |
//! | in private and on the web | everyone else | the tasks that they created, wherever that was, and those given to them, as a whole or in part |
//!
//! A draft is nobody's but its author's, anywhere. In a group the rule is the same for admins: what
//! the bot shows there, everyone in it reads. A person is a Vahta user, so tasks created in Telegram
//! and on the web are one set; somebody whom Vahta does not know sees nothing in private.
//!
//! Each list is filtered by this rule, and each press is checked by it once more: a button's data
//! can be forged. A task out of sight is answered exactly as one that does not exist.

use vahta_plugin_sdk::rows::{ChatId, UserId};
use vahta_plugin_sdk::{Actor, Chat};

use crate::permission;
use crate::state::State;
use crate::task::Task;

/// What one person sees in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// What was created in this group.
    Group(ChatId),
    /// What this person created or has to do.
    Own(UserId),
    /// Everything but other people's drafts.
    Everything(Option<UserId>),
    Nothing,
}

impl Sight {
    /// What an actor, with the permissions that a delivery came with, sees in its chat.
    pub fn of(actor: Option<&Actor>, chat: Option<&Chat>) -> Self {
        let Some(actor) = actor.filter(|actor| actor.may(permission::VIEW)) else {
            return Self::Nothing;
        };
        match (chat, actor.user_id) {
            (Some(chat), _) if chat.kind != "private" => Self::Group(ChatId(chat.id)),
            (_, user) if actor.may(permission::VIEW_ALL) => Self::Everything(user.map(UserId)),
            (_, Some(user)) => Self::Own(UserId(user)),
            (_, None) => Self::Nothing,
        }
    }

    /// The rule for one task; `has_part`: a part of it is this person's. The store says the same in
    /// SQL, and a test compares them.
    pub fn shows(self, task: &Task, has_part: bool) -> bool {
        let is_draft = task.state == State::Draft;
        match self {
            Self::Group(chat) => task.chat_id == chat.0 && !is_draft,
            Self::Own(user) => {
                let is_given = task.assignee == Some(user.0) || has_part;
                task.is_created_by(Some(user)) || (is_given && !is_draft)
            }
            Self::Everything(user) => !is_draft || task.is_created_by(user),
            Self::Nothing => false,
        }
    }

    /// Whose parts count in [`Self::shows`].
    pub fn own(self) -> Option<UserId> {
        match self {
            Self::Own(user) => Some(user),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(user_id: Option<i64>, permissions: &[&str]) -> Actor {
        let permissions = permissions.iter().map(|key| (*key).to_owned()).collect();
        Actor {
            user_id,
            permissions,
            ..Actor::default()
        }
    }

    fn seen(actor: &Actor, kind: &str) -> Sight {
        let chat = Chat {
            id: -5,
            kind: kind.into(),
            thread_id: None,
        };
        Sight::of(Some(actor), Some(&chat))
    }

    #[test]
    fn in_private_everyone_sees_their_own_and_admins_see_all() {
        let view = [permission::VIEW];
        assert_eq!(
            seen(&actor(Some(7), &view), "private"),
            Sight::Own(UserId(7))
        );
        let all = [permission::VIEW, permission::VIEW_ALL];
        let everything = Sight::Everything(Some(UserId(7)));
        assert_eq!(seen(&actor(Some(7), &all), "private"), everything);
    }

    #[test]
    fn in_a_group_everyone_sees_what_is_the_groups_and_no_more() {
        for keys in [
            &[permission::VIEW][..],
            &[permission::VIEW, permission::VIEW_ALL],
        ] {
            for kind in ["group", "supergroup", "channel"] {
                assert_eq!(seen(&actor(Some(7), keys), kind), Sight::Group(ChatId(-5)));
            }
        }
    }

    #[test]
    fn without_permission_or_name_there_is_nothing_to_see() {
        assert_eq!(Sight::of(None, None), Sight::Nothing);
        for kind in ["private", "group"] {
            let keys = [permission::VIEW_ALL, permission::COMPLETE];
            assert_eq!(seen(&actor(Some(7), &keys), kind), Sight::Nothing);
        }
        assert_eq!(
            seen(&actor(None, &[permission::VIEW]), "private"),
            Sight::Nothing
        );
    }
}
