//! What nobody handles: an unknown command, a stale button, small talk.

use std::sync::Arc;

use super::{FlowError, Incoming, Route, deliver};
use crate::access::Actor;
use crate::app::App;
use crate::commands;

/// Says what would have worked; stays quiet where nobody asked.
pub(super) async fn answer(
    app: App,
    incoming: Arc<Incoming>,
    actor: Arc<Actor>,
    route: Arc<Route>,
) -> Result<(), FlowError> {
    let text = match &*route {
        Route::UnknownCommand { name } => {
            let chat = incoming.place.as_ref().map(|place| place.chat);
            commands::suggest(&app, &actor, chat, name)
        }
        Route::UnknownButton => app.texts.get(&actor.language, "button-unknown", &[]),
        Route::Talk => app.texts.get(&actor.language, "talk-hint", &[]),
        _ => return Ok(()),
    };
    deliver::say(&app, &incoming, &text).await
}
