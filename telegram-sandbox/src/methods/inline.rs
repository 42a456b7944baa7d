//! `answerInlineQuery`, `answerWebAppQuery`,
//! <https://core.telegram.org/bots/api#answerinlinequery>.

use serde_json::{Value, json};

use super::inline_results;
use super::json::Fields;
use super::{Answer, Outcome};
use crate::error::ApiError;
use crate::params::Params;
use crate::world::State;
use crate::world::inline::Offer;

const MOST_RESULTS: usize = 50;
const TOO_OLD: &str = "query is too old and response timeout expired or query ID is invalid";

pub(crate) fn answer_query(state: &mut State, params: &Params) -> Outcome {
    let button = button(params)?;
    let unreadable = |reason: serde_json::Error| {
        ApiError::bad_request(format!(
            "can't parse JSON encoded inline query results: {reason}"
        ))
    };
    let given: Option<Value> = params.object("results").map_err(unreadable)?;
    let items = match &given {
        None => &Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => {
            let reason = "expected an Array of inline query results";
            return Err(ApiError::bad_request(reason));
        }
    };
    if items.len() > MOST_RESULTS {
        let reason = "too many inline query results specified";
        return Err(ApiError::bad_request(reason));
    }
    let mut results = Vec::with_capacity(items.len());
    for item in items {
        results.push(inline_results::read(state, item)?);
    }
    let mut ids: Vec<&str> = results.iter().map(|result| result.id.as_str()).collect();
    ids.sort_unstable();
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(ApiError::bad_request("RESULT_ID_DUPLICATE"));
    }
    let next_offset = params.text("next_offset").unwrap_or_default();
    if next_offset.len() > 64 {
        return Err(ApiError::bad_request("NEXT_OFFSET_INVALID"));
    }
    let mut shown = json!({
        "results": items,
        "cache_time": params.integer("cache_time").unwrap_or(300).clamp(0, 86_400),
        "is_personal": params.flag("is_personal"),
        "next_offset": next_offset,
    });
    if let Some(button) = button {
        shown["button"] = button;
    }
    let offer = Offer { results, shown };
    let id = params.text("inline_query_id").unwrap_or_default();
    let now = state.clock.instant();
    let bot = state.bot.me.id;
    if !state.inline.answer(bot, &id, false, offer, now) {
        return Err(ApiError::bad_request(TOO_OLD));
    }
    state.signals.answers.notify_waiters();
    Ok(Answer::TRUE)
}

/// `InlineQueryResultsButton`, <https://core.telegram.org/bots/api#inlinequeryresultsbutton>.
fn button(params: &Params) -> Result<Option<Value>, ApiError> {
    let unreadable =
        || ApiError::bad_request("can't parse inline query results button JSON object");
    let value: Option<Value> = params.object("button").map_err(|_| unreadable())?;
    let Some(value) = value else {
        return Ok(None);
    };
    let refused = |fault: String| {
        ApiError::bad_request(format!("can't parse inline query results button: {fault}"))
    };
    let fields = Fields::of(&value)
        .ok_or_else(|| refused("InlineQueryResultsButton must be an Object".to_owned()))?;
    fields.required_text("text").map_err(refused)?;
    if let Some(app) = fields.object("web_app").map_err(refused)? {
        app.required_text("url").map_err(refused)?;
    } else if fields.has("start_parameter") {
        let parameter = fields.any_text("start_parameter").map_err(refused)?;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if !(1..=64).contains(&parameter.len()) || !parameter.chars().all(fits) {
            return Err(ApiError::bad_request("START_PARAM_INVALID"));
        }
    } else {
        let reason = "InlineQueryResultsButton must have exactly one optional field";
        return Err(refused(reason.to_owned()));
    }
    Ok(Some(value))
}

/// The message goes where the Mini App was opened, from the person. Answers `SentWebAppMessage`.
pub(crate) fn answer_web_app(state: &mut State, params: &Params) -> Outcome {
    let unreadable = |reason: serde_json::Error| {
        ApiError::bad_request(format!(
            "can't parse JSON encoded web view query results {reason}"
        ))
    };
    let given: Option<Value> = params.object("result").map_err(unreadable)?;
    let given = given.ok_or_else(|| ApiError::bad_request("result isn't specified"))?;
    let result = inline_results::read(state, &given)?;
    let id = params.owned("web_app_query_id").unwrap_or_default();
    let now = state.clock.instant();
    let bot = state.bot.me.id;
    let offer = Offer {
        results: vec![result],
        shown: json!({"results": [given]}),
    };
    if !state.inline.answer(bot, &id, true, offer, now) {
        return Err(ApiError::bad_request(TOO_OLD));
    }
    let sent = state.choose_result(&id, 0)?;
    state.signals.answers.notify_waiters();
    let mut answer = json!({});
    if let Some(id) = sent.inline_message_id {
        answer["inline_message_id"] = json!(id);
    }
    Ok(Answer::Json(answer))
}
