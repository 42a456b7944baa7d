//! SQLite's writer ticket, asked from the host: one writer in the whole process.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use serde::Deserialize;
use tokio::sync::oneshot;
use vahta_rows::{Ticket, WriterTicket};

use crate::Ctx;
use crate::ffi::RawHost;

pub(super) struct HostTickets(pub(super) RawHost);

#[derive(Deserialize)]
struct Granted {
    ticket: u64,
}

#[async_trait]
impl WriterTicket for HostTickets {
    async fn acquire(&self) -> Ticket {
        let (raw, ctx) = (self.0, Ctx::current());
        let asked = raw.call(ctx.as_ref().map_or(0, Ctx::number), "db.ticket", b"null");
        let (pass_on, granted) = oneshot::channel();
        // In a task of its own: when the handler is dropped while it waits, the ticket that comes
        // later must still go back.
        tokio::spawn(async move {
            let granted: Option<Granted> = match asked.await {
                Ok(Ok(answer)) => serde_json::from_slice(&answer).ok(),
                _ => None,
            };
            if let Some(Granted { ticket }) = granted {
                let _ = pass_on.send(Held::new(raw, ticket, ctx));
            }
        });
        // Refused (the delivery was given up, the plugin ends): without a ticket the write is
        // slower at worst, and the commit is refused anyway.
        match granted.await {
            Ok(held) => Box::new(held),
            Err(_) => Box::new(()),
        }
    }
}

struct Held {
    raw: RawHost,
    ticket: u64,
    ctx: Option<Ctx>,
}

impl Held {
    fn new(raw: RawHost, ticket: u64, ctx: Option<Ctx>) -> Self {
        if let Some(ctx) = &ctx {
            ctx.writing().fetch_add(1, Ordering::SeqCst);
        }
        Self { raw, ticket, ctx }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // In nobody's name: a ticket goes back after the deadline as well.
        let body = format!(r#"{{"ticket":{}}}"#, self.ticket);
        drop(self.raw.call(0, "db.release", body.as_bytes()));
        if let Some(ctx) = &self.ctx {
            ctx.writing().fetch_sub(1, Ordering::SeqCst);
        }
    }
}
