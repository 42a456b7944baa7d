//! What the store promises, on both databases.

mod create;
mod migrations;
mod moves;
mod sight;
