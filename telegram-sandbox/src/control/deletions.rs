//! `POST deletions`, `POST pins`: what people do to messages that are there.

use std::sync::Arc;

use serde_json::json;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::types::{ChatKind, Message, Standing, User};
use crate::world::State;

/// `{from, chat, message_id, bot?}`: one's own message, in private chats also the bot's, in groups
/// others' with the right to. Bots are not told, as at Telegram. Answers `{"ok"}`.
pub(crate) async fn delete(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["from", "chat", "message_id", "bot"])?;
    let mut state = fields::world(&context, &params)?;
    let (from, message, standing) = about(&state, &params)?;
    let own = message.author == from.id;
    let may = own
        || message.chat.kind == ChatKind::Private
        || standing.may(|rights| rights.can_delete_messages);
    if !may {
        return Err(ControlError::bad("`from` may not delete this message"));
    }
    state.delete(message.chat.id, message.message_id);
    shown(&json!({"ok": true}))
}

/// `{from, chat, message_id, pinned?, bot?}`: with `pinned: false` the pin goes. Bots hear
/// `pinned_message`. Answers `{"ok"}`.
pub(crate) async fn pin(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["from", "chat", "message_id", "pinned", "bot"])?;
    let mut state = fields::world(&context, &params)?;
    let (from, message, standing) = about(&state, &params)?;
    let chat = state.chats.get(&message.chat.id);
    let everybody = chat.is_some_and(|chat| chat.permissions.can_pin_messages);
    let may = match (message.chat.kind, &standing) {
        (ChatKind::Private, _) => true,
        (ChatKind::Channel, standing) => standing.may(|rights| rights.can_edit_messages),
        (_, Standing::Restricted { permissions, .. }) => permissions.can_pin_messages && everybody,
        (_, standing) => standing.may(|rights| rights.can_pin_messages) || everybody,
    };
    if !may {
        return Err(ControlError::bad("`from` may not pin messages here"));
    }
    if message.is_service() {
        return Err(ControlError::bad(
            "`message_id`: a service message cannot be pinned",
        ));
    }
    if params.has("pinned") && !params.flag("pinned") {
        if let Some(chat) = state.chats.get_mut(&message.chat.id) {
            chat.pinned.retain(|pinned| *pinned != message.message_id);
        }
        state.signals.changes.notify_waiters();
    } else {
        state.pin(&message, from)?;
    }
    shown(&json!({"ok": true}))
}

/// Who, about which message, and where they stand there.
fn about(
    state: &State,
    params: &Params,
) -> Result<(Arc<User>, Arc<Message>, Standing), ControlError> {
    let from = fields::person(state, params, "from")?;
    let id = fields::chat(state, params)?;
    let chat = state.chats.get(&id);
    let Some(chat) = chat.filter(|chat| chat.has(from.id)) else {
        return Err(ControlError::bad("`from` is not in `chat`"));
    };
    let message_id = fields::id(params, "message_id")?;
    let message = chat.history.get(message_id).cloned().ok_or_else(|| {
        let reason = format!("`message_id`: there is no message {message_id} in this chat");
        ControlError::bad(reason)
    })?;
    Ok((from.clone(), message, chat.standing(from.id)))
}
