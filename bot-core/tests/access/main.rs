//! Access, tokens, dialogs and limits on real databases: every story runs on SQLite and PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod bed;
mod blocks;
mod grants;
mod limits;
mod links;
mod roles;
mod rules;
mod sessions;
