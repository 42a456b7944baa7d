//! Who sees which task.
//!
//! Besides `task.view`, without which there is nothing to see:
//!
//! | Where | Who | Sees |
//! |---|---|---|
//! | in a group | everyone | the tasks created in that group |
//! | in a private chat | holders of `task.view_all` (admins) | all tasks |
//! | in a private chat | everyone else | the tasks that they created, wherever that was |
//!
//! In a group the rule is the same for admins: what the bot shows there, everyone in it reads.
//! A person is a Vahta user, so tasks created in Telegram and on the web are one set; somebody
//! whom Vahta does not know sees nothing in private.
//!
//! Each list is filtered by this rule, and each press is checked by it once more: a button's data
//! can be forged. A task out of sight is answered exactly as one that does not exist.

use vahta_plugin_sdk::Ctx;
use vahta_plugin_sdk::rows::{ChatId, UserId};

use crate::permission;
use crate::task::Task;

/// What one person sees in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// What was created in this group.
    Group(ChatId),
    /// What this person created.
    Own(UserId),
    Everything,
    Nothing,
}

impl Sight {
    /// What the actor of a delivery sees.
    pub fn of(ctx: &Ctx) -> Self {
        match ctx.chat() {
            _ if !ctx.may(permission::VIEW) => Self::Nothing,
            Some(chat) if chat.kind != "private" => Self::Group(ChatId(chat.id)),
            _ if ctx.may(permission::VIEW_ALL) => Self::Everything,
            _ => match ctx.actor().and_then(|actor| actor.user_id) {
                Some(user) => Self::Own(UserId(user)),
                None => Self::Nothing,
            },
        }
    }

    /// The rule for one task; the store says the same in SQL, and a test compares them.
    pub fn shows(self, task: &Task) -> bool {
        match self {
            Self::Group(chat) => task.chat_id == chat.0,
            Self::Own(user) => task.created_by_user == Some(user.0),
            Self::Everything => true,
            Self::Nothing => false,
        }
    }
}
