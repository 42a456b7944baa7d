//! Access, tokens, dialogs, limits and the journal on real databases: every story runs on SQLite and PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod approvals;
mod bed;
mod blocks;
mod grants;
mod journal;
mod limits;
mod links;
mod migration;
mod roles;
mod rules;
mod sessions;
