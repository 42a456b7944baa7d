//! Delivering updates to the bot's webhook.

use crate::server::Context;

pub(crate) async fn deliver(context: Context) {
    context.closing.cancelled().await;
}
