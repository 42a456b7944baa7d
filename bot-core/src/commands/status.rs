//! `/status`: how the bot is, on one page, with buttons for what needs a hand.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use vahta_rows::Micros;
use vahta_texts::{Arg, escape_html};

use super::{Button, Cx, Keyboard};
use crate::access::keys;
use crate::counts::Counts;
use crate::figures::memory_kb;
use crate::flow::FlowError;
use crate::plugin_host::PluginState;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    page(&cx).await
}

/// `status`: shows the page again.
pub(super) async fn turn(cx: Cx) -> Result<(), FlowError> {
    cx.answer("").await?;
    page(&cx).await
}

/// `resend`: failed messages get another chance.
pub(super) async fn resend(cx: Cx) -> Result<(), FlowError> {
    let by = cx.by();
    let count = cx.app.outbox.resend(&by).await?;
    cx.app.events.wake();
    cx.answer(&cx.t("resent", &[("count", Arg::from(count))]))
        .await?;
    page(&cx).await
}

async fn page(cx: &Cx) -> Result<(), FlowError> {
    let asked = Instant::now();
    let counts = Counts::read(&cx.app.db).await?;
    let text = text(cx, &counts, asked.elapsed().as_millis());
    let mut keyboard = Keyboard::new();
    if cx.actor.may(keys::STATUS_MANAGE) {
        if counts.parked + counts.unparsed > 0 {
            keyboard.push(vec![Button::new(cx.t("button-kept", &[]), "kept:0")]);
        }
        if counts.outbox_failed > 0 {
            keyboard.push(vec![Button::new(cx.t("button-resend", &[]), "resend")]);
        }
    }
    keyboard.push(vec![Button::new(cx.t("button-refresh", &[]), "status")]);
    cx.show(&text, keyboard).await
}

fn text(cx: &Cx, counts: &Counts, db_ms: u128) -> String {
    let app = &cx.app;
    let plugins = app.plugins.list();
    let running = plugins
        .iter()
        .filter(|info| info.state.is_running())
        .count();
    let broken: Vec<String> = plugins
        .iter()
        .filter(|info| {
            let state = &info.state;
            matches!(
                state,
                PluginState::Failed(_) | PluginState::Refused(_) | PluginState::Degraded
            )
        })
        .map(|info| escape_html(&info.name))
        .collect();
    let intake = match app.health.intake_fault() {
        Some(fault) => {
            let fault = escape_html(&fault);
            cx.t("intake-fault", &[("fault", Arg::from(fault))])
        }
        None => cx.t("intake-well", &[]),
    };
    let redis = match app.health.redis_fault() {
        Some(fault) => {
            let fault = escape_html(&fault);
            format!("\n{}", cx.t("redis-fault", &[("fault", Arg::from(fault))]))
        }
        None => String::new(),
    };
    let seconds = Micros::now().0.saturating_sub(app.started_at.0) / 1_000_000;
    let (outbox, outbound) = (app.outbox.stats(), app.outbound.stats());
    cx.t(
        "status",
        &[
            ("instance", Arg::from(app.instance.to_string())),
            ("version", Arg::from(env!("CARGO_PKG_VERSION"))),
            ("uptime", Arg::from(uptime(seconds))),
            ("intake", Arg::from(intake)),
            ("database", Arg::from(app.db.kind())),
            ("redis", Arg::from(redis)),
            ("dbms", Arg::from(u64::try_from(db_ms).unwrap_or(u64::MAX))),
            ("done", Arg::from(app.dispatcher.stats().done.load(Relaxed))),
            ("open", Arg::from(counts.open)),
            ("parked", Arg::from(counts.parked)),
            ("unparsed", Arg::from(counts.unparsed)),
            ("pending", Arg::from(counts.outbox_queued)),
            ("failed", Arg::from(counts.outbox_failed)),
            ("sent", Arg::from(outbox.sent.load(Relaxed))),
            (
                "doubt",
                Arg::from(outbox.in_doubt.load(Relaxed) + outbound.in_doubt.load(Relaxed)),
            ),
            ("calls", Arg::from(outbound.calls.load(Relaxed))),
            ("flooded", Arg::from(outbound.flooded.load(Relaxed))),
            ("jobs", Arg::from(counts.jobs)),
            ("dead", Arg::from(counts.jobs_dead)),
            ("running", Arg::from(running)),
            ("plugins", Arg::from(plugins.len())),
            ("broken", Arg::from(broken.join(", "))),
            ("dialogs", Arg::from(app.sessions.len())),
            ("lost", Arg::from(app.journal.logs_dropped())),
            ("memory", Arg::from(memory_mb())),
        ],
    )
}

/// "3d 4h 5m", or seconds within the first minute.
fn uptime(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, m) => format!("{m}m"),
        (0, h, m) => format!("{h}h {m}m"),
        (d, h, m) => format!("{d}d {h}h {m}m"),
    }
}

/// Resident memory of this process in MB, "?" where the system does not tell.
fn memory_mb() -> String {
    memory_kb().map_or_else(|| "?".into(), |kb| (kb / 1024).to_string())
}

#[cfg(test)]
mod tests {
    use super::uptime;

    #[test]
    fn an_uptime_shows_its_two_or_three_largest_units() {
        assert_eq!(uptime(59), "59s");
        assert_eq!(uptime(3_600), "1h 0m");
        assert_eq!(uptime(90_061), "1d 1h 1m");
    }
}
