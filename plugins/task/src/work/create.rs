//! A task comes to be.

use serde_json::json;
use vahta_plugin_sdk::db::Effects;
use vahta_plugin_sdk::rows::approvals::NewApproval;
use vahta_plugin_sdk::rows::jobs::NewJob;
use vahta_plugin_sdk::rows::{ChatId, DbError, Micros};

use super::notices::{DUE, deadline_key};
use super::{Prepared, Rows, Work};
use crate::state::State;
use crate::task::{NewTask, Part, Task, TaskId};
use crate::{Approval, permission};

impl Work<'_> {
    /// Where a task of this person begins that is to be done.
    pub(crate) fn first_state(&self) -> State {
        let may_approve = self.ctx.may(permission::APPROVE);
        match self.tasks.approval.rule {
            Approval::Nobody => State::Open,
            Approval::Others if may_approve => State::Open,
            Approval::Others | Approval::Everyone => State::Pending,
        }
    }

    /// Creates a task, with all that follows from the state it begins in.
    pub(crate) async fn create<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        new: &NewTask,
        prepared: &Prepared,
    ) -> Result<Task, DbError> {
        let created = c.create(new).await?;
        let task = created.task;
        if !created.is_new {
            // The same message had made it before.
            return Ok(task);
        }
        if !new.labels.is_empty() {
            c.set_labels(task.id, &new.labels).await?;
        }
        self.trace(c, effects, &task, "task.created", &task.title)
            .await?;
        self.entered(c, effects, task, prepared).await
    }

    /// What follows when a task begins to wait, or to be worked on.
    pub(super) async fn entered<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: Task,
        prepared: &Prepared,
    ) -> Result<Task, DbError> {
        match task.state {
            State::Pending => self.ask(c, effects, &task).await?,
            State::Open => {
                self.make_parts(c, effects, &task, prepared).await?;
                self.plan(c, effects, &task).await?;
                self.tell_assignees(c, effects, &task).await?;
            }
            _ => {}
        }
        Ok(task)
    }

    /// Asks those who may approve.
    pub(super) async fn ask<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
    ) -> Result<(), DbError> {
        let settings = &self.tasks.approval;
        let labels = c.labels(task.id).await?;
        let template = match task.template_id {
            Some(id) => c.template(id).await?,
            None => None,
        };
        let reader = self.tasks.view(self.ctx);
        let new = NewApproval {
            object: task.object(),
            detail: reader.request(task, &labels, template.as_ref()),
            link: format!("/task_{}", task.id),
            web_path: format!("/p/task/{}", task.id),
            chat_id: ChatId(0),
            needed: settings.needed,
            requested_by: task.created_by_user.map(vahta_plugin_sdk::rows::UserId),
            expires_at: settings.expires.map(|after| self.at.plus(after)),
            ..NewApproval::new(key(task), task.title.clone(), permission::APPROVE)
        };
        effects.ask_approval(c, new).await?;
        Ok(())
    }

    /// Takes back what nobody has heard yet of due dates that count no more: the task's own, and
    /// those of its parts.
    pub(super) async fn unplan<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
    ) -> Result<(), DbError> {
        let mut keys = names(task.id, None, task.due_at);
        for part in c.parts(task.id).await? {
            keys.extend(names(task.id, Some(part.position), part.due_at));
        }
        effects.withdraw_notices(c, &keys).await?;
        Ok(())
    }

    /// The same of one part, which is done.
    pub(super) async fn unplan_part<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        part: &Part,
    ) -> Result<(), DbError> {
        let keys = names(TaskId(part.task_id), Some(part.position), part.due_at);
        effects.withdraw_notices(c, &keys).await?;
        Ok(())
    }

    /// Leaves the jobs that tell of due dates, the task's and those of its parts.
    pub(super) async fn plan<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
    ) -> Result<(), DbError> {
        let mut dates = vec![(None, task.due_at)];
        let parts = c.parts(task.id).await?;
        let open = parts.iter().filter(|part| !part.done);
        dates.extend(open.map(|part| (Some(part.position), part.due_at)));
        for (part, due) in dates {
            let Some(due) = due else { continue };
            for (what, at) in self.tasks.deadlines(Micros(due)) {
                if at > self.at {
                    let job = self.tells(task, part, due, what, at);
                    effects.job(c, &job).await?;
                }
            }
        }
        Ok(())
    }

    fn tells(&self, task: &Task, part: Option<i32>, due: i64, what: &str, at: Micros) -> NewJob {
        NewJob {
            plugin: self.ctx.host().plugin().to_owned(),
            kind: DUE.to_owned(),
            payload: json!({ "task": task.id.0, "due": due, "what": what, "part": part }),
            unique_key: Some(deadline_key(task.id, part, due, what)),
            priority: 0,
            due_at: Some(at),
            max_attempts: 10,
        }
    }
}

/// All that may be told of a date.
fn names(task: TaskId, part: Option<i32>, due: Option<i64>) -> Vec<String> {
    let all = ["soon", "due", "overdue"];
    let due = due.into_iter();
    due.flat_map(|due| all.map(|what| deadline_key(task, part, due, what)))
        .collect()
}

/// The plugin's own name for the question whether a task is approved.
pub(super) fn key(task: &Task) -> String {
    format!("task:{}", task.id)
}
