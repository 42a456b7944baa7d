//! A Bot API server double: a library for tests, a program with a chat page for people.
//!
//! One update's way, and the module of each room:
//!
//! 1. somebody writes or presses: the control API (`control`) or the page (`server`);
//! 2. the world keeps it and queues an update (`world`);
//! 3. the bot fetches it with `getUpdates` (`methods`) or gets it by webhook (`webhook`);
//! 4. the bot calls a method (`methods`); texts are parsed and measured (`text`);
//! 5. the chat changes, and whoever watches it is woken (`world`).
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use telegram_sandbox::{Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options::default()).await?;
//! // Point the bot at `sandbox.url()` with the token "1:sandbox"; write to it through
//! // `POST {url}/sandbox/api/messages`.
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```

mod control;
mod error;
pub mod load;
mod methods;
mod params;
mod picture;
mod sandbox;
mod server;
pub mod story;
mod text;
mod types;
mod webhook;
mod world;

pub use sandbox::Sandbox;
pub use server::run;
pub use world::{Options, World};
