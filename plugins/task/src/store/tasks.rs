//! Creating and changing, compiled once for each database.

// Not the prelude: its `RunQueryDsl` is the blocking one.
use diesel::{
    AsChangeset, ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use vahta_plugin_sdk::rows::{ChatId, DbError, Micros, PgConn, SqliteConn};

use super::schema::task_tasks::{self, dsl};
use super::{Created, TaskRows};
use crate::priority::Priority;
use crate::repeat::Repeat;
use crate::state::{State, Step};
use crate::task::{Edit, NewTask, Person, Task, TaskId};

#[derive(Insertable)]
#[diesel(table_name = task_tasks)]
struct NewRow {
    title: String,
    state: State,
    priority: Priority,
    chat_id: i64,
    source_message_id: Option<i64>,
    created_by_user: Option<i64>,
    created_by_telegram: Option<i64>,
    created_by_name: String,
    created_at: i64,
    assignee: Option<i64>,
    assignee_name: Option<String>,
    due_at: Option<i64>,
    template_id: Option<i64>,
    repeat: Option<String>,
    follows: Option<i64>,
    decided_by_name: Option<String>,
    decided_at: Option<i64>,
    changed_at: i64,
    version: i32,
}

impl NewRow {
    fn of(new: &NewTask) -> Self {
        // Whoever may approve approves by creating it open.
        let approves = new.state == State::Open;
        Self {
            title: new.title.as_str().to_owned(),
            state: new.state,
            priority: new.priority,
            chat_id: new.chat.0,
            source_message_id: new.message,
            created_by_user: new.by.user.map(|user| user.0),
            created_by_telegram: new.by.telegram,
            created_by_name: new.by.name.clone(),
            created_at: new.at.0,
            assignee: new.assignee.as_ref().map(|who| who.user.0),
            assignee_name: new.assignee.as_ref().map(|who| who.name.clone()),
            due_at: new.due_at.map(|at| at.0),
            template_id: new.template,
            repeat: new.repeat.as_ref().map(Repeat::stored),
            follows: new.follows.map(|task| task.0),
            decided_by_name: approves.then(|| new.by.name.clone()),
            decided_at: approves.then_some(new.at.0),
            changed_at: new.at.0,
            version: 1,
        }
    }
}

/// What a step changes; the outer `None` leaves what is there, the inner one is NULL.
#[derive(AsChangeset)]
#[diesel(table_name = task_tasks)]
struct Change {
    state: State,
    done_by_user: Option<Option<i64>>,
    done_by_telegram: Option<Option<i64>>,
    done_by_name: Option<Option<String>>,
    done_at: Option<Option<i64>>,
    decided_by_name: Option<Option<String>>,
    decided_at: Option<Option<i64>>,
    reason: Option<Option<String>>,
    changed_at: i64,
    version: i32,
}

impl Change {
    fn of(task: &Task, step: Step, by: &Person, reason: Option<&str>, at: Micros) -> Self {
        let mut change = Self {
            state: target(step),
            done_by_user: None,
            done_by_telegram: None,
            done_by_name: None,
            done_at: None,
            decided_by_name: None,
            decided_at: None,
            reason: None,
            changed_at: at.0,
            version: task.version.saturating_add(1),
        };
        match step {
            Step::Complete | Step::Reopen => {
                let is_done = step == Step::Complete;
                change.done_by_user = Some(by.user.filter(|_| is_done).map(|user| user.0));
                change.done_by_telegram = Some(by.telegram.filter(|_| is_done));
                change.done_by_name = Some(is_done.then(|| by.name.clone()));
                change.done_at = Some(is_done.then_some(at.0));
            }
            Step::Approve | Step::Reject => {
                change.decided_by_name = Some(Some(by.name.clone()));
                change.decided_at = Some(Some(at.0));
                change.reason = Some(reason.map(str::to_owned));
            }
            Step::Submit => {
                change.decided_by_name = Some(None);
                change.decided_at = Some(None);
                change.reason = Some(None);
            }
            Step::Cancel => change.reason = Some(reason.map(str::to_owned)),
        }
        change
    }
}

/// Where a step leads.
fn target(step: Step) -> State {
    match step {
        Step::Submit => State::Pending,
        Step::Approve | Step::Reopen => State::Open,
        Step::Reject => State::Rejected,
        Step::Complete => State::Done,
        Step::Cancel => State::Cancelled,
    }
}

#[derive(AsChangeset)]
#[diesel(table_name = task_tasks)]
struct Edited {
    title: Option<String>,
    priority: Option<Priority>,
    assignee: Option<Option<i64>>,
    assignee_name: Option<Option<String>>,
    due_at: Option<Option<i64>>,
    template_id: Option<Option<i64>>,
    repeat: Option<Option<String>>,
    changed_at: i64,
    version: i32,
}

impl Edited {
    fn of(task: &Task, edit: &Edit, at: Micros) -> Self {
        let assignee = edit.assignee.as_ref();
        Self {
            title: edit.title.as_ref().map(|title| title.as_str().to_owned()),
            priority: edit.priority,
            assignee: assignee.map(|who| who.as_ref().map(|who| who.user.0)),
            assignee_name: assignee.map(|who| who.as_ref().map(|who| who.name.clone())),
            due_at: edit.due_at.map(|due| due.map(|due| due.0)),
            template_id: edit.template,
            repeat: edit
                .repeat
                .as_ref()
                .map(|it| it.as_ref().map(Repeat::stored)),
            changed_at: at.0,
            version: task.version.saturating_add(1),
        }
    }
}

macro_rules! task_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl TaskRows for $conn {
            async fn create(&mut self, new: &NewTask) -> Result<Created, DbError> {
                let made: Option<Task> = diesel::insert_into(dsl::task_tasks)
                    .values(NewRow::of(new))
                    .on_conflict((dsl::chat_id, dsl::source_message_id))
                    .do_nothing()
                    .returning(Task::as_returning())
                    .get_result(self)
                    .await
                    .optional()?;
                if let Some(task) = made {
                    return Ok(Created { task, is_new: true });
                }
                let task = dsl::task_tasks
                    .filter(dsl::chat_id.eq(new.chat.0))
                    .filter(dsl::source_message_id.eq(new.message))
                    .select(Task::as_select())
                    .first(self)
                    .await?;
                Ok(Created {
                    task,
                    is_new: false,
                })
            }

            async fn task(&mut self, id: TaskId) -> Result<Option<Task>, DbError> {
                let query = dsl::task_tasks.find(id.0).select(Task::as_select());
                Ok(query.first(self).await.optional()?)
            }

            async fn next_of(&mut self, id: TaskId) -> Result<Option<TaskId>, DbError> {
                let next = dsl::task_tasks
                    .filter(dsl::follows.eq(id.0))
                    .select(dsl::id);
                let next: Option<i64> = next.first(self).await.optional()?;
                Ok(next.map(TaskId))
            }

            async fn lock(&mut self, id: TaskId) -> Result<Option<Task>, DbError> {
                // An update that changes nothing locks the row on both databases.
                Ok(diesel::update(dsl::task_tasks.find(id.0))
                    .set(dsl::version.eq(dsl::version))
                    .returning(Task::as_returning())
                    .get_result(self)
                    .await
                    .optional()?)
            }

            async fn take(
                &mut self,
                task: &Task,
                step: Step,
                by: &Person,
                reason: Option<&str>,
                at: Micros,
            ) -> Result<Task, DbError> {
                Ok(diesel::update(dsl::task_tasks.find(task.id.0))
                    .set(Change::of(task, step, by, reason, at))
                    .returning(Task::as_returning())
                    .get_result(self)
                    .await?)
            }

            async fn edit(
                &mut self,
                task: &Task,
                edit: &Edit,
                at: Micros,
            ) -> Result<Task, DbError> {
                Ok(diesel::update(dsl::task_tasks.find(task.id.0))
                    .set(Edited::of(task, edit, at))
                    .returning(Task::as_returning())
                    .get_result(self)
                    .await?)
            }

            async fn touch(&mut self, task: &Task, at: Micros) -> Result<Task, DbError> {
                self.edit(task, &Edit::default(), at).await
            }

            async fn claim_steps(&mut self, id: TaskId, at: Micros) -> Result<bool, DbError> {
                let mine = dsl::task_tasks
                    .find(id.0)
                    .filter(dsl::steps_at.is_null())
                    .filter(dsl::template_id.is_not_null());
                let claimed = diesel::update(mine).set(dsl::steps_at.eq(Some(at.0)));
                Ok(claimed.execute(self).await? > 0)
            }

            async fn move_chat(&mut self, from: ChatId, to: ChatId) -> Result<usize, DbError> {
                let theirs = dsl::task_tasks.filter(dsl::chat_id.eq(from.0));
                let moved = diesel::update(theirs).set((
                    dsl::chat_id.eq(to.0),
                    dsl::source_message_id.eq(None::<i64>),
                ));
                Ok(moved.execute(self).await?)
            }
        }
    };
}
task_rows!(SqliteConn);
task_rows!(PgConn);
