//! A plugin against the fake host: handlers, transactions, dialogs; and in a sandbox: story files.

mod database;
mod handlers;
mod panics;
mod stories;
mod transactions;
