//! `POST clicks`: somebody presses an inline button.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::types::{Button, CallbackQuery, Message, Update};
use crate::world::signals;
use crate::world::{State, queries::Shown};

/// How long the person looks at the clock on the button.
const PATIENCE: Duration = Duration::from_secs(10);

/// `{from, chat, message_id, data? | text?, force?, wait?, twice?, bot?}`: by data or by caption. Answers what
/// the bot's answer shows, `{"text"?, "show_alert", "url"?}`; 504 if there is none within `wait`
/// (10,000 ms); `wait: 0` only presses and answers `{"callback_query_id"}`. With `force: true`
/// the data need not be on the keyboard (a forged press). With `twice: true` the bot gets the press
/// in two updates, as after a client's lost connection. A link button answers its `url` at once.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(
        &params,
        &[
            "from",
            "chat",
            "message_id",
            "data",
            "text",
            "force",
            "wait",
            "twice",
            "bot",
        ],
    )?;
    let wait = fields::wait(&params, PATIENCE)?;
    let pressed = press(&mut *fields::world(&context, &params)?, &params)?;
    let id = match pressed {
        Pressed::Link(url) => {
            return shown(&Shown {
                url: Some(url),
                ..Shown::default()
            });
        }
        Pressed::Query(id) => id,
    };
    if wait.is_zero() {
        return shown(&json!({"callback_query_id": id}));
    }
    let signals = context.world.signals.clone();
    let answer = signals::until(&signals.answers, wait, || {
        context.world.lock().queries.shown(&id)
    });
    let answer = tokio::select! {
        answer = answer => answer,
        () = context.closing.cancelled() => None,
    };
    match answer {
        Some(answer) => shown(&answer),
        None => {
            let reason = format!("the bot did not answer within {} ms", wait.as_millis());
            Err(ControlError::new(504, reason))
        }
    }
}

enum Pressed {
    Link(String),
    /// The id of the callback query that the bot got.
    Query(String),
}

fn press(state: &mut State, params: &Params) -> Result<Pressed, ControlError> {
    let from = fields::person(state, params, "from")?;
    let chat = fields::chat(state, params)?;
    let id = fields::id(params, "message_id")?;
    let present = state.chats.get(&chat).is_some_and(|chat| chat.has(from.id));
    if !present {
        return Err(ControlError::bad("`from` is not in `chat`"));
    }
    let message = state.message(chat, id).cloned().ok_or_else(|| {
        ControlError::bad(format!(
            "`message_id`: there is no message {id} in this chat"
        ))
    })?;
    let forged = params.flag("force");
    let data = match (find(&message, params), params.owned("data")) {
        (Some(button), _) => match (&button.callback_data, &button.url) {
            (Some(data), _) => data.clone(),
            (None, Some(url)) => return Ok(Pressed::Link(url.clone())),
            (None, None) => {
                return Err(ControlError::bad("this button does not call the bot"));
            }
        },
        (None, Some(data)) if forged => data,
        (None, None) if !params.has("text") => {
            return Err(ControlError::bad("`data` or `text` must say which button"));
        }
        (None, _) if message.reply_markup.is_none() => {
            let reason = format!("`message_id`: message {id} has no buttons");
            return Err(ControlError::bad(reason));
        }
        (None, _) => {
            let buttons: Vec<_> = buttons(&message)
                .map(|button| button.text.as_str())
                .collect();
            let reason = format!(
                "`data`/`text`: message {id} has no such button; it has: {}",
                buttons.join(" | ")
            );
            return Err(ControlError::bad(reason));
        }
    };
    // The bot of the message: its author, or whose inline result it is.
    let bot = match &message.via_bot {
        Some(via) => via.id,
        None if state.is_bot(message.author) => message.author,
        None => state.bot.me.id,
    };
    let now = state.clock.instant();
    let query = state.queries.open(bot, now);
    let via = message.via_bot.as_ref();
    let inline_message_id = via.and_then(|via| state.inline.name_of(chat, id, via.id));
    let press = CallbackQuery {
        id: query.clone(),
        from,
        message: Some(message).filter(|_| inline_message_id.is_none()),
        inline_message_id,
        // The same for all presses in one chat, as at Telegram.
        chat_instance: format!("{}", chat.wrapping_mul(7_919)),
        data,
    };
    if params.flag("twice") {
        state.tell(bot, Update::CallbackQuery(press.clone()));
    }
    state.tell(bot, Update::CallbackQuery(press));
    Ok(Pressed::Query(query))
}

fn buttons(message: &Arc<Message>) -> impl Iterator<Item = &Button> {
    let keyboard = message.reply_markup.as_ref();
    keyboard.into_iter().flat_map(|keyboard| keyboard.buttons())
}

fn find<'a>(message: &'a Arc<Message>, params: &Params) -> Option<&'a Button> {
    let data = params.text("data");
    let text = params.text("text");
    buttons(message).find(|button| match (&data, &text) {
        (Some(data), _) => button.callback_data.as_deref() == Some(data),
        (None, Some(text)) => button.text == *text,
        (None, None) => false,
    })
}
