//! The pages, one file each; `routes::ALL` is the list.

pub(crate) mod api;
pub(crate) mod audit;
pub(crate) mod home;
pub(crate) mod keys;
pub(crate) mod plugin;
pub(crate) mod sessions;
pub(crate) mod users;
