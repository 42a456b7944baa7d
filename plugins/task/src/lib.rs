//! Tasks: create one with `/task <title>`, see them with `/tasks`, mark them done and reopen them
//! with buttons.
//!
//! | Module | What |
//! |---|---|
//! | `commands` | `/task` and `/tasks`, one file each |
//! | `buttons` | presses: state changes and turning pages |
//! | `migration` | a group got a new id |
//! | `press` | what a button's data says |
//! | [`sight`] | who sees which task |
//! | [`state`] | the states and the steps between them |
//! | [`title`] | what may be a title |
//! | [`task`] | a task and the people around it |
//! | [`store`] | tasks in the database |
//! | `view` | texts and keyboards, without any I/O |
//! | `reply` | a screen becomes a message or an edit |
//!
//! A change, its event, its audit row and the message that tells of it are one transaction. What
//! runs again after a crash finds them there: a message makes one task ([`store::TaskRows::create`]),
//! and a button carries the state that it wants, not "the other one".
//!
//! Errors: handlers give the SDK's [`Error`], the store gives `DbError`; a database that is away
//! for the moment makes the host run the update again. What a person did wrong is no error: it is
//! answered.

mod buttons;
mod commands;
mod migration;
mod press;
mod reply;
pub mod sight;
pub mod state;
pub mod store;
pub mod task;
pub mod title;
mod view;

use std::num::NonZeroU32;

use serde::Deserialize;
use store::PageLength;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::migrate;
use vahta_plugin_sdk::texts::Texts;
use view::View;

/// Keys of the manifest that the plugin itself asks for.
mod permission {
    pub(crate) const VIEW: &str = "task.view";
    pub(crate) const VIEW_ALL: &str = "task.view_all";
    pub(crate) const COMPLETE: &str = "task.complete";
}

/// The plugin.
pub struct Tasks {
    texts: Texts,
    page_length: PageLength,
}

/// What `settings_schema` of the manifest describes.
#[derive(Deserialize)]
struct Settings {
    page_length: NonZeroU32,
}

impl Plugin for Tasks {
    async fn start(host: Host, config: Config) -> Result<Self, Error> {
        let Settings { page_length } = config.settings()?;
        let texts = view::texts().map_err(Error::other)?;
        let ran = migrate::run(&host.db()?, store::migrations()).await?;
        if !ran.is_empty() {
            tracing::info!(migrations = ran.len(), "the tables of tasks are up to date");
        }
        Ok(Self {
            texts,
            page_length: PageLength(page_length),
        })
    }

    fn handler() -> Handler {
        dptree::entry()
            .branch(
                Update::filter_message()
                    .branch(route::command("task").endpoint(commands::task::task))
                    .branch(route::command("tasks").endpoint(commands::tasks::tasks))
                    .branch(route::observed().endpoint(migration::follow)),
            )
            .branch(Update::filter_callback_query().endpoint(buttons::pressed))
    }
}

impl Tasks {
    fn view<'a>(&'a self, ctx: &'a Ctx) -> View<'a> {
        View::new(&self.texts, ctx.language())
    }
}

export_plugin!(Tasks, "manifest.json");

#[cfg(test)]
mod tests;
