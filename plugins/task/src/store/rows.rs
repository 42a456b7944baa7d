//! The queries, compiled once for each database.

// Not the prelude: its `RunQueryDsl` is the blocking one.
use diesel::{
    AsChangeset, ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use vahta_plugin_sdk::rows::{ChatId, DbError, Micros, PgConn, SqliteConn};

use super::schema::task_tasks::{self, dsl};
use super::{Counts, Created, Moved, Page, PageLength, TaskRows};
use crate::sight::Sight;
use crate::state::{State, Step};
use crate::task::{NewTask, Person, Task, TaskId};

#[derive(Insertable)]
#[diesel(table_name = task_tasks)]
struct NewRow {
    title: String,
    state: State,
    chat_id: i64,
    source_message_id: Option<i64>,
    created_by_user: Option<i64>,
    created_by_telegram: Option<i64>,
    created_at: i64,
    changed_at: i64,
    version: i32,
}

impl NewRow {
    fn of(new: &NewTask) -> Self {
        Self {
            title: new.title.as_str().to_owned(),
            state: State::Open,
            chat_id: new.chat.0,
            source_message_id: new.message,
            created_by_user: new.by.user.map(|user| user.0),
            created_by_telegram: new.by.telegram,
            created_at: new.at.0,
            changed_at: new.at.0,
            version: 1,
        }
    }
}

/// What a step changes; `None` is NULL.
#[derive(AsChangeset)]
#[diesel(table_name = task_tasks, treat_none_as_null = true)]
struct Change {
    state: State,
    done_by_user: Option<i64>,
    done_by_telegram: Option<i64>,
    done_by_name: Option<String>,
    done_at: Option<i64>,
    changed_at: i64,
    version: i32,
}

impl Change {
    fn of(task: &Task, step: Step, by: &Person, at: Micros) -> Self {
        let (changed_at, version) = (at.0, task.version.saturating_add(1));
        match step {
            Step::Complete => Self {
                state: State::Done,
                done_by_user: by.user.map(|user| user.0),
                done_by_telegram: by.telegram,
                done_by_name: Some(by.name.clone()),
                done_at: Some(at.0),
                changed_at,
                version,
            },
            Step::Reopen => Self {
                state: State::Open,
                done_by_user: None,
                done_by_telegram: None,
                done_by_name: None,
                done_at: None,
                changed_at,
                version,
            },
        }
    }
}

fn counts_of(rows: Vec<(State, i64)>) -> Counts {
    let mut counts = Counts::default();
    for (state, count) in rows {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        match state {
            State::Open => counts.open = count,
            State::Done => counts.done = count,
        }
    }
    counts
}

/// [`Sight::shows`] in SQL.
macro_rules! in_sight {
    ($query:expr, $sight:expr) => {{
        let query = $query.into_boxed();
        match $sight {
            Sight::Group(chat) => query.filter(dsl::chat_id.eq(chat.0)),
            Sight::Own(user) => query.filter(dsl::created_by_user.eq(user.0)),
            Sight::Everything => query,
            Sight::Nothing => query.filter(diesel::dsl::sql::<diesel::sql_types::Bool>("1 = 0")),
        }
    }};
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

            async fn move_to(
                &mut self,
                id: TaskId,
                target: State,
                by: &Person,
                at: Micros,
            ) -> Result<Option<Moved>, DbError> {
                // Each further turn means that somebody else's change was committed meanwhile.
                loop {
                    let Some(task) = self.task(id).await? else {
                        return Ok(None);
                    };
                    let Some(step) = task.state.step_to(target) else {
                        return Ok(Some(Moved { task, step: None }));
                    };
                    let as_read = dsl::task_tasks
                        .find(id.0)
                        .filter(dsl::version.eq(task.version));
                    let moved: Option<Task> = diesel::update(as_read)
                        .set(Change::of(&task, step, by, at))
                        .returning(Task::as_returning())
                        .get_result(self)
                        .await
                        .optional()?;
                    if let Some(task) = moved {
                        return Ok(Some(Moved {
                            task,
                            step: Some(step),
                        }));
                    }
                }
            }

            async fn move_chat(&mut self, from: ChatId, to: ChatId) -> Result<usize, DbError> {
                let theirs = dsl::task_tasks.filter(dsl::chat_id.eq(from.0));
                let moved = diesel::update(theirs).set((
                    dsl::chat_id.eq(to.0),
                    dsl::source_message_id.eq(None::<i64>),
                ));
                Ok(moved.execute(self).await?)
            }

            async fn counts(&mut self, sight: Sight) -> Result<Counts, DbError> {
                let by_state = dsl::task_tasks
                    .group_by(dsl::state)
                    .select((dsl::state, diesel::dsl::count_star()));
                Ok(counts_of(in_sight!(by_state, sight).load(self).await?))
            }

            async fn page(
                &mut self,
                sight: Sight,
                number: u32,
                length: PageLength,
            ) -> Result<Page, DbError> {
                let counts = self.counts(sight).await?;
                let pages = counts.pages(length);
                let size = i64::from(length.0.get());
                let number = number.clamp(1, pages);
                let tasks = in_sight!(dsl::task_tasks.select(Task::as_select()), sight)
                    .order((dsl::state, dsl::changed_at.desc(), dsl::id.desc()))
                    .limit(size)
                    .offset(i64::from(number - 1) * size)
                    .load(self)
                    .await?;
                Ok(Page {
                    number,
                    pages,
                    counts,
                    tasks,
                })
            }
        }
    };
}
task_rows!(SqliteConn);
task_rows!(PgConn);
