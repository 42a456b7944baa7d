//! `POST inline`, `POST choices`: somebody asks the bot from any chat, and takes a result.

use std::time::Duration;

use serde_json::json;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::types::{ChatKind, ChosenInlineResult, InlineQuery, Update};
use crate::world::signals;

/// How long the person looks at an empty list.
const PATIENCE: Duration = Duration::from_secs(10);

/// `{from, chat, query?, offset?, wait?, bot?}`: the bot gets `inline_query`. Answers what it
/// offers, `{"inline_query_id", "results":[…], "next_offset", "button"?, …}`; 504 if there is no
/// answer within `wait` (10,000 ms), and at once `{"inline_query_id"}` with `wait: 0`.
pub(crate) async fn ask(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["from", "chat", "query", "offset", "wait", "bot"])?;
    let wait = fields::wait(&params, PATIENCE)?;
    let id = {
        let mut state = fields::world(&context, &params)?;
        if !state.bot.inline {
            return Err(ControlError::bad("the bot does not take inline queries"));
        }
        let from = fields::person(&state, &params, "from")?;
        let chat = fields::chat(&state, &params)?;
        let kind = state
            .chats
            .get(&chat)
            .map(|chat| (chat.head.kind, chat.has(from.id)));
        let chat_type = match kind {
            Some((_, false)) | None => {
                return Err(ControlError::bad("`from` is not in `chat`"));
            }
            Some((ChatKind::Private, _)) => "sender",
            Some((kind, _)) => kind.word(),
        };
        let query = params.owned("query").unwrap_or_default();
        let now = state.clock.instant();
        let bot = state.bot.me.id;
        let id = state
            .inline
            .ask(bot, from.id, chat, query.clone(), false, now);
        state.tell_bot(Update::InlineQuery(InlineQuery {
            id: id.clone(),
            from,
            query,
            offset: params.owned("offset").unwrap_or_default(),
            chat_type,
        }));
        id
    };
    if wait.is_zero() {
        return shown(&json!({"inline_query_id": id}));
    }
    let signals = context.world.signals.clone();
    let answer = signals::until(&signals.answers, wait, || {
        let state = context.world.lock();
        let offer = state.inline.asked(&id)?.offer.clone()?;
        Some(offer.shown)
    });
    let answer = tokio::select! {
        answer = answer => answer,
        () = context.closing.cancelled() => None,
    };
    match answer {
        Some(mut answer) => {
            answer["inline_query_id"] = json!(id);
            shown(&answer)
        }
        None => {
            let reason = format!("the bot did not answer within {} ms", wait.as_millis());
            Err(ControlError::new(504, reason))
        }
    }
}

/// `{inline_query_id, result_id}`: the message is posted as the person's, by way of the bot, which
/// gets `chosen_inline_result`. Answers the `Message`.
pub(crate) async fn choose(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["inline_query_id", "result_id"])?;
    let id = fields::text(&params, "inline_query_id")?;
    let result_id = fields::text(&params, "result_id")?;
    let bot = {
        let state = context.world.lock();
        let asked = state.inline.asked(&id);
        let asked = asked.ok_or_else(|| ControlError::bad("`inline_query_id` is unknown"))?;
        asked.bot
    };
    let missing = || ControlError::bad("`inline_query_id`: there is no such bot");
    let mut state = context.world.lock_as(bot).ok_or_else(missing)?;
    let asked = state.inline.asked(&id).cloned().ok_or_else(missing)?;
    let offer = asked.offer.as_ref();
    let offer = offer.ok_or_else(|| ControlError::bad("the bot has not answered the query yet"))?;
    let place = offer
        .results
        .iter()
        .position(|result| result.id == result_id);
    let place = place.ok_or_else(|| {
        let known: Vec<_> = offer
            .results
            .iter()
            .map(|result| result.id.as_str())
            .collect();
        ControlError::bad(format!(
            "`result_id`: there is no such result; there are: {}",
            known.join(" | ")
        ))
    })?;
    let sent = state.choose_result(&id, place)?;
    let from = state.user(asked.from);
    let from = from.ok_or_else(|| ControlError::bad("whoever asked is gone"))?;
    state.tell_bot(Update::ChosenInlineResult(ChosenInlineResult {
        result_id: sent.result_id,
        from,
        inline_message_id: sent.inline_message_id,
        query: asked.query,
    }));
    shown(&sent.message)
}
