//! The store on real databases: each test runs on SQLite and on PostgreSQL, in a database of its
//! own.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod base;
mod create;
mod migrations;
mod moves;
mod sight;
