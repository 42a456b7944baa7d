//! The commands, one file each.

pub(crate) mod task;
pub(crate) mod tasks;
