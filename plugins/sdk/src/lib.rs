//! What a plugin author uses.
//!
//! A plugin is a struct, a tree of teloxide handlers, and one line that exports it:
//!
//! ```ignore
//! use vahta_plugin_sdk::prelude::*;
//!
//! struct Echo;
//!
//! impl Plugin for Echo {
//!     async fn start(_host: Host, _config: Config) -> Result<Self, Error> {
//!         Ok(Self)
//!     }
//!
//!     fn handler() -> Handler {
//!         Update::filter_message().branch(route::command("echo").endpoint(echo))
//!     }
//! }
//!
//! async fn echo(ctx: Ctx, bot: Bot, message: Message) -> Result<(), Error> {
//!     bot.send_message(message.chat.id, ctx.args()).await?;
//!     Ok(())
//! }
//!
//! vahta_plugin_sdk::export_plugin!(Echo, "manifest.json");
//! ```
//!
//! Beside `src/` lies `manifest.json`: name, commands, permissions, capabilities. The crate is a
//! `cdylib`. Everything a plugin wants from Telegram, the database or the core goes through
//! [`Ctx`] (in the name of one delivery) or [`Host`] (for itself).
//!
//! | Module | What |
//! |---|---|
//! | [`Plugin`], [`export_plugin!`] | what an author writes |
//! | [`Ctx`], [`route`] | one delivery: who, where, which way |
//! | [`bot`] | Bot API calls through the host's scheduler |
//! | [`db`] | the database, transactions with outbox, events and jobs |
//! | [`blobs`] | the plugin's own files |
//! | [`downloads`] | links by which others download them, counted exactly |
//! | [`zips`] | archives of them |
//! | [`web`] | pages and routes on the admin site |
//! | [`dialogue`] | dialogs that survive restarts |
//! | [`people`] | who there is, to name and to tell |
//! | `testing` | a host for tests of plugins (feature `testing`) |
//! | [`ffi`] | the border; the only unsafe code |
//!
//! Threads: a plugin has a tokio runtime of its own on threads of its own. A handler that waits
//! costs nothing; one that blocks costs a worker of this plugin and nobody else's.

#[cfg(panic = "abort")]
compile_error!(
    "a plugin must be built with panic = \"unwind\": with \"abort\" one panic ends the whole host"
);

mod actor;
pub mod blobs;
pub mod bot;
mod config;
mod ctx;
pub mod db;
pub mod dialogue;
pub mod downloads;
mod envelope;
mod error;
pub mod ffi;
mod host;
mod logging;
pub mod people;
mod plugin;
pub mod route;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod uploads;
pub mod web;
pub mod zips;

#[cfg(test)]
mod tests;

pub use bot::Bot;
pub use config::{Config, Secret};
pub use ctx::Ctx;
pub use envelope::{Actor, Chat, Envelope, Route, RouteKind};
pub use error::{CallError, Error};
pub use host::Host;
pub use plugin::{Handler, Plugin};

pub use {dptree, teloxide, tracing, vahta_rows as rows, vahta_texts as texts};

/// What most plugins need.
pub mod prelude {
    pub use crate::{
        Bot, Config, Ctx, Error, Handler, Host, Plugin, dptree, export_plugin, route, tracing,
    };
    pub use teloxide::dispatching::{UpdateFilterExt as _, UpdateHandler};
    pub use teloxide::payloads::{
        AnswerCallbackQuerySetters as _, EditMessageReplyMarkupSetters as _,
        EditMessageTextSetters as _, SendMessageSetters as _,
    };
    pub use teloxide::types::{
        CallbackQuery, ChatId, InlineKeyboardButton, InlineKeyboardMarkup, Message, MessageId,
        ParseMode, Update,
    };
    pub use vahta_rows::jobs::Job;
    pub use vahta_texts::args;
}
