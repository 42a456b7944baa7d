//! Steps from state to state, parts, edits, comments.

use vahta_plugin_sdk::db::Effects;
use vahta_plugin_sdk::rows::DbError;

use super::create::key;
use super::{Prepared, Rows, Work};
use crate::permission;
use crate::state::{State, Step, Way};
use crate::task::{Assignee, Edit, Task, TaskId, Whole};

/// Characters of a comment or a reason.
pub(crate) const TEXT: usize = 1_000;

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is no such task, or none that this person sees.
    Gone,
    /// A permission is missing.
    NotAllowed(&'static str),
    /// Only its author may.
    NotYours,
    /// It was approved as it is: only whoever may approve changes this of it.
    Approved,
    /// Somebody decides on it: see the approval.
    Pending,
    /// No step leads there from its state.
    NoWay(State),
    /// So many parts are not done.
    PartsOpen(i64),
    NoPart,
    /// Whoever it shall be given to is not there any more.
    Nobody,
    /// Too long, or nothing.
    Text,
}

pub(crate) type Said<T> = Result<Result<T, Refused>, DbError>;

impl Work<'_> {
    /// Brings a task into a state, unless it is there already.
    pub(crate) async fn bring<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        id: TaskId,
        target: State,
        prepared: &Prepared,
    ) -> Said<Task> {
        let Some(task) = self.seen(c, id).await? else {
            return Ok(Err(Refused::Gone));
        };
        // Whoever may approve need not wait for somebody who does.
        let target = match (task.state, target) {
            (State::Draft | State::Rejected | State::Cancelled, State::Pending | State::Open) => {
                self.first_state()
            }
            (_, target) => target,
        };
        let step = match task.state.way_to(target) {
            Way::There => return Ok(Ok(task)),
            Way::None => return Ok(Err(Refused::NoWay(task.state))),
            Way::Step(step) => step,
        };
        if let Err(refused) = self.may(&task, step) {
            return Ok(Err(refused));
        }
        if step == Step::Complete {
            let open = c.open_parts(id).await?;
            if open > 0 {
                return Ok(Err(Refused::PartsOpen(open)));
            }
        }
        let waited = task.state == State::Pending && step == Step::Cancel;
        if waited && !effects.withdraw_approval(c, &key(&task)).await? {
            return Ok(Err(Refused::Pending));
        }
        let task = self.go(c, effects, &task, step, None, prepared).await?;
        Ok(Ok(task))
    }

    fn may(&self, task: &Task, step: Step) -> Result<(), Refused> {
        match step {
            // What others decide is decided where all of them see it.
            Step::Approve | Step::Reject if task.state == State::Pending => Err(Refused::Pending),
            Step::Submit | Step::Approve | Step::Cancel | Step::Reject => self.may_edit(task),
            Step::Complete | Step::Reopen if self.ctx.may(permission::COMPLETE) => Ok(()),
            Step::Complete | Step::Reopen => Err(Refused::NotAllowed(permission::COMPLETE)),
        }
    }

    /// Takes a step that is allowed, with all that follows from it.
    pub(crate) async fn go<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
        step: Step,
        reason: Option<&str>,
        prepared: &Prepared,
    ) -> Result<Task, DbError> {
        let task = c.take(task, step, &self.by, reason, self.at).await?;
        self.trace(c, effects, &task, step.topic(), reason.unwrap_or_default())
            .await?;
        let task = match step {
            Step::Submit | Step::Approve => self.entered(c, effects, task, prepared).await?,
            Step::Complete => {
                self.unplan(c, effects, &task).await?;
                self.come_again(c, effects, &task).await?;
                task
            }
            Step::Cancel => {
                self.unplan(c, effects, &task).await?;
                task
            }
            Step::Reopen => {
                self.plan(c, effects, &task).await?;
                task
            }
            Step::Reject => task,
        };
        self.tell_of_step(c, effects, &task, step).await?;
        self.refresh(c, effects, &task).await?;
        Ok(task)
    }

    /// Marks a part done or open again; the last one completes the task, a reopened one reopens it.
    pub(crate) async fn mark<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        id: TaskId,
        position: i32,
        done: bool,
    ) -> Said<Task> {
        let Some(task) = self.seen(c, id).await? else {
            return Ok(Err(Refused::Gone));
        };
        if !self.ctx.may(permission::COMPLETE) {
            return Ok(Err(Refused::NotAllowed(permission::COMPLETE)));
        }
        let Some(part) = c.part(id, position).await? else {
            return Ok(Err(Refused::NoPart));
        };
        if !matches!(task.state, State::Open | State::Done) {
            return Ok(Err(Refused::NoWay(task.state)));
        }
        if !c.mark_part(id, position, done, &self.by, self.at).await? {
            return Ok(Ok(task));
        }
        let what = if done {
            "task.step_done"
        } else {
            "task.step_reopened"
        };
        if done {
            self.unplan_part(c, effects, &part).await?;
        }
        let task = c.touch(&task, self.at).await?;
        self.trace(c, effects, &task, what, &part.title).await?;
        let nothing = Prepared::default();
        let step = match task.state {
            State::Open if done && c.open_parts(id).await? == 0 => Step::Complete,
            State::Done if !done => Step::Reopen,
            _ => {
                self.refresh(c, effects, &task).await?;
                // A part has changed, the state has not.
                return Ok(Ok(task));
            }
        };
        let task = self.go(c, effects, &task, step, None, &nothing).await?;
        Ok(Ok(task))
    }

    /// Gives a part to somebody else.
    pub(crate) async fn hand_over<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        id: TaskId,
        position: i32,
        to: Option<&Assignee>,
    ) -> Said<Task> {
        let Some(task) = self.seen(c, id).await? else {
            return Ok(Err(Refused::Gone));
        };
        let Some(part) = c.part(id, position).await? else {
            return Ok(Err(Refused::NoPart));
        };
        let is_own = self.by.user.is_some_and(|user| part.is_given_to(user));
        if let Err(refused) = self.may_write() {
            return Ok(Err(refused));
        }
        if !is_own && let Err(refused) = self.may_edit(&task) {
            return Ok(Err(refused));
        }
        if task.state.is_over() {
            return Ok(Err(Refused::NoWay(task.state)));
        }
        c.hand_over(id, position, to).await?;
        let task = c.touch(&task, self.at).await?;
        let name = to.map_or("—", |who| who.name.as_str());
        let detail = format!("{} → {name}", part.title);
        self.trace(c, effects, &task, "task.handed_over", &detail)
            .await?;
        if let Some(to) = to {
            self.tell_part(c, effects, &task, position, &part.title, to)
                .await?;
        }
        self.refresh(c, effects, &task).await?;
        Ok(Ok(task))
    }

    /// Whether this person may give it away: their own, or one that they may change.
    pub(crate) fn may_pass_on(&self, whole: &Whole, position: i32) -> Result<(), Refused> {
        let task = &whole.task;
        self.may_write()?;
        let has = match position {
            0 => task.assignee,
            position => {
                let part = whole.parts.iter().find(|part| part.position == position);
                part.ok_or(Refused::NoPart)?.assignee
            }
        };
        if has.is_some() && has == self.by.user.map(|user| user.0) {
            return Ok(());
        }
        self.may_edit(task)
    }

    /// Gives a part, or with position 0 the task as a whole, to somebody.
    pub(crate) async fn pass_on<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        id: TaskId,
        position: i32,
        to: &Assignee,
    ) -> Said<Task> {
        if position != 0 {
            return self.hand_over(c, effects, id, position, Some(to)).await;
        }
        let edit = Edit {
            assignee: Some(Some(to.clone())),
            ..Edit::default()
        };
        self.edit(c, effects, id, &edit).await
    }

    /// Whoever has a task may give it to somebody else, and change nothing but that.
    fn passes_on(&self, task: &Task, edit: &Edit) -> bool {
        let only = Edit {
            assignee: edit.assignee.clone(),
            ..Edit::default()
        };
        let has = task.assignee.is_some() && task.assignee == self.by.user.map(|user| user.0);
        self.may_write().is_ok()
            && has
            && task.state == State::Open
            && matches!(edit.assignee, Some(Some(_)))
            && *edit == only
    }

    pub(crate) fn may_edit(&self, task: &Task) -> Result<(), Refused> {
        if self.ctx.may(permission::APPROVE) {
            return Ok(());
        }
        match task.is_created_by(self.by.user) {
            true if self.ctx.may(permission::CREATE) => Ok(()),
            true => Err(Refused::NotAllowed(permission::CREATE)),
            false => Err(Refused::NotYours),
        }
    }

    /// Whoever only looks on changes nothing, not even by a word.
    fn may_write(&self) -> Result<(), Refused> {
        let keys = [
            permission::COMPLETE,
            permission::CREATE,
            permission::APPROVE,
        ];
        match keys.iter().any(|key| self.ctx.may(key)) {
            true => Ok(()),
            false => Err(Refused::NotAllowed(permission::COMPLETE)),
        }
    }

    /// What somebody else approved does not become something else by an edit.
    fn keeps_what_was_approved(&self, task: &Task, edit: &Edit) -> Result<(), Refused> {
        let changes = edit.title.is_some() || edit.template.is_some() || edit.repeat.is_some();
        match task.state == State::Open && changes && self.first_state() == State::Pending {
            true => Err(Refused::Approved),
            false => Ok(()),
        }
    }

    /// Changes what a task says. One that waits is asked for anew, as it is now.
    pub(crate) async fn edit<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        id: TaskId,
        edit: &Edit,
    ) -> Said<Task> {
        let Some(before) = self.seen(c, id).await? else {
            return Ok(Err(Refused::Gone));
        };
        if let Err(refused) = self.may_edit(&before)
            && !self.passes_on(&before, edit)
        {
            return Ok(Err(refused));
        }
        if before.state.is_over() {
            return Ok(Err(Refused::NoWay(before.state)));
        }
        if let Err(refused) = self.keeps_what_was_approved(&before, edit) {
            return Ok(Err(refused));
        }
        if *edit == Edit::default() {
            return Ok(Ok(before));
        }
        // It was decided just now: what was approved must not become something else.
        if before.state == State::Pending && !effects.withdraw_approval(c, &key(&before)).await? {
            return Ok(Err(Refused::Pending));
        }
        // A series without a date begins with its first time.
        let edit = &match &edit.repeat {
            Some(Some(repeat)) if before.due_at.is_none() && edit.due_at.is_none() => Edit {
                due_at: Some(repeat.next(None, self.at)),
                ..edit.clone()
            },
            _ => edit.clone(),
        };
        if let Some(labels) = &edit.labels {
            c.set_labels(id, labels).await?;
        }
        let task = c.edit(&before, edit, self.at).await?;
        self.trace(
            c,
            effects,
            &task,
            "task.edited",
            &changes(&before, &task, edit),
        )
        .await?;
        match task.state {
            State::Pending => self.ask(c, effects, &task).await?,
            State::Open => {
                if task.due_at != before.due_at {
                    self.unplan(c, effects, &before).await?;
                    self.plan(c, effects, &task).await?;
                }
                if task.assignee != before.assignee {
                    self.tell_assignee(c, effects, &task).await?;
                }
            }
            _ => {}
        }
        self.refresh(c, effects, &task).await?;
        Ok(Ok(task))
    }

    /// Says something about a task; `source` names what brought it.
    pub(crate) async fn say<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        id: TaskId,
        text: &str,
        source: &str,
    ) -> Said<Task> {
        if let Err(refused) = self.may_write() {
            return Ok(Err(refused));
        }
        let text = text.trim();
        if text.is_empty() || text.chars().count() > TEXT {
            return Ok(Err(Refused::Text));
        }
        let Some(task) = self.seen(c, id).await? else {
            return Ok(Err(Refused::Gone));
        };
        if c.say(id, text, source, &self.by, self.at).await?.is_none() {
            return Ok(Ok(task));
        }
        let task = c.touch(&task, self.at).await?;
        self.trace(c, effects, &task, "task.commented", text)
            .await?;
        self.tell_of_comment(c, effects, &task, text).await?;
        self.refresh(c, effects, &task).await?;
        Ok(Ok(task))
    }
}

/// Which fields were changed, for the history.
fn changes(before: &Task, after: &Task, edit: &Edit) -> String {
    let changed = [
        ("title", before.title != after.title),
        ("priority", before.priority != after.priority),
        ("assignee", before.assignee != after.assignee),
        ("due", before.due_at != after.due_at),
        ("template", before.template_id != after.template_id),
        ("repeat", before.repeat != after.repeat),
        ("labels", edit.labels.is_some()),
    ];
    let names: Vec<&str> = changed
        .iter()
        .filter(|(_, is)| *is)
        .map(|(name, _)| *name)
        .collect();
    names.join(", ")
}
