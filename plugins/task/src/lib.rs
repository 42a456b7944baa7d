//! Tasks: create, list, done, reopen
