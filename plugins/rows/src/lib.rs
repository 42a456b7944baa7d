//! What the core and every plugin share of the database.
//!
//! | Module | What |
//! |---|---|
//! | [`db`] | [`Db`]: one pool over SQLite or PostgreSQL, [`with_db!`] and [`transaction!`] |
//! | [`ids`] | newtypes for the numbers that cross rooms |
//! | [`clock`] | instants as microseconds since 1970 UTC, and the database's own clock |
//! | [`outbox`] | messages to send, written in the caller's transaction |
//! | [`jobs`] | work to do later, written in the caller's transaction |
//! | [`events`] | what happened, for everyone who watches |
//! | [`audit`] | who did what, written in the caller's transaction |
//! | [`approvals`] | questions that others decide, asked in the caller's transaction |
//! | [`notices`] | what one person is to be told, left in the caller's transaction |
//! | [`blobs`] | files, kept or let go in the caller's transaction |
//! | [`downloads`] | how often something may be downloaded, set in the caller's transaction |
//! | [`uploads`] | what a plugin is told of a file that somebody brought |
//! | [`migrate`] | a crate's own migrations, run once under a lock |
//!
//! These rows are part of the plugin contract: their tables change only by addition.
//! Errors of this crate are [`DbError`]; a database error is never turned into a default.

pub mod approvals;
pub mod audit;
pub mod blobs;
pub mod clock;
pub mod db;
pub mod downloads;
pub mod events;
pub mod ids;
pub mod jobs;
pub mod migrate;
pub mod notices;
pub mod outbox;
pub mod schema;
mod tidy;
pub mod uploads;

pub use clock::Micros;
pub use db::{Conn, Db, DbError, Fence, PgConn, SqliteConn, Ticket, WriterTicket};
pub use ids::{
    ApprovalId, ChatId, DownloadId, EventId, InstanceId, JobId, NoticeId, OutboxId, UpdateId,
    UserId,
};

#[doc(hidden)]
pub use tidy::tidy;
pub use {diesel, diesel_async};
