//! Store and handlers on real databases, each test in a database of its own. Tests of the store
//! run on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod base;
mod grammar;
mod handlers;
mod store;
