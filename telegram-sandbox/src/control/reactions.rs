//! `POST reactions`: somebody reacts to a message.

use serde_json::json;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;

/// `{from, chat, message_id, emoji?, bot?}`: sets the reaction; without `emoji` takes it away.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["from", "chat", "message_id", "emoji", "bot"])?;
    let mut state = fields::world(&context, &params)?;
    let from = fields::person(&state, &params, "from")?;
    let chat = fields::chat(&state, &params)?;
    let id = fields::id(&params, "message_id")?;
    if state.message(chat, id).is_none() {
        let reason = format!("`message_id`: there is no message {id} in this chat");
        return Err(ControlError::bad(reason));
    }
    let emoji = params.owned("emoji").filter(|emoji| !emoji.is_empty());
    let reactions = emoji.map(|emoji| json!({"type": "emoji", "emoji": emoji}));
    state.react(chat, id, from.id, reactions.into_iter().collect());
    shown(&json!({"ok": true}))
}
