//! One delivery: parse, dispatch, answer; stop when it was given up.

use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use teloxide::types::Update;
use vahta_plugin_abi::Kind;
use vahta_rows::jobs::Job;

use super::{Open, Ready};
use crate::ffi::Reply;
use crate::logging::message_of;
use crate::{CallError, Ctx, Error, Plugin};

pub(super) async fn deliver<P: Plugin>(
    open: Open<P>,
    kind: u32,
    envelope: Bytes,
    body: Bytes,
    reply: Reply,
) {
    let ready = match open.shared.ready.wait().await {
        Ok(ready) => ready,
        Err(reason) => return reply.error(&CallError::new("start", reason.clone())),
    };
    let envelope = match serde_json::from_slice(&envelope) {
        Ok(envelope) => envelope,
        Err(error) => return reply.error(&CallError::new("envelope", error.to_string())),
    };
    let cancelled = open.cancelled.clone();
    let ctx = Ctx::new(open.number, envelope, open.shared.host.clone(), cancelled);
    let work = dispatch(ready, ctx.clone(), kind, body);
    // The panic is caught around the parsing too: teloxide panics on some bodies.
    let work = AssertUnwindSafe(ctx.clone().scope(work)).catch_unwind();
    let done = tokio::select! {
        biased;
        done = work => done,
        () = given_up(&ctx) => return reply.error(&CallError::new("deadline", "given up")),
    };
    match done {
        Ok(Ok(answer)) => reply.ok(&answer),
        Ok(Err(error)) => reply.error(&error.to_call_error()),
        Err(panic) => reply.panicked(message_of(&*panic)),
    }
}

async fn dispatch<P: Plugin>(
    ready: &Ready<P>,
    ctx: Ctx,
    kind: u32,
    body: Bytes,
) -> Result<Vec<u8>, Error> {
    let plugin = &ready.plugin;
    match Kind::from_u32(kind) {
        Some(Kind::Update) => update(ready, ctx, &body).await?,
        Some(Kind::Job) => {
            let job: Job = serde_json::from_slice(&body)?;
            ctx.set_job(job.id.0);
            plugin.job(ctx, job).await?;
        }
        Some(Kind::Event) => plugin.event(ctx, serde_json::from_slice(&body)?).await?,
        Some(Kind::Http) => {
            let answer = plugin.http(ctx, serde_json::from_slice(&body)?).await?;
            return Ok(serde_json::to_vec(&answer)?);
        }
        Some(Kind::Health) => plugin.health().await?,
        None => {
            return Err(Error::other(format!(
                "this SDK knows no deliveries of kind {kind}"
            )));
        }
    }
    Ok(Vec::new())
}

async fn update<P: Plugin>(ready: &Ready<P>, ctx: Ctx, body: &[u8]) -> Result<(), Error> {
    // From the bytes as Telegram sent them: through a `Value` every update becomes an error.
    let update: Update = serde_json::from_slice(body)?;
    let provided = provided(update, ctx, &ready.plugin);
    match ready.handler.dispatch(provided).await {
        ControlFlow::Break(result) => result,
        ControlFlow::Continue(_) => {
            tracing::debug!("no handler took the update");
            Ok(())
        }
    }
}

/// What handlers may ask for.
pub(super) fn provided<P: Plugin>(
    update: Update,
    ctx: Ctx,
    plugin: &Arc<P>,
) -> dptree::di::DependencyMap {
    dptree::deps![update, ctx.bot(), ctx, Arc::clone(plugin)]
}

/// Ends when the delivery was given up and its handler can be dropped: not while it holds a writer
/// ticket, for a SQLite transaction must not be dropped half-way. Its commit is refused instead.
async fn given_up(ctx: &Ctx) {
    ctx.cancelled().await;
    while ctx.is_writing() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
