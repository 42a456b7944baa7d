//! The border with real libraries: what is loaded, what is refused, what a broken plugin can do,
//! and what is left of a plugin that went.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod c_plugins;
mod docs;
mod fixtures;
mod hangs;
mod panics;
mod refusals;
mod reloads;
mod roundtrip;
mod tickets;
mod world;
