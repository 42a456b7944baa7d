//! A task, and the people around it.

use diesel::prelude::{Queryable, Selectable};
use serde_json::json;
use vahta_plugin_sdk::Ctx;
use vahta_plugin_sdk::rows::events::Event;
use vahta_plugin_sdk::rows::{ChatId, UserId};

use crate::state::State;
use crate::store::schema::task_tasks;

/// The number that people know a task by: `#12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(pub i64);

impl From<i64> for TaskId {
    fn from(id: i64) -> Self {
        Self(id)
    }
}

impl std::fmt::Display for TaskId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A task as lists, cards and rules need it.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = task_tasks)]
pub struct Task {
    #[diesel(deserialize_as = i64)]
    pub id: TaskId,
    pub title: String,
    pub state: State,
    pub chat_id: i64,
    pub created_by_user: Option<i64>,
    /// Who did it, as they were called then; none while it is open.
    pub done_by_name: Option<String>,
    /// Grows with each change: who gets events out of order keeps the greatest.
    pub version: i32,
}

impl Task {
    /// What the audit log and events call it, such as `task:12`.
    pub fn object(&self) -> String {
        format!("task:{}", self.id)
    }

    /// Tells what `by` did: `topic` is such as `task.created`.
    pub fn event(&self, topic: &str, by: &Person) -> Event {
        Event {
            topic: topic.to_owned(),
            object: self.object(),
            payload: json!({
                "id": self.id.0,
                "title": self.title,
                "state": self.state.as_str(),
                "chat_id": self.chat_id,
                "created_by": self.created_by_user,
                "by": by.user,
                "version": self.version,
            }),
        }
    }
}

/// Somebody who creates or completes a task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub user: Option<UserId>,
    pub telegram: Option<i64>,
    pub name: String,
}

impl Person {
    /// Whoever caused the delivery.
    pub fn of(ctx: &Ctx) -> Self {
        ctx.actor().map_or_else(Self::default, |actor| Self {
            user: actor.user_id.map(UserId),
            telegram: actor.telegram_id,
            name: actor.name.clone(),
        })
    }
}

/// A task to create.
#[derive(Debug, Clone)]
pub struct NewTask {
    pub title: crate::title::Title,
    pub chat: ChatId,
    /// The message that asks for it: the same message makes no second task.
    pub message: Option<i64>,
    pub by: Person,
    pub at: vahta_plugin_sdk::rows::Micros,
}
