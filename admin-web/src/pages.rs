//! The pages, one file each; `routes::ALL` is the list.

pub(crate) mod home;
pub(crate) mod plugin;
pub(crate) mod sessions;
pub(crate) mod users;
