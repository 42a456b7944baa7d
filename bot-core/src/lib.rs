//! The core of Vahta: the flow of an update, storage, access, plugin host, jobs, outbox, health.
//!
//! Follow an update: `intake` stores it, `dispatch` orders it, `flow` decides who may do what,
//! `commands` or a plugin behind `plugin_host` answers, `outbound` sends.

pub mod config;
pub mod flow;
pub mod outbound;
pub mod plugin_host;
pub mod storage;
pub mod sessions;
pub mod texts;
pub mod tokens;
