//! `sendPoll`, `stopPoll`, <https://core.telegram.org/bots/api#sendpoll>.

use serde_json::{Value, json};

use super::input::Sending;
use super::json::Fields;
use super::{Answer, Outcome, input, keyboard};
use crate::error::ApiError;
use crate::params::Params;
use crate::text::format::{Formatted, format};
use crate::types::{ChatKind, Content, Poll, PollKind, PollOption};
use crate::world::State;
use crate::world::agenda::Due;
use crate::world::messages::Draft;

const MOST_QUESTION: usize = 300;
const MOST_OPTION: usize = 100;
const MOST_OPTIONS: usize = 12;
/// Seconds that a poll may be open by itself.
const LONGEST: i64 = 600;

pub(crate) fn send(state: &mut State, params: &Params) -> Outcome {
    let (question, question_entities) = text(params, "question")?;
    let options = options(params)?;
    let kind = match params.text("type").as_deref() {
        Some("quiz") => PollKind::Quiz,
        None | Some("" | "regular") => PollKind::Regular,
        Some(_) => return Err(ApiError::bad_request("unsupported poll type specified")),
    };
    let (explanation, explanation_entities) = match kind {
        PollKind::Quiz => text(params, "explanation")?,
        PollKind::Regular => Formatted::default(),
    };
    let sending = Sending::read(params)?;
    let chat = input::target(state, params)?;
    input::may_send(state, chat, "polls", |may| may.can_send_polls)?;
    let is_anonymous = !params.has("is_anonymous") || params.flag("is_anonymous");
    let in_channel = state
        .chats
        .get(&chat)
        .is_some_and(|chat| chat.head.kind == ChatKind::Channel);
    if in_channel && !is_anonymous {
        let reason = "non-anonymous polls can't be sent to channel chats";
        return Err(ApiError::bad_request(reason));
    }
    check(&question, &options)?;
    let correct = params.integer("correct_option_id");
    let correct = correct.and_then(|id| usize::try_from(id).ok());
    if kind == PollKind::Quiz && correct.is_none_or(|id| id >= options.len()) {
        let reason = "wrong correct option ID specified";
        return Err(ApiError::bad_request(reason));
    }
    let open_period = input::integer(params, "open_period", 0, 0, LONGEST);
    let close_date = params.integer("close_date").filter(|date| *date > 0);
    let poll = Poll {
        id: (6_000_000_000_000_000_000_u64 + state.serial()).to_string(),
        question,
        question_entities,
        options,
        total_voter_count: 0,
        is_closed: params.flag("is_closed"),
        is_anonymous,
        kind,
        allows_multiple_answers: kind == PollKind::Regular
            && params.flag("allows_multiple_answers"),
        correct_option_id: correct.filter(|_| kind == PollKind::Quiz),
        explanation: Some(explanation).filter(|text| !text.is_empty()),
        explanation_entities,
        open_period: Some(open_period).filter(|period| *period > 0),
        close_date: close_date.filter(|_| open_period == 0),
        votes: Default::default(),
    };
    let closes = match (poll.open_period, poll.close_date) {
        (Some(period), _) => Some(state.now() + period),
        (None, date) => date,
    };
    let mut draft = Draft::from(Content::Poll {
        poll: Box::new(poll),
    });
    sending.complete(state, chat, &mut draft)?;
    let message = input::post(state, chat, draft)?;
    if let Some(date) = closes {
        let due = Due::ClosePoll {
            bot: state.bot.me.id,
            chat,
            message: message.message_id,
        };
        state.plan(date.saturating_mul(1000), due);
    }
    Ok(Answer::Message(message))
}

/// A text with `<field>_parse_mode` or `<field>_entities`.
fn text(params: &Params, field: &str) -> Result<Formatted, ApiError> {
    let given = params.text(field).unwrap_or_default();
    let mode = params.owned(&format!("{field}_parse_mode"));
    let entities: Option<Value> = params.object(&format!("{field}_entities")).ok().flatten();
    format(&given, &mode.unwrap_or_default(), entities.as_ref())
}

/// Options as strings, or as `InputPollOption`.
fn options(params: &Params) -> Result<Vec<PollOption>, ApiError> {
    let unreadable = || ApiError::bad_request("can't parse options JSON object");
    let value: Option<Value> = params.object("options").map_err(|_| unreadable())?;
    let value = value.ok_or_else(unreadable)?;
    let items = value
        .as_array()
        .ok_or_else(|| ApiError::bad_request("expected an Array of String as options"))?;
    let mut options = Vec::with_capacity(items.len());
    for item in items {
        let (text, text_entities) = match item {
            Value::String(text) => format(text, "", None)?,
            Value::Object(_) => {
                let read = |fields: Fields<'_>| {
                    let text = fields.required_text("text")?;
                    Ok::<_, String>((text, fields.any_text("text_parse_mode")?))
                };
                let fields = Fields::of(item).ok_or_else(unreadable)?;
                let (text, mode) = read(fields).map_err(ApiError::bad_request)?;
                format(&text, &mode, fields.get("text_entities"))?
            }
            _ => {
                let reason = "expected an option to be of type String";
                return Err(ApiError::bad_request(reason));
            }
        };
        options.push(PollOption {
            text,
            text_entities,
            voter_count: 0,
        });
    }
    Ok(options)
}

fn check(question: &str, options: &[PollOption]) -> Result<(), ApiError> {
    let refused = |reason: String| Err(ApiError::bad_request(reason));
    if question.is_empty() {
        return refused("poll question must be non-empty".to_owned());
    }
    if question.chars().count() > MOST_QUESTION {
        return refused(format!(
            "poll question length must not exceed {MOST_QUESTION}"
        ));
    }
    if options.len() <= 1 {
        return refused("poll must have at least 2 option".to_owned());
    }
    if options.len() > MOST_OPTIONS {
        return refused(format!("poll can't have more than {MOST_OPTIONS} options"));
    }
    for option in options {
        if option.text.is_empty() {
            return refused("poll options must be non-empty".to_owned());
        }
        if option.text.chars().count() > MOST_OPTION {
            return refused(format!("poll options length must not exceed {MOST_OPTION}"));
        }
    }
    Ok(())
}

/// Answers the closed `Poll`.
pub(crate) fn stop(state: &mut State, params: &Params) -> Outcome {
    let keyboard = keyboard::markup(params)?.inline()?;
    let message = input::message(state, params, "message with poll to stop not found")?;
    let is_poll = matches!(message.content, Content::Poll { .. });
    if !is_poll {
        return Err(ApiError::bad_request("message is not a poll"));
    }
    if message.author != state.bot.me.id || message.fixed || message.forward_origin.is_some() {
        return Err(ApiError::bad_request("poll can't be stopped"));
    }
    let poll = state
        .close_poll(message.chat.id, message.message_id)
        .ok_or_else(|| ApiError::bad_request("poll has already been closed"))?;
    if let Some(closed) = state.message(message.chat.id, message.message_id) {
        let mut closed = crate::types::Message::clone(closed);
        closed.reply_markup = keyboard;
        state.replace(closed);
    }
    Ok(Answer::Json(json!(poll)))
}
