//! The flow of an update, storage, access, plugin host, jobs, outbox, health
