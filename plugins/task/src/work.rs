//! What is done to tasks, wherever it comes from: Telegram, the web, the API, a decision.
//!
//! Each act is one step of the caller's transaction: it locks the task, changes it, and leaves the
//! event, the audit row, the history, the messages that show it and the notices behind. What runs
//! again after a crash finds the change there and changes nothing.

mod acts;
mod cards;
mod create;
mod digest;
mod notices;
mod parts;
mod repeat;

use jiff::tz::TimeZone;
use vahta_plugin_sdk::db::Effects;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::approvals::AskApproval;
use vahta_plugin_sdk::rows::audit::PutAct;
use vahta_plugin_sdk::rows::events::PutEvent;
use vahta_plugin_sdk::rows::jobs::PutJob;
use vahta_plugin_sdk::rows::notices::PutNotice;
use vahta_plugin_sdk::rows::outbox::PutOutbox;
use vahta_plugin_sdk::rows::{DbError, Micros};

pub(crate) use acts::Refused;
pub(crate) use cards::{CARD, Shown, arrived};
pub(crate) use digest::{DIGEST, digest, next_look};
pub(crate) use notices::{DUE, Told, due};
pub(crate) use parts::{Prepared, find};
pub(crate) use repeat::{AGAIN, again};

use crate::Tasks;
use crate::sight::Sight;
use crate::store::TaskRows;
use crate::store::cards::CardRows;
use crate::store::lists::TaskLists;
use crate::store::notes::NoteRows;
use crate::store::parts::PartRows;
use crate::store::templates::TemplateRows;
use crate::task::{Person, Task, TaskId};

/// Everything that a transaction of this plugin can do.
pub(crate) trait Rows:
    TaskRows
    + TaskLists
    + PartRows
    + NoteRows
    + TemplateRows
    + CardRows
    + PutOutbox
    + PutEvent
    + PutAct
    + PutJob
    + PutNotice
    + AskApproval
    + Send
{
}

impl<C> Rows for C where
    C: TaskRows
        + TaskLists
        + PartRows
        + NoteRows
        + TemplateRows
        + CardRows
        + PutOutbox
        + PutEvent
        + PutAct
        + PutJob
        + PutNotice
        + AskApproval
        + Send
{
}

/// Who does something, when, and what they may.
pub(crate) struct Work<'a> {
    pub(crate) tasks: &'a Tasks,
    pub(crate) ctx: &'a Ctx,
    pub(crate) by: Person,
    pub(crate) sight: Sight,
    pub(crate) at: Micros,
    /// The message that was pressed: it is brought up to date by whoever answers the press.
    pub(crate) pressed: Option<(i64, i64)>,
    /// Looked up before the transaction: whom to tell.
    pub(crate) told: Told,
}

impl<'a> Work<'a> {
    pub(crate) fn new(tasks: &'a Tasks, ctx: &'a Ctx, source: &'static str) -> Self {
        Self {
            tasks,
            ctx,
            by: Person::from(ctx, source),
            sight: Sight::of(ctx.actor(), ctx.chat()),
            at: Micros(ctx.now().as_microsecond()),
            pressed: None,
            told: Told::default(),
        }
    }

    /// In the name of somebody who decided elsewhere.
    pub(crate) fn for_decision(tasks: &'a Tasks, ctx: &'a Ctx, by: Person) -> Self {
        Self {
            by,
            sight: Sight::Everything(None),
            ..Self::new(tasks, ctx, "core")
        }
    }

    /// Locks a task that this person sees.
    pub(crate) async fn seen<C: Rows>(
        &self,
        c: &mut C,
        id: TaskId,
    ) -> Result<Option<Task>, DbError> {
        let Some(task) = c.lock(id).await? else {
            return Ok(None);
        };
        Ok(self.sees(c, &task).await?.then_some(task))
    }

    pub(crate) async fn sees<C: PartRows + Send>(
        &self,
        c: &mut C,
        task: &Task,
    ) -> Result<bool, DbError> {
        let has_part = match self.sight.own() {
            Some(user) => c
                .parts(task.id)
                .await?
                .iter()
                .any(|part| part.is_given_to(user)),
            None => false,
        };
        Ok(self.sight.shows(task, has_part))
    }

    /// Leaves the traces of a change: event, audit, history.
    pub(crate) async fn trace<C: Rows>(
        &self,
        c: &mut C,
        effects: &mut Effects,
        task: &Task,
        what: &str,
        detail: &str,
    ) -> Result<(), DbError> {
        let event = task.event(what, &self.by);
        effects.event(c, &event).await?;
        let act =
            serde_json::json!({ "task": event.payload, "detail": detail, "from": self.by.source });
        effects.audit(c, what, &event.object, act).await?;
        c.happened(task.id, what, detail, &self.by, self.at).await
    }
}

/// A zone by its name; UTC when there is none.
pub(crate) fn zone(name: Option<&str>) -> TimeZone {
    name.and_then(|name| TimeZone::get(name).ok())
        .unwrap_or(TimeZone::UTC)
}
