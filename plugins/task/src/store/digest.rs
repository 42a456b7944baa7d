//! What is due soon, by whom.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _,
    NullableExpressionMethods as _, QueryDsl as _,
};
use diesel_async::RunQueryDsl as _;
use vahta_plugin_sdk::rows::{DbError, Micros, PgConn, SqliteConn};

use super::schema::{task_steps, task_tasks};
use crate::state::State;

/// Something that somebody has to do: a task, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub user: i64,
    pub task: i64,
    pub title: String,
    pub at: i64,
}

/// Due dates on either connection.
#[async_trait::async_trait]
pub trait DueRows {
    /// What is open and due before an instant, by whoever has it, else its author: the earliest first.
    async fn due_before(&mut self, until: Micros) -> Result<Vec<Due>, DbError>;
}

macro_rules! due_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl DueRows for $conn {
            async fn due_before(&mut self, until: Micros) -> Result<Vec<Due>, DbError> {
                type Row = (Option<i64>, i64, String, Option<i64>);
                let tasks: Vec<Row> = task_tasks::table
                    .filter(task_tasks::state.eq(State::Open))
                    .filter(task_tasks::due_at.lt(until.0))
                    .select((
                        diesel::dsl::case_when(
                            task_tasks::assignee.is_not_null(),
                            task_tasks::assignee,
                        )
                        .otherwise(task_tasks::created_by_user),
                        task_tasks::id,
                        task_tasks::title,
                        task_tasks::due_at,
                    ))
                    .load(self)
                    .await?;
                // A part without a date of its own has its task's.
                let is_due = task_steps::due_at.lt(until.0).or(task_steps::due_at
                    .is_null()
                    .and(task_tasks::due_at.lt(until.0)));
                let parts: Vec<(Row, Option<i64>)> = task_steps::table
                    .inner_join(task_tasks::table.on(task_tasks::id.eq(task_steps::task_id)))
                    .filter(task_tasks::state.eq(State::Open))
                    .filter(task_steps::done.eq(false))
                    .filter(task_steps::assignee.is_not_null())
                    .filter(is_due)
                    .select((
                        (
                            task_steps::assignee,
                            task_tasks::id,
                            task_steps::title,
                            task_steps::due_at,
                        ),
                        task_tasks::due_at.nullable(),
                    ))
                    .load(self)
                    .await?;
                let parts = parts
                    .into_iter()
                    .map(|((user, task, title, own), whole)| (user, task, title, own.or(whole)));
                let mut all: Vec<Due> = tasks
                    .into_iter()
                    .chain(parts)
                    .filter_map(|(user, task, title, at)| {
                        Some(Due {
                            user: user?,
                            task,
                            title,
                            at: at?,
                        })
                    })
                    .collect();
                all.sort_by_key(|due| (due.user, due.at, due.task));
                Ok(all)
            }
        }
    };
}
due_rows!(SqliteConn);
due_rows!(PgConn);
