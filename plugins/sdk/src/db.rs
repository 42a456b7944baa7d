//! The database: a small pool of the plugin's own, and transactions that leave messages, events
//! and jobs behind.
//!
//! ```ignore
//! let task = transaction!(ctx, |c, effects| {
//!     let task = insert(c, title).await?;
//!     effects.send(c, ctx.bot().send_message(chat, text)).await?;
//!     effects.event(c, &Event { topic: "task.created".into(), object, payload }).await?;
//!     Ok(task)
//! })?;
//! ```
//!
//! What is written so happens exactly when the transaction commits; the host hears of it at once
//! and would find it in the tables anyway.

mod effects;
mod tickets;

use std::sync::Arc;

use vahta_rows::{Db, DbError, Fence};

pub use effects::Effects;

use crate::{Ctx, Host};

pub(crate) fn open(host: &Host, url: &str, size: usize) -> Result<Db, DbError> {
    let tickets = Arc::new(tickets::HostTickets(host.raw()));
    Ok(Db::open(url, size, tickets)?.fenced(Arc::new(Deadline)))
}

/// Refuses commits of a delivery that was given up; work outside of deliveries may commit.
struct Deadline;

impl Fence for Deadline {
    fn check(&self) -> Result<(), DbError> {
        match Ctx::current() {
            Some(ctx) if ctx.is_cancelled() => Err(DbError::Fenced),
            _ => Ok(()),
        }
    }
}

/// Runs a block in one transaction of the delivery `$ctx`: `Ok` commits, `Err` rolls back.
///
/// The block sees `$c` as a connection of whichever database is configured and `$effects` as
/// [`Effects`]; its type is `Result<T, DbError>`, the macro's is `Result<T, Error>`. It may wait for
/// the database only: nobody else writes to SQLite meanwhile.
#[macro_export]
macro_rules! transaction {
    ($ctx:expr, |$c:ident, $effects:ident| $body:expr) => {{
        let ctx: &$crate::Ctx = &$ctx;
        match ctx.db() {
            Ok(db) => {
                let mut $effects = $crate::db::Effects::new(ctx);
                match $crate::rows::transaction!(db, $c => $body) {
                    Ok(done) => {
                        $effects.committed();
                        Ok(done)
                    }
                    Err(error) => Err($crate::Error::from(error)),
                }
            }
            Err(error) => Err(error),
        }
    }};
}
