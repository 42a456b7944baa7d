//! What is written down of a call: a row in `api_logs`, and of a message one in `message_logs`.

use std::time::{Duration, Instant};

use serde::Deserialize;
use vahta_rows::Micros;

use super::pace::is_counted;
use super::scheduler::Job;
use super::{Answer, CallError, Payload, message_id};
use crate::storage::journal::{ApiLog, MessageLog};

pub(super) fn call(job: &Job, started: Instant, result: &Result<Answer, CallError>) -> ApiLog {
    let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
    ApiLog {
        method: job.call.method.to_string(),
        chat_id: job.call.chat.map(|chat| chat.0),
        plugin: job.call.origin.to_string(),
        lane: job.call.lane as i16,
        status: result.as_ref().map_or_else(CallError::status, |_| 200),
        error: result.as_ref().err().map(ToString::to_string),
        attempt: job.attempt,
        waited_us: micros(started.duration_since(job.queued)),
        elapsed_us: micros(started.elapsed()),
        at: Micros::now(),
    }
}

#[derive(Deserialize)]
struct Texts {
    text: Option<String>,
    caption: Option<String>,
}

/// A message that was put or changed in a chat; a secret one is logged without its text.
pub(super) fn message(job: &Job, answer: &Answer) -> Option<MessageLog> {
    let chat = job.call.chat.filter(|_| is_counted(&job.call.method))?;
    let text = if job.call.secret {
        Some("***".to_string())
    } else {
        text(&job.call.payload)
    };
    Some(MessageLog {
        outgoing: true,
        chat_id: chat.0,
        telegram_id: None,
        message_id: message_id(answer),
        update_id: None,
        kind: job.call.method.to_string(),
        text,
        meta: Some(format!("{{\"by\":\"{}\"}}", job.call.origin)),
        at: Micros::now(),
    })
}

fn text(payload: &Payload) -> Option<String> {
    match payload {
        Payload::Raw(bytes) => {
            let texts: Texts = serde_json::from_slice(bytes).ok()?;
            texts.text.or(texts.caption)
        }
        Payload::Json(value) => {
            let field = |name| {
                value
                    .get(name)
                    .and_then(serde_json::Value::as_str)
                    .map(str::to_string)
            };
            field("text").or_else(|| field("caption"))
        }
    }
}
