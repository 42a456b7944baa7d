//! The stories, one file a theme; each runs on SQLite and on PostgreSQL.

#![allow(clippy::print_stdout, reason = "stories print their figures")]

mod access;
mod approvals;
mod bad_rows;
mod chats;
mod crashes;
mod database_down;
mod deadlines;
mod fan_out;
mod faults;
mod flood;
mod given_up;
mod inbox;
mod lease;
mod misbehaviour;
mod notices;
mod people;
mod plugin_chats;
mod plugin_settings;
mod processes;
mod promises;
mod reloads;
mod secrets;
mod storage;
mod story_files;
mod task_crowds;
mod task_input;
mod task_rights;
mod tasks;
mod workflow;
