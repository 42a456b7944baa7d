//! `answerCallbackQuery`, <https://core.telegram.org/bots/api#answercallbackquery>.

use super::{Answer, Outcome};
use crate::error::ApiError;
use crate::params::Params;
use crate::text::units;
use crate::world::State;
use crate::world::queries::Shown;

/// Most code units of the text shown.
const MOST: usize = 200;

pub(crate) fn run(state: &mut State, params: &Params) -> Outcome {
    let text = params.owned("text").filter(|text| !text.is_empty());
    if text.as_deref().is_some_and(|text| units(text) > MOST) {
        return Err(ApiError::bad_request("MESSAGE_TOO_LONG"));
    }
    let shown = Shown {
        text,
        show_alert: params.flag("show_alert"),
        url: params.owned("url").filter(|url| !url.is_empty()),
    };
    let id = params.text("callback_query_id").unwrap_or_default();
    let (bot, now) = (state.bot.me.id, state.clock.instant());
    if !state.queries.answer(bot, &id, shown, now) {
        let reason = "query is too old and response timeout expired or query ID is invalid";
        return Err(ApiError::bad_request(reason));
    }
    state.signals.answers.notify_waiters();
    Ok(Answer::TRUE)
}
