//! Tasks in the database, the same on SQLite and PostgreSQL.
//!
//! Each function is one step of the caller's transaction. What changes a task locks its row first
//! ([`TaskRows::lock`]): of two people who do something at once the second sees what the first did.
//! Errors are the database's, unchanged.
//!
//! | Module | What |
//! |---|---|
//! | `tasks` | tasks one by one: creating, changing |
//! | [`lists`] | pages, counts, search |
//! | [`parts`] | the steps that a task is made of |
//! | [`notes`] | labels, comments, history |
//! | [`templates`] | what tasks are made from |
//! | [`cards`] | messages that show a task |
//! | [`digest`] | what is due soon, by whom |

pub mod cards;
pub mod digest;
pub mod lists;
pub mod notes;
pub mod parts;
pub mod schema;
mod tasks;
pub mod templates;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use vahta_plugin_sdk::rows::migrate::Sets;
use vahta_plugin_sdk::rows::{ChatId, DbError, Micros};

use crate::state::Step;
use crate::task::{Edit, NewTask, Person, Task, TaskId};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The plugin's migrations. The table that remembers which have run is the core's, too, so their
/// versions begin with a date and time of their own.
pub fn migrations() -> Sets {
    Sets {
        sqlite: SQLITE,
        postgres: POSTGRES,
    }
}

/// What became of a task to create.
#[derive(Debug, Clone, PartialEq)]
pub struct Created {
    pub task: Task,
    /// False when the same message had made it before.
    pub is_new: bool,
}

/// Tasks on either connection; used inside `transaction!` and `with_db!`.
#[async_trait::async_trait]
pub trait TaskRows {
    /// Creates the task, or finds the one that the same message made before.
    async fn create(&mut self, new: &NewTask) -> Result<Created, DbError>;

    async fn task(&mut self, id: TaskId) -> Result<Option<Task>, DbError>;

    /// The task that came after this one was done.
    async fn next_of(&mut self, id: TaskId) -> Result<Option<TaskId>, DbError>;

    /// As [`Self::task`]; until the transaction ends nobody else changes it.
    async fn lock(&mut self, id: TaskId) -> Result<Option<Task>, DbError>;

    /// Takes a step with a task that was locked; its next version.
    async fn take(
        &mut self,
        task: &Task,
        step: Step,
        by: &Person,
        reason: Option<&str>,
        at: Micros,
    ) -> Result<Task, DbError>;

    /// Changes a task that was locked; its next version.
    async fn edit(&mut self, task: &Task, edit: &Edit, at: Micros) -> Result<Task, DbError>;

    /// Something about a task that was locked has changed that stands in another table.
    async fn touch(&mut self, task: &Task, at: Micros) -> Result<Task, DbError>;

    /// Its template's steps were made: true for the one who may make them.
    async fn claim_steps(&mut self, id: TaskId, at: Micros) -> Result<bool, DbError>;

    /// Gives the tasks of one chat to another; answers how many. The messages that made them are
    /// forgotten: the new chat counts its own from 1 again.
    async fn move_chat(&mut self, from: ChatId, to: ChatId) -> Result<usize, DbError>;
}
