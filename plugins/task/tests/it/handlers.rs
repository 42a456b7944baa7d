//! Handlers, from a delivery to what is in the database and what the host was asked for.

mod away;
mod commands;
mod presses;
mod world;
