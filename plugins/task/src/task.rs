//! A task, and the people around it.

use diesel::prelude::{Queryable, Selectable};
use serde_json::json;
use vahta_plugin_sdk::Ctx;
use vahta_plugin_sdk::rows::events::Event;
use vahta_plugin_sdk::rows::{ChatId, Micros, UserId};

use crate::priority::Priority;
use crate::repeat::Repeat;
use crate::state::State;
use crate::store::schema::{task_comments, task_history, task_steps, task_tasks};
use crate::title::Title;

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
    pub priority: Priority,
    pub chat_id: i64,
    pub created_by_user: Option<i64>,
    pub created_by_name: String,
    pub created_at: i64,
    pub assignee: Option<i64>,
    /// As they were called when it was given to them.
    pub assignee_name: Option<String>,
    pub due_at: Option<i64>,
    pub template_id: Option<i64>,
    /// When its template's steps were made.
    pub steps_at: Option<i64>,
    /// Who did it, as they were called then; none while it is open.
    pub done_by_name: Option<String>,
    pub done_at: Option<i64>,
    /// Who approved or rejected it last.
    pub decided_by_name: Option<String>,
    pub decided_at: Option<i64>,
    /// Why it was rejected.
    pub reason: Option<String>,
    pub changed_at: i64,
    /// Grows with each change: who gets events out of order keeps the greatest.
    pub version: i32,
    /// It comes again once it is done.
    pub repeat: Option<Repeat>,
    /// The one that it is the next of.
    pub follows: Option<i64>,
}

impl Task {
    /// What the audit log and events call it, such as `task:12`.
    pub fn object(&self) -> String {
        format!("task:{}", self.id)
    }

    pub fn is_created_by(&self, user: Option<UserId>) -> bool {
        user.is_some_and(|user| self.created_by_user == Some(user.0))
    }

    /// They are made when it is approved: later another template means nothing.
    pub fn may_get_steps(&self) -> bool {
        self.steps_at.is_none() && !matches!(self.state, State::Open | State::Done)
    }

    pub fn is_overdue(&self, now: Micros) -> bool {
        self.state == State::Open && self.due_at.is_some_and(|due| due < now.0)
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
                "assignee": self.assignee,
                "by": by.user,
                "version": self.version,
            }),
        }
    }
}

/// A part of a task.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = task_steps)]
pub struct Part {
    pub id: i64,
    pub task_id: i64,
    /// From 1.
    pub position: i32,
    pub title: String,
    pub done: bool,
    pub assignee: Option<i64>,
    pub assignee_name: Option<String>,
    pub due_at: Option<i64>,
    pub done_by_name: Option<String>,
}

/// What somebody said about a task.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = task_comments)]
pub struct Comment {
    pub id: i64,
    pub by_user: Option<i64>,
    pub by_name: String,
    pub text: String,
    pub at: i64,
}

/// Something that happened to a task.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = task_history)]
pub struct Happened {
    pub what: String,
    pub by_name: String,
    pub source: String,
    pub detail: String,
    pub at: i64,
}

/// A task with all that a card shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    pub task: Task,
    pub labels: Vec<String>,
    pub parts: Vec<Part>,
    pub comments: Vec<Comment>,
    /// The name of its template, as long as that is there.
    pub template: Option<String>,
}

impl Whole {
    /// How many parts are done, and how many there are.
    pub fn progress(&self) -> (usize, usize) {
        let done = self.parts.iter().filter(|part| part.done).count();
        (done, self.parts.len())
    }
}

/// Somebody who does something, and from where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub user: Option<UserId>,
    pub telegram: Option<i64>,
    pub name: String,
    /// "telegram", "web", "api" or "core".
    pub source: &'static str,
}

impl Person {
    /// Whoever caused the delivery.
    pub fn of(ctx: &Ctx) -> Self {
        Self::from(ctx, "telegram")
    }

    /// Whoever caused the delivery, which came from `source`.
    pub fn from(ctx: &Ctx, source: &'static str) -> Self {
        let known = ctx.actor().map(|actor| Self {
            user: actor.user_id.map(UserId),
            telegram: actor.telegram_id,
            name: actor.name.clone(),
            source,
        });
        known.unwrap_or_else(|| Self {
            source,
            ..Self::default()
        })
    }
}

/// Somebody to give work to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignee {
    pub user: UserId,
    pub name: String,
}

/// A task to create.
#[derive(Debug, Clone)]
pub struct NewTask {
    pub title: Title,
    /// Draft, pending or open.
    pub state: State,
    pub priority: Priority,
    pub assignee: Option<Assignee>,
    pub due_at: Option<Micros>,
    pub labels: Vec<String>,
    pub template: Option<i64>,
    pub repeat: Option<Repeat>,
    /// The one that it is the next of.
    pub follows: Option<TaskId>,
    pub chat: ChatId,
    /// The message that asks for it: the same message makes no second task.
    pub message: Option<i64>,
    pub by: Person,
    pub at: Micros,
}

impl NewTask {
    /// One that is open at once and nobody's yet.
    pub fn open(title: Title, chat: ChatId, by: Person, at: Micros) -> Self {
        Self {
            title,
            state: State::Open,
            priority: Priority::default(),
            assignee: None,
            due_at: None,
            labels: Vec::new(),
            template: None,
            repeat: None,
            follows: None,
            chat,
            message: None,
            by,
            at,
        }
    }
}

/// What is changed of a task; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    pub title: Option<Title>,
    pub priority: Option<Priority>,
    /// `Some(None)`: nobody's.
    pub assignee: Option<Option<Assignee>>,
    pub due_at: Option<Option<Micros>>,
    pub template: Option<Option<i64>>,
    pub repeat: Option<Option<Repeat>>,
    pub labels: Option<Vec<String>>,
}

impl Edit {
    /// Both changes; where both say something, this one.
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        Self {
            title: self.title.or(other.title),
            priority: self.priority.or(other.priority),
            assignee: self.assignee.or(other.assignee),
            due_at: self.due_at.or(other.due_at),
            template: self.template.or(other.template),
            repeat: self.repeat.or(other.repeat),
            labels: self.labels.or(other.labels),
        }
    }
}
