//! Where the bot is welcome: a chat that sends something can be written to again.

use teloxide::types::UpdateKind;
use vahta_rows::DbError;

use super::Incoming;
use crate::app::App;

/// Comes before the rooms. Memory only, as long as the chat was never closed.
pub(super) async fn follow(app: &App, incoming: &Incoming) -> Result<(), DbError> {
    let Some(place) = &incoming.place else {
        return Ok(());
    };
    let closed = app.outbound.closed();
    if let UpdateKind::MyChatMember(change) = &incoming.update.kind
        && !change.new_chat_member.is_present()
    {
        tracing::info!(update = %incoming.id, chat = %place.chat, "the bot is out of a chat");
        return closed
            .close(place.chat, "the bot was blocked or removed")
            .await;
    }
    closed.reopen(place.chat).await
}
