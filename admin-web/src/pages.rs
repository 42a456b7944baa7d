//! The pages, one file each; `routes::ALL` is the list.

pub(crate) mod account;
pub(crate) mod claim;
pub(crate) mod home;
pub(crate) mod invites;
pub(crate) mod login;
pub(crate) mod mini_app;
pub(crate) mod plugin;
pub(crate) mod sessions;
pub(crate) mod users;
