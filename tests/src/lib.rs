//! Stories through the real border: sandbox, real libraries, real databases.
//!
//! A story is an async function that gets a [`Ground`] (which database) and returns a `Result`;
//! [`stories!`] makes two tests of it. It sets a [`Stage`] (sandbox, database, plugins, settings)
//! and then either runs the bot inside itself ([`TestApp`]) or starts the real program
//! ([`Process`]), for what only a process can show: `kill -9`, threads, memory.
//!
//! ```no_run
//! # use vahta_tests::{Ground, Stage};
//! async fn a_task_is_created(ground: Ground) -> anyhow::Result<()> {
//!     let app = Stage::on(ground).await?.start().await?;
//!     app.ada().says("/task Buy milk").await?;
//!     app.ada().sees("Buy milk").await?;
//!     app.shutdown().await // fails on whatever is left over
//! }
//! ```
//!
//! | Module | What |
//! |---|---|
//! | [`story`] | runs a story on a runtime of its own; soak counts |
//! | [`stage`] | what a bot needs around it |
//! | [`test_app`] | the bot inside the test, and the check for leftovers |
//! | [`web`] | the admin site, and a browser without a screen |
//! | [`process`] | the real program as a child |
//! | [`people`] | who writes, presses and reads |
//! | [`sandbox`] | the sandbox's control API |
//! | [`database`] | a fresh database, and looking into it |
//! | [`artifacts`] | where the libraries and the program are |
//! | [`notes`] | what a story's bot logged |
//! | [`proxy`] | a network between two parts that can be cut |
//! | [`figures`] | percentiles and memory |
//! | [`load`] | many messages at once, and what must hold afterwards |
//!
//! Nothing here asserts on time. Waits are bounded, and say what was awaited and what was there
//! instead.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "stories print their figures"
)]

pub mod artifacts;
pub mod database;
pub mod figures;
pub mod load;
pub mod notes;
pub mod people;
pub mod process;
pub mod proxy;
pub mod sandbox;
pub mod stage;
pub mod story;
pub mod test_app;
pub mod web;

pub use database::Database;
pub use people::Person;
pub use process::Process;
pub use stage::Stage;
pub use story::{Ground, count, is_soak};
pub use test_app::TestApp;
pub use web::{Web, WebClient};
