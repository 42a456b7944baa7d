//! How the bot is.

use std::sync::atomic::Ordering::Relaxed;

use bot_core::counts::Counts;
use schemars::JsonSchema;
use serde::Serialize;

use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;

/// Whether it works; nothing of the inside.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Health {
    /// Updates are taken in and answered.
    ready: bool,
    /// Updates come in.
    intake: bool,
}

pub(crate) const HEALTH: Doc = Doc::new::<Health>("Whether the bot works");

pub(crate) async fn health(cx: Cx) -> Outcome {
    let health = cx.site.health();
    Reply::ok(&Health {
        ready: health.is_ready(),
        intake: health.intake_fault().is_none(),
    })
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Status {
    /// Of the process that answers.
    instance: String,
    version: String,
    started_at: Time,
    /// "sqlite" or "postgres".
    database: String,
    intake_fault: Option<String>,
    /// Why other instances' events come a moment later.
    redis_fault: Option<String>,
    updates_done: usize,
    updates_open: i64,
    updates_parked: i64,
    updates_unparsed: i64,
    outbox_queued: i64,
    outbox_failed: i64,
    messages_sent: u64,
    calls: u64,
    jobs_open: i64,
    jobs_dead: i64,
    plugins_running: usize,
    plugins: usize,
}

pub(crate) const STATUS: Doc = Doc::new::<Status>("How the bot is, in figures");

pub(crate) async fn status(cx: Cx) -> Outcome {
    let app = cx.app()?;
    let counts = Counts::read(&app.db).await?;
    let plugins = app.plugins.list();
    Reply::ok(&Status {
        instance: app.instance.to_string(),
        version: env!("CARGO_PKG_VERSION").into(),
        started_at: Time(app.started_at),
        database: app.db.kind().into(),
        intake_fault: app.health.intake_fault(),
        redis_fault: app.health.redis_fault(),
        updates_done: app.dispatcher.stats().done.load(Relaxed),
        updates_open: counts.open,
        updates_parked: counts.parked,
        updates_unparsed: counts.unparsed,
        outbox_queued: counts.outbox_queued,
        outbox_failed: counts.outbox_failed,
        messages_sent: app.outbox.stats().sent.load(Relaxed),
        calls: app.outbound.stats().calls.load(Relaxed),
        jobs_open: counts.jobs,
        jobs_dead: counts.jobs_dead,
        plugins_running: plugins.iter().filter(|p| p.state.is_running()).count(),
        plugins: plugins.len(),
    })
}
