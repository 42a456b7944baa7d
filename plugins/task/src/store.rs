//! Tasks in the database, the same on SQLite and PostgreSQL.
//!
//! Each function is one step of the caller's transaction. Errors are the database's, unchanged.

mod rows;
pub mod schema;

use std::num::NonZeroU32;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use vahta_plugin_sdk::rows::migrate::Sets;
use vahta_plugin_sdk::rows::{ChatId, DbError, Micros};

use crate::sight::Sight;
use crate::state::{State, Step};
use crate::task::{NewTask, Person, Task, TaskId};

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

/// Tasks on a page of a list: the setting `page_length`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLength(pub NonZeroU32);

/// What became of a task to create.
#[derive(Debug, Clone, PartialEq)]
pub struct Created {
    pub task: Task,
    /// False when the same message had made it before.
    pub is_new: bool,
}

/// What became of a wish for a state.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// As it is now.
    pub task: Task,
    /// None when it was so already.
    pub step: Option<Step>,
}

/// How many tasks there are to see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub open: u32,
    pub done: u32,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// From 1 to `pages`.
    pub number: u32,
    /// At least 1.
    pub pages: u32,
    pub counts: Counts,
    /// Open ones first, then done ones; in each group what changed last comes first.
    pub tasks: Vec<Task>,
}

impl Counts {
    /// How many pages that makes; an empty list is one page.
    pub fn pages(self, length: PageLength) -> u32 {
        let all = self.open.saturating_add(self.done);
        all.div_ceil(length.0.get()).max(1)
    }
}

/// Tasks on either connection; used inside `transaction!` and `with_db!`.
#[async_trait::async_trait]
pub trait TaskRows {
    /// Creates the task, or finds the one that the same message made before.
    async fn create(&mut self, new: &NewTask) -> Result<Created, DbError>;

    async fn task(&mut self, id: TaskId) -> Result<Option<Task>, DbError>;

    /// Brings a task into a state by compare-and-set: of two people who do the same at once, one
    /// moves it and the other finds it moved. None when there is no such task.
    async fn move_to(
        &mut self,
        id: TaskId,
        target: State,
        by: &Person,
        at: Micros,
    ) -> Result<Option<Moved>, DbError>;

    /// Gives the tasks of one chat to another; answers how many. The messages that made them are
    /// forgotten: the new chat counts its own from 1 again.
    async fn move_chat(&mut self, from: ChatId, to: ChatId) -> Result<usize, DbError>;

    async fn counts(&mut self, sight: Sight) -> Result<Counts, DbError>;

    /// The page of this number (from 1), or the nearest that exists.
    async fn page(
        &mut self,
        sight: Sight,
        number: u32,
        length: PageLength,
    ) -> Result<Page, DbError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_as_many_as_the_tasks_need_and_at_least_one() {
        let eight = PageLength(NonZeroU32::new(8).expect("it is 8"));
        let pages = |open, done| Counts { open, done }.pages(eight);
        assert_eq!((pages(0, 0), pages(8, 0), pages(4, 4)), (1, 1, 1));
        assert_eq!((pages(8, 1), pages(0, 17)), (2, 3));
        assert_eq!(pages(u32::MAX, u32::MAX), u32::MAX.div_ceil(8));
    }
}
