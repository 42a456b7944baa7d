//! Tasks: one line creates one, others approve it, a template gives it its steps, and the last step
//! completes it.
//!
//! | Module | What |
//! |---|---|
//! | `commands` | `/task`, `/tasks`, `/task_12`, `/templates`, `/template`: one file each |
//! | `buttons`, `dialogs` | presses, and answers to what they ask |
//! | `web` | pages and the API |
//! | `jobs` | decisions, due dates, cards that have arrived |
//! | `migration` | a group got a new id |
//! | `work` | what is done to tasks, wherever it comes from |
//! | [`sight`] | who sees which task |
//! | [`state`] | the states and the steps between them |
//! | [`quick`], [`repeat`], [`template`], [`title`], [`priority`] | what people write |
//! | [`task`] | a task and the people around it |
//! | [`store`] | tasks in the database |
//! | `press` | what a button's data says |
//! | `view` | texts and keyboards, without any I/O |
//! | `reply` | a screen becomes a message or an edit |
//!
//! A change, its event, its audit row, its history and the messages that tell of it are one
//! transaction. What runs again after a crash finds them there: a message makes one task
//! ([`store::TaskRows::create`]), and a button carries the state that it wants, not "the other one".
//!
//! Errors: handlers give the SDK's [`Error`], the store gives `DbError`; a database that is away
//! for the moment makes the host run the update again. What a person did wrong is no error: it is
//! answered.

mod buttons;
mod commands;
mod dialogs;
mod jobs;
mod migration;
mod press;
pub mod priority;
pub mod quick;
pub mod repeat;
mod reply;
mod settings;
pub mod sight;
pub mod state;
pub mod store;
pub mod task;
pub mod template;
pub mod title;
mod view;
mod web;
mod work;

use std::time::Duration;

use jiff::SignedDuration;
use store::lists::PageLength;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::jobs::PutJob as _;
use vahta_plugin_sdk::rows::{Micros, migrate, with_db};
use vahta_plugin_sdk::texts::Texts;
use vahta_plugin_sdk::web::{Answer, Request};
use view::View;

/// Keys of the manifest that the plugin itself asks for.
mod permission {
    pub(crate) const VIEW: &str = "task.view";
    pub(crate) const CREATE: &str = "task.create";
    pub(crate) const VIEW_ALL: &str = "task.view_all";
    pub(crate) const COMPLETE: &str = "task.complete";
    pub(crate) const APPROVE: &str = "task.approve";
    pub(crate) const TEMPLATES: &str = "task.templates";
}

/// The plugin.
pub struct Tasks {
    texts: Texts,
    page_length: PageLength,
    approval: Approvals,
    /// How long before a due date people are reminded.
    remind_before: Option<SignedDuration>,
    /// How long after it they are told that it is over.
    overdue_after: Option<SignedDuration>,
    /// At what time of their day people hear what it brings.
    digest: Option<jiff::civil::Time>,
}

/// Whose tasks wait for approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Approval {
    /// Everybody's but those of people who may approve.
    Others,
    Everyone,
    Nobody,
}

pub(crate) struct Approvals {
    rule: Approval,
    /// How many must approve.
    needed: u8,
    /// After how long nobody decides any more.
    expires: Option<Duration>,
}

impl Plugin for Tasks {
    async fn start(host: Host, config: Config) -> Result<Self, Error> {
        let settings: settings::Settings = config.settings()?;
        let texts = view::texts().map_err(Error::other)?;
        let ran = migrate::run(&host.db()?, store::migrations()).await?;
        if !ran.is_empty() {
            tracing::info!(migrations = ran.len(), "the tables of tasks are up to date");
        }
        let tasks = settings.apply(texts)?;
        if tasks.digest.is_some() {
            let look = work::next_look(host.plugin(), Micros::now());
            with_db!(host.db()?, c => c.put_job(&look).await)?;
        }
        Ok(tasks)
    }

    fn handler() -> Handler {
        dptree::entry()
            .branch(
                Update::filter_message()
                    .branch(route::command("task").endpoint(commands::task::task))
                    .branch(route::command("task_").endpoint(commands::open::open))
                    .branch(route::command("tasks").endpoint(commands::tasks::tasks))
                    .branch(route::command("templates").endpoint(commands::templates::list))
                    .branch(route::command("template").endpoint(commands::templates::put))
                    .branch(route::dialog().endpoint(dialogs::answered))
                    .branch(route::observed().endpoint(migration::follow)),
            )
            .branch(Update::filter_callback_query().endpoint(buttons::pressed))
    }

    async fn job(&self, ctx: Ctx, job: Job) -> Result<(), Error> {
        jobs::run(self, &ctx, job).await
    }

    async fn http(&self, ctx: Ctx, request: Request) -> Result<Answer, Error> {
        web::answer(self, &ctx, &request).await
    }
}

impl Tasks {
    /// Texts for whoever caused the delivery.
    fn view<'a>(&'a self, ctx: &'a Ctx) -> View<'a> {
        let zone = ctx.actor().and_then(|actor| actor.time_zone.as_deref());
        View::new(&self.texts, ctx.language()).at(work::zone(zone), ctx.now())
    }
}

export_plugin!(Tasks, "manifest.json");

#[cfg(test)]
mod tests;
