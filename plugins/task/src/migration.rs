//! A group became a supergroup: its tasks go with it.

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::teloxide::types::ChatMigration;
use vahta_plugin_sdk::{rows, transaction};

use crate::store::TaskRows as _;

/// Comes from the old chat and from the new one; the second time there is nothing left to move.
pub(crate) async fn follow(ctx: Ctx, message: Message) -> Result<(), Error> {
    let here = message.chat.id;
    let (from, to) = match message.chat_migration() {
        Some(ChatMigration::To { chat_id }) => (here, *chat_id),
        Some(ChatMigration::From { chat_id }) => (*chat_id, here),
        None => return Ok(()),
    };
    let (from, to) = (rows::ChatId(from.0), rows::ChatId(to.0));
    let moved = transaction!(ctx, |c, _effects| c.move_chat(from, to).await)?;
    if moved > 0 {
        tracing::info!(%from, %to, moved, "tasks went with their group");
    }
    Ok(())
}
