//! A plugin against the fake host: handlers, transactions, dialogs.

mod handlers;
mod panics;
mod transactions;
