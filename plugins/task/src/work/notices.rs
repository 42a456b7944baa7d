//! Who is told of what: assignees, authors, and everybody whose time runs out.

use jiff::SignedDuration;
use vahta_plugin_sdk::db::Effects;
use vahta_plugin_sdk::people::Person as Known;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::notices::{NewNotice, outbox_key};
use vahta_plugin_sdk::rows::{DbError, Micros, UserId, with_db};
use vahta_plugin_sdk::transaction;

use super::{Rows, Shown, Work, zone};
use crate::Tasks;
use crate::permission;
use crate::priority::Priority;
use crate::state::{State, Step};
use crate::store::TaskRows as _;
use crate::store::parts::PartRows as _;
use crate::task::{Assignee, Person, Task, TaskId};
use crate::view::{Screen, View};

/// The kind of the jobs that tell of a due date.
pub(crate) const DUE: &str = "task.due";

/// People looked up before a transaction.
#[derive(Default)]
pub(crate) struct Told(Vec<Known>);

impl Told {
    /// These people, as far as they can be told anything.
    pub(crate) async fn of(
        ctx: &Ctx,
        users: impl IntoIterator<Item = Option<i64>>,
    ) -> Result<Self, Error> {
        let mut users: Vec<i64> = users.into_iter().flatten().collect();
        users.sort_unstable();
        users.dedup();
        let mut known = Vec::new();
        for user in users {
            // Whoever may not see tasks any more hears nothing of them.
            known.extend(ctx.host().person_with(user, permission::VIEW).await?);
        }
        Ok(Self(known))
    }

    /// Everybody who has to do with a task.
    pub(crate) async fn around(ctx: &Ctx, id: TaskId) -> Result<Self, Error> {
        let db = ctx.db()?;
        let task = with_db!(db, c => c.task(id).await)?;
        let parts = with_db!(db, c => c.parts(id).await)?;
        let people = parts.iter().map(|part| part.assignee);
        let around = task
            .iter()
            .flat_map(|task| [task.created_by_user, task.assignee]);
        Self::of(ctx, people.chain(around)).await
    }

    /// Their private chats, in which a card may be changed.
    pub(super) fn has_chat(&self, chat: i64) -> bool {
        self.0.iter().any(|known| known.telegram_id == Some(chat))
    }

    fn find(&self, user: Option<i64>) -> Option<&Known> {
        let user = user?;
        self.0.iter().find(|known| known.user_id == user)
    }
}

impl Work<'_> {
    fn view_of<'v>(&'v self, known: &'v Known) -> View<'v> {
        let language = known.language.as_deref().unwrap_or("en");
        View::new(&self.tasks.texts, language).at(zone(Some(&known.time_zone)), self.ctx.now())
    }

    /// Gives somebody the task's card with a line above it, and on the web the line alone; nobody
    /// is told what they did themselves. One change of a task tells one person one thing.
    async fn tell<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
        user: Option<i64>,
        line: impl Fn(&View<'_>) -> String,
    ) -> Result<(), DbError> {
        let key = format!("task:{}:{}", task.id, task.version);
        self.tell_once(c, effects, task, user, (&key, "task"), line)
            .await
    }

    async fn tell_once<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
        user: Option<i64>,
        (key, kind): (&str, &str),
        line: impl Fn(&View<'_>) -> String,
    ) -> Result<(), DbError> {
        // Whoever decides elsewhere does not see yet what that gave them to do.
        if self.by.source != "core" && self.by.user.map(|user| user.0) == user {
            return Ok(());
        }
        let Some(known) = self.told.find(user) else {
            return Ok(());
        };
        let Some(whole) = c.whole(task.id).await? else {
            return Ok(());
        };
        let view = self.view_of(known);
        let line = line(&view);
        let Screen { text, keyboard } = view.card(&whole).under(&line);
        let new = NewNotice {
            kind: kind.to_owned(),
            web_text: view.in_short(&line, task),
            keyboard: Some(serde_json::to_value(keyboard)?),
            web_path: format!("/p/task/{}", task.id),
            urgent: task.priority == Priority::Urgent,
            ..NewNotice::new(UserId(known.user_id), key, text)
        };
        let (Some(notice), Some(chat)) = (effects.notify(c, new).await?, known.telegram_id) else {
            return Ok(());
        };
        let shown = Shown {
            chat,
            language: known.language.clone().unwrap_or_else(|| "en".to_owned()),
            time_zone: known.time_zone.clone(),
        };
        self.await_card(c, effects, task, outbox_key(notice), &shown)
            .await
    }

    pub(super) async fn tell_assignee<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
    ) -> Result<(), DbError> {
        let by = self.by.name.clone();
        self.tell(c, effects, task, task.assignee, |view| view.given(&by))
            .await
    }

    /// The task's and its parts' people, each once.
    pub(super) async fn tell_assignees<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
    ) -> Result<(), DbError> {
        let mut people: Vec<Option<i64>> = vec![task.assignee];
        for part in c.parts(task.id).await? {
            people.push(part.assignee);
        }
        people.sort_unstable();
        people.dedup();
        let by = self.by.name.clone();
        // The next of a series is nobody's gift, and its author wants to hear of it as well.
        let is_next = task.follows.is_some();
        for user in people
            .into_iter()
            .filter(|user| is_next || *user != task.created_by_user)
        {
            let line = |view: &View<'_>| match is_next {
                true => view.comes_again(),
                false => view.given(&by),
            };
            self.tell(c, effects, task, user, line).await?;
        }
        Ok(())
    }

    pub(super) async fn tell_part<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
        position: i32,
        title: &str,
        to: &Assignee,
    ) -> Result<(), DbError> {
        let by = self.by.name.clone();
        let line = |view: &View<'_>| view.part_given(position, title, &by);
        self.tell(c, effects, task, Some(to.user.0), line).await
    }

    /// The author hears what became of the task.
    pub(super) async fn tell_of_step<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
        step: Step,
    ) -> Result<(), DbError> {
        let by = self.by.name.clone();
        let line = |view: &View<'_>| view.became(step, &by);
        match step {
            // Those who decide are told by the core.
            Step::Submit => Ok(()),
            Step::Approve | Step::Reject | Step::Complete => {
                self.tell(c, effects, task, task.created_by_user, line)
                    .await
            }
            Step::Reopen | Step::Cancel => self.tell_all(c, effects, task, line).await,
        }
    }

    pub(super) async fn tell_of_comment<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
        text: &str,
    ) -> Result<(), DbError> {
        let by = self.by.name.clone();
        let line = |view: &View<'_>| view.commented(&by, text);
        self.tell_all(c, effects, task, line).await
    }

    /// Author, assignee and whoever has a part of it, each once.
    async fn tell_all<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
        line: impl Fn(&View<'_>) -> String,
    ) -> Result<(), DbError> {
        let parts = c.parts(task.id).await?;
        let parts = parts.iter().map(|part| part.assignee);
        let mut people: Vec<_> = parts.chain([task.created_by_user, task.assignee]).collect();
        people.sort_unstable();
        people.dedup();
        for user in people {
            self.tell(c, effects, task, user, &line).await?;
        }
        Ok(())
    }
}

impl Tasks {
    /// When somebody is told of a due date, and under which name.
    pub(crate) fn deadlines(&self, due: Micros) -> Vec<(&'static str, Micros)> {
        let mut all = vec![("due", due)];
        if let Some(before) = self.remind_before {
            all.push(("soon", Micros(due.0.saturating_sub(micros(before)))));
        }
        if let Some(after) = self.overdue_after {
            all.push(("overdue", Micros(due.0.saturating_add(micros(after)))));
        }
        all
    }
}

/// The name of a job that tells of a due date, and of what it tells.
/// `part`: of one part, by its position.
pub(super) fn deadline_key(task: TaskId, part: Option<i32>, due: i64, what: &str) -> String {
    match part {
        Some(position) => format!("{what}:{task}.{position}:{due}"),
        None => format!("{what}:{task}:{due}"),
    }
}

fn micros(span: SignedDuration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

#[derive(serde::Deserialize)]
struct Payload {
    task: i64,
    /// The due date that it was planned for: when that has moved, nobody is told.
    due: i64,
    what: String,
    /// A part that has a date of its own.
    #[serde(default)]
    part: Option<i32>,
}

/// The job: tells whoever has to do it, or its author, that the time comes, is there, or is over.
pub(crate) async fn due(tasks: &Tasks, ctx: &Ctx, job: Job) -> Result<(), Error> {
    let Payload {
        task,
        due,
        what,
        part,
    } = serde_json::from_value(job.payload)?;
    let id = TaskId(task);
    let mut work = Work::for_decision(
        tasks,
        ctx,
        Person {
            source: "core",
            ..Person::default()
        },
    );
    work.told = Told::around(ctx, id).await?;
    transaction!(ctx, |c, effects| {
        let Some(task) = c.lock(id).await? else {
            return Ok(());
        };
        let of = match part {
            Some(position) => c.part(id, position).await?.filter(|part| !part.done),
            None => None,
        };
        let planned = match (part, &of) {
            (Some(_), of) => of.as_ref().and_then(|part| part.due_at),
            (None, _) => task.due_at,
        };
        if task.state != State::Open || planned != Some(due) {
            return Ok(());
        }
        // After a pause several are late at once: only the last of them is still true.
        let is_outdone = |(_, at): &(&str, Micros)| *at <= work.at;
        let last = tasks.deadlines(Micros(due)).into_iter().filter(is_outdone);
        if last
            .max_by_key(|(_, at)| *at)
            .is_some_and(|(last, _)| last != what)
        {
            return Ok(());
        }
        let line = |view: &View<'_>| match &of {
            Some(part) => view.part_deadline(part, &what, due),
            None => view.deadline(&what, due),
        };
        let key = deadline_key(id, part, due, &what);
        if let Some(part) = &of {
            let user = part.assignee.or(task.assignee).or(task.created_by_user);
            return work
                .tell_once(c, &mut effects, &task, user, (&key, DUE), line)
                .await;
        }
        let mut people: Vec<Option<i64>> = c
            .parts(id)
            .await?
            .iter()
            .filter(|part| !part.done)
            .map(|part| part.assignee)
            .collect();
        people.push(task.assignee.or(task.created_by_user));
        people.sort_unstable();
        people.dedup();
        for user in people {
            work.tell_once(c, &mut effects, &task, user, (&key, DUE), line)
                .await?;
        }
        Ok(())
    })
}
