//! The room after authorise: is it too much?

use std::sync::Arc;

use vahta_rows::Micros;
use vahta_texts::Arg;

use super::{FlowError, Incoming, Route, deliver};
use crate::access::Actor;
use crate::app::App;
use crate::limits::{Over, Scope};

/// An update this old was not sent just now.
const LATE_US: i64 = 30_000_000;

/// Counts what is addressed to the bot; ordinary talk in groups is no request and counts nothing.
pub fn over(
    app: App,
    incoming: Arc<Incoming>,
    actor: Arc<Actor>,
    route: Arc<Route>,
) -> Option<Arc<Over>> {
    // What waited while the bot was away, or runs again, came at a pace that nobody measured.
    let sent_at = incoming.sent_at().unwrap_or(incoming.received_at);
    let is_late = Micros::now().0 - sent_at.0 > LATE_US || incoming.attempts > 0;
    if !route.is_addressed() || incoming.sender.is_none() || is_late {
        return None;
    }
    let group = incoming
        .place
        .as_ref()
        .filter(|place| !place.is_private())
        .map(|place| place.chat);
    let command = match &*route {
        Route::Command { name, .. } => Some(name.as_str()),
        Route::PluginCommand { route, .. } => Some(route.spec.name.as_str()),
        _ => None,
    };
    app.limits
        .check(actor.telegram_id, group, command)
        .err()
        .map(Arc::new)
}

/// One notice a window, then silence.
pub async fn tell_once(
    app: App,
    incoming: Arc<Incoming>,
    actor: Arc<Actor>,
    over: Arc<Over>,
) -> Result<(), FlowError> {
    tracing::debug!(update = %incoming.id, scope = %over.scope, "dropped: over the limit");
    if !over.tell {
        return Ok(());
    }
    let seconds = over.wait.as_secs() + 1;
    let id = match over.scope {
        Scope::User => "limit-user",
        Scope::Chat => "limit-chat",
        Scope::Command(_) => "limit-command",
    };
    let text = app
        .texts
        .get(&actor.language, id, &[("seconds", Arg::from(seconds))]);
    deliver::say(&app, &incoming, &text).await
}
