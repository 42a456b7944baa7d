//! The pages, one file each; `routes::ALL` is the list.

pub(crate) mod calls;
pub(crate) mod chats;
pub(crate) mod home;
pub(crate) mod jobs;
pub(crate) mod messages;
pub(crate) mod outbox;
pub(crate) mod plugin;
pub(crate) mod plugins;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod updates;
pub(crate) mod user;
pub(crate) mod users;
