//! The sandbox over real HTTP, as bots and tests meet it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod administering;
mod albums;
mod bed;
mod control;
mod docs;
mod editing;
mod entities;
mod faults;
mod files;
mod flood;
mod formatting;
mod forums;
mod groups;
mod inline_mode;
mod inviting;
mod keyboards;
mod lifecycle;
mod load;
mod many_bots;
mod mishaps;
mod places;
mod polling;
mod polls;
mod pressing;
mod profile;
mod programs;
mod replies;
mod sending;
mod stories;
mod teloxide_client;
mod webhooks;
