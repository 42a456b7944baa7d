//! The core of Vahta: the flow of an update, storage, access, plugin host, jobs, outbox, health.
//!
//! Follow an update: `intake` stores it, `dispatch` orders it, `flow` decides who may do what,
//! `commands` or a plugin behind `plugin_host` answers, `outbound` sends.

pub mod access;
pub mod accounts;
pub mod acts;
pub mod announcements;
pub mod app;
pub mod approvals;
pub mod audit;
pub mod blobs;
pub mod chats;
pub mod closed_chats;
pub mod commands;
pub mod config;
pub mod counts;
pub mod dispatch;
pub mod downloads;
pub mod events;
pub mod fetch;
pub mod figures;
pub mod flow;
pub mod health;
pub mod histogram;
pub mod housekeeping;
pub mod instance;
pub mod intake;
pub mod jobs;
pub mod kept;
pub mod limits;
pub mod logging;
pub mod logs;
mod nearest;
pub mod notices;
pub mod outbound;
pub mod outbox;
pub mod plugin_host;
pub mod plugin_settings;
pub mod plugins_admin;
pub mod services;
pub mod sessions;
pub mod start;
pub mod storage;
pub mod texts;
pub mod tokens;
pub mod uploads;
pub mod zips;
