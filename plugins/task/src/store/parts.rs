//! The steps that a task is made of.

use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use vahta_plugin_sdk::rows::{DbError, Micros, PgConn, SqliteConn, UserId};

use super::schema::task_steps::{self, dsl};
use crate::task::{Assignee, Part, Person, TaskId};

/// A part to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPart {
    pub title: String,
    pub assignee: Option<Assignee>,
    pub due_at: Option<Micros>,
}

/// Parts on either connection. Whoever changes one has locked its task.
#[async_trait::async_trait]
pub trait PartRows {
    /// In their order.
    async fn parts(&mut self, task: TaskId) -> Result<Vec<Part>, DbError>;

    /// Adds parts behind those that are there.
    async fn add_parts(&mut self, task: TaskId, parts: &[NewPart]) -> Result<(), DbError>;

    /// Marks a part done, or open again; false when it is so already, or not there.
    async fn mark_part(
        &mut self,
        task: TaskId,
        position: i32,
        done: bool,
        by: &Person,
        at: Micros,
    ) -> Result<bool, DbError>;

    /// Gives a part to somebody; false when it is not there.
    async fn hand_over(
        &mut self,
        task: TaskId,
        position: i32,
        to: Option<&Assignee>,
    ) -> Result<bool, DbError>;

    /// How many parts are not done.
    async fn open_parts(&mut self, task: TaskId) -> Result<i64, DbError>;

    /// How many open parts each of these people has; who has none is not named.
    async fn loads(&mut self, users: &[i64]) -> Result<Vec<(i64, i64)>, DbError>;

    async fn part(&mut self, task: TaskId, position: i32) -> Result<Option<Part>, DbError>;
}

#[derive(diesel::Insertable)]
#[diesel(table_name = task_steps)]
struct NewRow {
    task_id: i64,
    position: i32,
    title: String,
    done: bool,
    assignee: Option<i64>,
    assignee_name: Option<String>,
    due_at: Option<i64>,
}

macro_rules! part_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl PartRows for $conn {
            async fn parts(&mut self, task: TaskId) -> Result<Vec<Part>, DbError> {
                let parts = dsl::task_steps
                    .filter(dsl::task_id.eq(task.0))
                    .order(dsl::position)
                    .select(Part::as_select());
                Ok(parts.load(self).await?)
            }

            async fn add_parts(&mut self, task: TaskId, parts: &[NewPart]) -> Result<(), DbError> {
                let last: Option<i32> = dsl::task_steps
                    .filter(dsl::task_id.eq(task.0))
                    .select(diesel::dsl::max(dsl::position))
                    .first(self)
                    .await?;
                let mut position = last.unwrap_or(0);
                for part in parts {
                    position = position.saturating_add(1);
                    let row = NewRow {
                        task_id: task.0,
                        position,
                        title: part.title.clone(),
                        done: false,
                        assignee: part.assignee.as_ref().map(|who| who.user.0),
                        assignee_name: part.assignee.as_ref().map(|who| who.name.clone()),
                        due_at: part.due_at.map(|at| at.0),
                    };
                    let insert = diesel::insert_into(task_steps::table).values(row);
                    insert.execute(self).await?;
                }
                Ok(())
            }

            async fn mark_part(
                &mut self,
                task: TaskId,
                position: i32,
                done: bool,
                by: &Person,
                at: Micros,
            ) -> Result<bool, DbError> {
                let other = dsl::task_steps
                    .filter(dsl::task_id.eq(task.0))
                    .filter(dsl::position.eq(position))
                    .filter(dsl::done.ne(done));
                let marked = diesel::update(other).set((
                    dsl::done.eq(done),
                    dsl::done_by.eq(by.user.filter(|_| done).map(|user| user.0)),
                    dsl::done_by_name.eq(done.then(|| by.name.clone())),
                    dsl::done_at.eq(done.then_some(at.0)),
                ));
                Ok(marked.execute(self).await? > 0)
            }

            async fn hand_over(
                &mut self,
                task: TaskId,
                position: i32,
                to: Option<&Assignee>,
            ) -> Result<bool, DbError> {
                let part = dsl::task_steps
                    .filter(dsl::task_id.eq(task.0))
                    .filter(dsl::position.eq(position));
                let given = diesel::update(part).set((
                    dsl::assignee.eq(to.map(|who| who.user.0)),
                    dsl::assignee_name.eq(to.map(|who| who.name.clone())),
                ));
                Ok(given.execute(self).await? > 0)
            }

            async fn open_parts(&mut self, task: TaskId) -> Result<i64, DbError> {
                let open = dsl::task_steps
                    .filter(dsl::task_id.eq(task.0))
                    .filter(dsl::done.eq(false))
                    .count();
                Ok(open.get_result(self).await?)
            }

            async fn loads(&mut self, users: &[i64]) -> Result<Vec<(i64, i64)>, DbError> {
                let loads: Vec<(Option<i64>, i64)> = dsl::task_steps
                    .filter(dsl::done.eq(false))
                    .filter(dsl::assignee.eq_any(users))
                    .group_by(dsl::assignee)
                    .select((dsl::assignee, diesel::dsl::count_star()))
                    .load(self)
                    .await?;
                let named = loads.into_iter();
                Ok(named
                    .filter_map(|(user, count)| Some((user?, count)))
                    .collect())
            }

            async fn part(&mut self, task: TaskId, position: i32) -> Result<Option<Part>, DbError> {
                let part = dsl::task_steps
                    .filter(dsl::task_id.eq(task.0))
                    .filter(dsl::position.eq(position))
                    .select(Part::as_select());
                Ok(part.first(self).await.optional()?)
            }
        }
    };
}
part_rows!(SqliteConn);
part_rows!(PgConn);

/// The part's own assignee: who may be told, and who sees the task for it.
impl Part {
    pub fn is_given_to(&self, user: UserId) -> bool {
        self.assignee == Some(user.0)
    }
}
