//! The sandbox over real HTTP, as bots and tests meet it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bed;

mod control;
mod docs;
mod editing;
mod entities;
mod faults;
mod files;
mod flood;
mod formatting;
mod groups;
mod lifecycle;
mod polling;
mod pressing;
mod profile;
mod sending;
mod teloxide_client;
mod webhooks;
