//! Commands, one file each.

pub(crate) mod open;
pub(crate) mod task;
pub(crate) mod tasks;
pub(crate) mod templates;
