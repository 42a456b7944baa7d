//! What `make` runs: `cargo xtask <task>`.
//!
//! | Task | What it does |
//! |---|---|
//! | [`dev`] | supervises bot, sandbox and plugins in the foreground, rebuilds and reloads |
//! | [`pg`] | runs a command beside a private PostgreSQL and Redis |
//! | [`deps`] | installs the system packages that are missing, or names them, and what [`browser`] tests want |
//! | [`check`] | cheap checks of the dependency graph ([`arrows`] and [`check`]) |
//!
//! A library as well as a program, so that the test package can run the same checks.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks to a terminal"
)]

pub mod arrows;
pub mod browser;
pub mod check;
pub mod deps;
pub mod dev;
pub mod environment;
pub mod pg;
mod process;
mod secret;
mod signals;
pub mod workspace;
