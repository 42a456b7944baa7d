//! What is written down of an update, after it was routed: a dialog's secret never gets here.

use serde_json::json;
use teloxide::types::UpdateKind;
use vahta_rows::Micros;

use super::{Incoming, Route};
use crate::app::App;
use crate::storage::journal::{MessageLog, Seen};

/// An edit while a dialog waits for a secret is most likely that secret, mended.
fn mends_secret(app: &App, incoming: &Incoming) -> bool {
    let open = incoming.sender.as_ref().zip(incoming.place.as_ref());
    matches!(incoming.update.kind, UpdateKind::EditedMessage(_))
        && open
            .and_then(|(sender, place)| app.sessions.open(place.chat, sender.telegram_id))
            .is_some_and(|session| {
                session
                    .state
                    .get("secret")
                    .is_some_and(|secret| secret == true)
            })
}

/// Logs the message and keeps names and `last_seen` current.
pub(super) fn incoming(app: &App, incoming: &Incoming, route: &Route) {
    let at = incoming.received_at;
    if app.faces.is_news(incoming, at) {
        app.journal.seen(Seen {
            sender: incoming.sender.clone(),
            place: incoming.place.clone(),
            at,
        });
    }
    let Some(place) = &incoming.place else { return };
    let text = match (
        app.faces
            .is_secret(incoming, route.is_secret() || mends_secret(app, incoming)),
        incoming.text().or_else(|| incoming.callback_data()),
    ) {
        (true, Some(_)) => Some("***".to_string()),
        (_, text) => text.map(str::to_string),
    };
    let elapsed_us = u64::try_from(incoming.received.elapsed().as_micros()).unwrap_or(u64::MAX);
    app.journal.message(MessageLog {
        outgoing: false,
        chat_id: place.chat.0,
        telegram_id: incoming.sender.as_ref().map(|sender| sender.telegram_id),
        message_id: incoming.message_id().map(i64::from),
        update_id: Some(incoming.id.0),
        kind: incoming.kind().to_string(),
        text,
        meta: Some(json!({ "handler": route.handler(), "elapsed_us": elapsed_us, "thread": place.thread_id }).to_string()),
        at: Micros::now(),
    });
}
