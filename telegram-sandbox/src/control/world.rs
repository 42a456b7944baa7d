//! `POST raw`, `POST limits`, `POST reset`, `GET stats`, `GET methods`, `GET bot`: the world as a
//! whole.

use serde_json::{Value, json};

use super::{ControlError, Outcome, fields, shown};
use crate::methods;
use crate::params::Params;
use crate::server::Context;
use crate::types::Update;

/// Injects an update as it is, for the bot that `bot` names; `update_id` is set if missing. Answers
/// `{"update_id"}`.
pub(crate) async fn raw(context: Context, params: Params) -> Outcome {
    let mut state = fields::world(&context, &params)?;
    let mut update = params.fields;
    update.remove("bot");
    let given = update.remove("update_id");
    let id = match given.as_ref() {
        None => None,
        Some(id) => match id.as_i64() {
            Some(id @ 1..=0x7fff_ffff) => Some(id),
            _ => {
                return Err(ControlError::bad(
                    "`update_id` must be a positive 31-bit number",
                ));
            }
        },
    };
    if update.is_empty() {
        return Err(ControlError::bad("the update is empty"));
    }
    let now_ms = state.clock.millis();
    let update = Update::Raw(Value::Object(update));
    let id = state.bot.queue.push(update, id, now_ms);
    state.wake_bot(state.bot.webhook.is_some());
    shown(&json!({"update_id": id}))
}

/// `{enforce}`: flood limits on or off; what was spent is forgotten.
pub(crate) async fn limits(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["enforce"])?;
    if !params.has("enforce") {
        return Err(ControlError::bad("`enforce` is missing"));
    }
    let enforce = params.flag("enforce");
    let mut state = context.world.lock();
    state.flood.enforced = enforce;
    state.flood.forget();
    shown(&json!({"ok": true, "enforce": enforce}))
}

/// An empty world; with `{"people": true}` the usual three and their group are there again.
pub(crate) async fn reset(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["people"])?;
    let mut state = context.world.lock();
    state.reset();
    if params.flag("people") {
        state.add_usual_people();
    }
    shown(&json!({"ok": true}))
}

/// Counters since the start or the last reset.
pub(crate) async fn stats(context: Context, _: Params) -> Outcome {
    let state = context.world.lock();
    let counts = &state.calls.counts;
    shown(&json!({
        "calls": counts.calls,
        "too_many_requests": counts.too_many_requests,
        "unknown_methods": counts.unknown_methods,
        "updates_delivered": state.bots().map(|bot| bot.delivered).sum::<u64>(),
        "pending_updates": state.bots().map(|bot| bot.queue.len()).sum::<usize>(),
        "flood_limits": state.flood.enforced,
        "cursor": state.cursor,
    }))
}

/// The Bot API methods that the sandbox knows.
pub(crate) async fn methods(_: Context, _: Params) -> Outcome {
    let names: Vec<_> = methods::names().collect();
    shown(&json!({"methods": names}))
}

/// Who the bot is and which commands it has set, by scope and language.
pub(crate) async fn bot(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["bot"])?;
    let state = fields::world(&context, &params)?;
    let commands: Vec<_> = state
        .bot
        .commands
        .iter()
        .map(|((scope, language), commands)| {
            json!({"scope": scope, "language_code": language, "commands": commands})
        })
        .collect();
    shown(&json!({"user": state.bot.me, "commands": commands}))
}

/// `?chat=&user=&language_code=&bot=`: the commands that a client shows somebody in a chat.
pub(crate) async fn commands(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["chat", "user", "language_code", "bot"])?;
    let state = fields::world(&context, &params)?;
    let chat = fields::chat(&state, &params)?;
    let user = fields::person(&state, &params, "user")?;
    let language = params.owned("language_code").or(user.language_code.clone());
    let language = language.unwrap_or_default();
    let found = methods::commands::shown_to(&state, chat, user.id, &language);
    shown(&json!({"commands": found.unwrap_or_else(|| json!([]))}))
}
