//! `POST web_app_queries`, `POST web_app_data`: Mini Apps, as far as the bot notices them.

use serde_json::json;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::types::{Content, Thing};
use crate::world::messages::Draft;

/// `{from, chat, bot?}`: somebody opens a Mini App. Answers `{"query_id"}`, which `initData`
/// carries and `answerWebAppQuery` takes.
pub(crate) async fn open(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["from", "chat", "bot"])?;
    let mut state = fields::world(&context, &params)?;
    let from = fields::person(&state, &params, "from")?;
    let chat = fields::chat(&state, &params)?;
    if !state.chats.get(&chat).is_some_and(|chat| chat.has(from.id)) {
        return Err(ControlError::bad("`from` is not in `chat`"));
    }
    let id = state.open_web_app(from.id, chat);
    shown(&json!({"query_id": id}))
}

/// `{from, chat, data, button_text, bot?}`: a Mini App of a reply keyboard sends what was filled
/// in; the bot gets `web_app_data`. Answers the `Message`.
pub(crate) async fn data(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["from", "chat", "data", "button_text", "bot"])?;
    let mut state = fields::world(&context, &params)?;
    let from = fields::person(&state, &params, "from")?;
    let chat = fields::chat(&state, &params)?;
    let data = fields::text(&params, "data")?;
    if data.len() > 4096 {
        return Err(ControlError::bad("`data` is longer than 4096 bytes"));
    }
    let button_text = fields::text(&params, "button_text")?;
    let shared = json!({"data": data, "button_text": button_text});
    let draft = Draft::from(Content::Thing(Thing::WebAppData(shared)));
    let message = state.post(chat, from, draft)?;
    state.tell_of_message(&message, 0);
    shown(&message)
}
