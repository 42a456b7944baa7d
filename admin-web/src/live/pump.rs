//! From the events table to the watchers, in commit order.

use std::sync::Arc;
use std::time::Duration;

use bot_core::accounts::sessions::ENDED;
use bot_core::app::App;
use bot_core::events::{Cursor, Recorded};
use vahta_rows::{DbError, UserId};

use super::frame;
use super::watchers::Watchers;

/// Other processes write events too, and nobody tells this one.
const POLL: Duration = Duration::from_millis(200);
/// While nobody watches: only the position moves on.
const IDLE: Duration = Duration::from_secs(2);
/// Rows a read.
const BATCH: i64 = 500;

pub(super) async fn run(app: App, watchers: Arc<Watchers>) {
    let mut position = loop {
        match app.events.end().await {
            Ok(end) => break end,
            Err(error) => tracing::warn!(%error, "events cannot be read"),
        }
        tokio::time::sleep(IDLE).await;
    };
    watchers.begin_at(position);
    let (mut woken, mut ends) = (app.events.subscribe(), app.accounts.ends());
    let (mut count, mut away) = (watchers.count(), false);
    while !watchers.is_closed() {
        if let Err(error) = round(&app, &watchers, &mut position).await {
            tracing::warn!(%error, "events cannot be read; streams wait");
            // Pages say that they show what was, until it is over.
            if !std::mem::replace(&mut away, true) {
                watchers.tell(&frame::AWAY);
            }
            tokio::time::sleep(IDLE).await;
            continue;
        }
        if std::mem::take(&mut away) {
            watchers.tell(&frame::BACK);
        }
        let pause = if *count.borrow_and_update() > 0 {
            POLL
        } else {
            IDLE
        };
        tokio::select! {
            // The senders live as long as the bot.
            _ = woken.changed() => {}
            _ = ends.changed() => {}
            _ = count.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn round(app: &App, watchers: &Watchers, position: &mut Cursor) -> Result<(), DbError> {
    loop {
        let events = app.events.after(*position, BATCH).await?;
        for event in &events {
            watchers.give(event);
            *position = event.cursor;
            if event.topic == ENDED {
                end_sessions(app, watchers, event).await?;
            }
        }
        if (events.len() as i64) < BATCH {
            return Ok(());
        }
    }
}

/// One of somebody's sessions has ended; the event does not say which.
async fn end_sessions(app: &App, watchers: &Watchers, event: &Recorded) -> Result<(), DbError> {
    let user = event
        .object
        .strip_prefix("user:")
        .and_then(|id| id.parse().ok());
    for session in watchers.sessions_of(user.map(UserId)) {
        if !app.accounts.holds(&session).await? {
            watchers.end_session(&session);
        }
    }
    Ok(())
}
