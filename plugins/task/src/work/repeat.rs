//! Once a task that repeats is done, a job makes the next one.
//!
//! The job is left in the transaction that completes the task; who gets the next one's steps is
//! looked up outside of it. Each task has one next at most: one that is reopened and done again
//! makes no second.

use serde_json::json;
use vahta_plugin_sdk::db::Effects;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::jobs::NewJob;
use vahta_plugin_sdk::rows::{ChatId, DbError, Micros, UserId, with_db};
use vahta_plugin_sdk::transaction;

use super::{Prepared, Rows, Told, Work};
use crate::state::State;
use crate::store::TaskRows as _;
use crate::store::notes::NoteRows as _;
use crate::task::{Assignee, NewTask, Person, Task, TaskId};
use crate::title::Title;
use crate::{Tasks, permission};

/// The kind of the job that makes the next task.
pub(crate) const AGAIN: &str = "task.again";

impl Work<'_> {
    /// Leaves the job that makes the next one, if there is to be one.
    pub(super) async fn come_again<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
    ) -> Result<(), DbError> {
        if task.repeat.is_none() {
            return Ok(());
        }
        let job = NewJob {
            plugin: self.ctx.host().plugin().to_owned(),
            kind: AGAIN.to_owned(),
            payload: json!({ "task": task.id.0 }),
            // With the version: the job before it may not have ended.
            unique_key: Some(format!("again:{}:{}", task.id, task.version)),
            priority: 0,
            due_at: None,
            max_attempts: 12,
        };
        effects.job(c, &job).await?;
        Ok(())
    }
}

#[derive(serde::Deserialize)]
struct Payload {
    task: i64,
}

/// The job: the next one is open at once, for the series was approved with its first.
pub(crate) async fn again(tasks: &Tasks, ctx: &Ctx, job: Job) -> Result<(), Error> {
    let Payload { task } = serde_json::from_value(job.payload)?;
    let id = TaskId(task);
    let db = ctx.db()?;
    let Some(task) = with_db!(db, c => c.task(id).await)? else {
        return Ok(());
    };
    let by = Person {
        user: task.created_by_user.map(UserId),
        telegram: None,
        name: task.created_by_name.clone(),
        source: "core",
    };
    let mut work = Work::for_decision(tasks, ctx, by);
    // Who is blocked, or may not do tasks any more, gets none: it is nobody's then.
    let assignee = match task.assignee {
        Some(user) => ctx.host().person_with(user, permission::COMPLETE).await?,
        None => None,
    };
    let assignee = assignee.map(|known| known.user_id);
    let creator = task.created_by_user;
    let prepared = Prepared::of(ctx, task.template_id, creator, assignee, work.at).await?;
    work.told = Told::of(ctx, prepared.people().chain([creator, assignee])).await?;
    transaction!(ctx, |c, effects| {
        let Some(done) = c.lock(id).await? else {
            return Ok(());
        };
        // Reopened meanwhile: it leaves this job once more when it is done again.
        if done.state != State::Done || c.next_of(id).await?.is_some() {
            return Ok(());
        }
        let labels = c.labels(id).await?;
        let new = next(&work, &done, labels).map(|new| NewTask {
            assignee: new.assignee.filter(|who| Some(who.user.0) == assignee),
            ..new
        });
        if let Some(new) = new {
            work.create(c, &mut effects, &new, &prepared).await?;
        }
        Ok(())
    })
}

/// The one after this; none when the series is over.
fn next(work: &Work<'_>, done: &Task, labels: Vec<String>) -> Option<NewTask> {
    let repeat = done.repeat.as_ref()?;
    let at = done.done_at.map_or(work.at, Micros);
    let due = repeat.next(done.due_at.map(Micros), at)?;
    let title = Title::parse(&done.title).ok()?;
    let name = done.assignee_name.clone().unwrap_or_default();
    Some(NewTask {
        priority: done.priority,
        assignee: done.assignee.map(|user| Assignee {
            user: UserId(user),
            name,
        }),
        due_at: Some(due),
        labels,
        template: done.template_id,
        repeat: done.repeat.clone(),
        follows: Some(done.id),
        ..NewTask::open(title, ChatId(done.chat_id), work.by.clone(), work.at)
    })
}
