//! The border with real libraries: what is loaded, what is refused, what a broken plugin can do,
//! and what is left of a plugin that went.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod fixtures;
mod roundtrip;
mod world;
