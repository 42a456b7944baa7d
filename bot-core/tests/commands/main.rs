//! Commands and buttons through the whole flow, against the sandbox, on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

#[path = "../access/bed.rs"]
mod bed;
mod chat;

mod buttons;
mod limits;
mod proof;
mod status;
