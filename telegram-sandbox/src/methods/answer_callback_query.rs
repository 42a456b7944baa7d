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
    let url = params.owned("url").filter(|url| !url.is_empty());
    if url
        .as_deref()
        .is_some_and(|url| !opens_bot(url, state.bot.username()))
    {
        return Err(ApiError::bad_request("URL_INVALID"));
    }
    let shown = Shown {
        text,
        show_alert: params.flag("show_alert"),
        url,
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

/// Without games a press may only open the bot itself, with a parameter for its start.
fn opens_bot(url: &str, username: &str) -> bool {
    let bare = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .unwrap_or(url);
    let (name, start) = if let Some(rest) = bare.strip_prefix("tg://resolve?domain=") {
        rest.split_once('&').unwrap_or((rest, ""))
    } else if let Some(rest) = ["t.me/", "telegram.me/", "telegram.dog/"]
        .iter()
        .find_map(|host| bare.strip_prefix(host))
    {
        rest.split_once('?').unwrap_or((rest, ""))
    } else {
        return false;
    };
    name.eq_ignore_ascii_case(username) && start.starts_with("start=")
}
