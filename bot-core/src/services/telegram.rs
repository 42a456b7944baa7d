//! `telegram.<Method>`: a plugin's call to the Bot API, through the scheduler.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;
use vahta_rows::ChatId;
use vahta_rows::outbox::Lane;

use crate::outbound::{Call, CallError as Fault, Outbound, Payload};
use crate::plugin_host::{CallError, Caller};

/// The one field that the scheduler has to know; a channel's `@name` has no order to keep.
#[derive(Deserialize)]
struct Target {
    chat_id: Option<ChatRef>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ChatRef {
    Id(i64),
    #[allow(dead_code, reason = "a name is accepted, and Telegram resolves it")]
    Name(String),
}

pub(super) async fn call(
    outbound: &Outbound,
    caller: &Caller,
    method: &str,
    body: Bytes,
) -> Result<Bytes, CallError> {
    let target: Target = serde_json::from_slice(&body).map_err(|error| {
        CallError::new("bad_request", format!("the payload of {method}: {error}"))
    })?;
    let chat = match target.chat_id {
        Some(ChatRef::Id(id)) => Some(ChatId(id)),
        _ => None,
    };
    let in_reply = caller
        .envelope
        .as_ref()
        .is_some_and(|envelope| envelope.update_id.is_some());
    let call = Call {
        method: Cow::Owned(method.to_string()),
        payload: Payload::Raw(body),
        chat,
        lane: if in_reply { Lane::Reply } else { Lane::Notice },
        origin: caller.plugin.clone(),
        secret: false,
    };
    match outbound.call(call).await {
        Ok(answer) => Ok(Bytes::from(Box::<str>::from(answer).into_string())),
        Err(error) => Err(fault(&error)),
    }
}

fn fault(error: &Fault) -> CallError {
    match error {
        Fault::Telegram {
            code,
            description,
            retry_after,
            migrate_to,
        } => CallError {
            code: format!("telegram:{code}"),
            message: description.clone(),
            detail: Some(json!({ "retry_after": retry_after, "migrate_to_chat_id": migrate_to })),
        },
        other => CallError::new("telegram:0", other.to_string()),
    }
}
