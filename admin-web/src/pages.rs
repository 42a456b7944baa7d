//! The pages, one file each; `routes::ALL` is the list.

pub(crate) mod account;
pub(crate) mod announcements;
pub(crate) mod api;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod calls;
pub(crate) mod chats;
pub(crate) mod claim;
pub(crate) mod home;
pub(crate) mod invites;
pub(crate) mod jobs;
pub(crate) mod join;
pub(crate) mod keys;
pub(crate) mod login;
pub(crate) mod messages;
pub(crate) mod mini_app;
pub(crate) mod notices;
pub(crate) mod outbox;
pub(crate) mod plugin;
pub(crate) mod plugins;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod updates;
pub(crate) mod user;
pub(crate) mod users;
