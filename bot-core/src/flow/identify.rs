//! The first room: who is it?

use std::sync::Arc;

use vahta_rows::{DbError, Micros};

use super::Incoming;
use crate::access::{Actor, By};
use crate::app::App;

/// The sender as the rules see them now; memory only. An update without a sender (a channel's post)
/// gets an actor who may do nothing.
pub(super) fn identify(app: App, incoming: Arc<Incoming>) -> Arc<Actor> {
    let actor = match &incoming.sender {
        Some(sender) => app
            .access
            .identify(sender, incoming.place.as_ref(), Micros::now()),
        None => Actor::nobody(),
    };
    Arc::new(actor)
}

/// Gives a sender what waits for their username, and follows their language; comes before the
/// rooms. Costs nothing while nothing has changed and nothing waits for them.
pub(super) async fn welcome(app: &App, incoming: &Incoming) -> Result<(), DbError> {
    let Some(sender) = &incoming.sender else {
        return Ok(());
    };
    app.access.follow_language(sender).await?;
    let Some(username) = &sender.username else {
        return Ok(());
    };
    let now = Micros::now();
    let snapshot = app.access.snapshot();
    let is_blocked = snapshot
        .by_telegram(sender.telegram_id)
        .is_some_and(|known| known.blocked.is_some());
    if sender.is_bot || is_blocked || !snapshot.awaits(username, now) {
        return Ok(());
    }
    let by = By {
        user: None,
        source: "telegram",
        correlation: incoming.correlation(),
        instance: app.instance,
    };
    let given = app.access.welcome(sender, &by).await?;
    tracing::info!(update = %incoming.id, given, "gave what waited for a username");
    Ok(())
}
