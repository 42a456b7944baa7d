//! Heartbeats and ticks; and streams end when the right to them does, database or not.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bot_core::access::{Access, KeySet};
use bot_core::app::App;
use tokio::time::{Instant, MissedTickBehavior, interval};
use vahta_rows::{Micros, UserId};

use super::frame;
use super::topics::{LOG, TICK};
use super::watchers::Watchers;

/// What is looked at twice a second costs little: a few counters.
const LOOK: Duration = Duration::from_millis(500);
const TICK_EVERY: Duration = Duration::from_secs(2);
const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
/// Sessions expire without an event.
const SESSIONS_EVERY: Duration = Duration::from_secs(60);

pub(super) async fn run(app: App, watchers: Arc<Watchers>) {
    let mut changes = app.access.changes();
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let now = Instant::now();
    let (mut ticked, mut beaten, mut checked) = (now, now, now);
    let mut logged = 0;
    while !watchers.is_closed() {
        tokio::select! {
            _ = changes.changed() => {
                watchers.check_rights(|user| rights(&app.access, user));
                continue;
            }
            _ = look.tick() => {}
        }
        let written = app.dispatcher.stats().done.load(Relaxed) as u64
            + app.outbound.stats().calls.load(Relaxed);
        if written != std::mem::replace(&mut logged, written) {
            watchers.give_passing(LOG);
        }
        if due(&mut ticked, TICK_EVERY) {
            // Grants end by the clock as well.
            watchers.check_rights(|user| rights(&app.access, user));
            watchers.give_passing(TICK);
        }
        if due(&mut beaten, HEARTBEAT_EVERY) {
            watchers.tell(&frame::HEARTBEAT);
        }
        if due(&mut checked, SESSIONS_EVERY) {
            expire(&app, &watchers).await;
        }
    }
}

fn due(last: &mut Instant, every: Duration) -> bool {
    let due = last.elapsed() >= every;
    if due {
        *last = Instant::now();
    }
    due
}

/// What somebody may do everywhere, now; `None` for the blocked.
fn rights(access: &Access, user: UserId) -> Option<Arc<KeySet>> {
    let snapshot = access.snapshot();
    match snapshot.user(user) {
        Some(known) if known.blocked.is_some() => None,
        Some(known) => Some(snapshot.keys(known, None, Micros::now())),
        None => Some(Arc::default()),
    }
}

async fn expire(app: &App, watchers: &Watchers) {
    for session in watchers.sessions_of(None) {
        match app.accounts.holds(&session).await {
            Ok(true) => {}
            Ok(false) => watchers.end_session(&session),
            Err(error) => {
                tracing::warn!(%error, "sessions of streams cannot be looked at");
                return;
            }
        }
    }
}
