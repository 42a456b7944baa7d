//! "It is me": an anonymous admin's command runs as the person who pressed the button.
//!
//! Anonymous admins all write under one id, so what they write proves nothing; a press carries the
//! person's own. The command is taken from the message that the button's message replies to.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use serde_json::{Value, json};
use teloxide::types::Update;
use vahta_texts::Arg;

use super::{Cx, show};
use crate::flow::authorise::ANONYMOUS_ADMIN;
use crate::flow::{self, FlowError, Incoming};

pub(super) async fn press(cx: Cx) -> Result<(), FlowError> {
    let Some(raw) = as_presser(&cx.incoming.raw) else {
        return cx.stale().await;
    };
    // Parsed from text, never from a `Value`: teloxide's types need it so.
    let Ok(update) = serde_json::from_slice::<Update>(&raw) else {
        return cx.stale().await;
    };
    cx.answer("").await?;
    let name = show::person_link(&cx.actor.name, cx.actor.telegram_id);
    cx.edit(&cx.t("proved", &[("name", Arg::from(name))]), Vec::new())
        .await?;
    let (at, attempts) = (cx.incoming.received_at, cx.incoming.attempts);
    let command = Incoming::new(raw, update, at, Instant::now(), attempts);
    flow::handler(cx.app.clone())(Arc::new(command)).await
}

/// The anonymous message of a press, as an update that the presser sent.
fn as_presser(raw: &[u8]) -> Option<Bytes> {
    let press: Value = serde_json::from_slice(raw).ok()?;
    let query = press.get("callback_query")?;
    let shown = query.get("message")?;
    let mut message = shown.get("reply_to_message")?.clone();
    if message.pointer("/from/id")?.as_i64()? != ANONYMOUS_ADMIN {
        return None;
    }
    // A reply can point into another chat; this one must not.
    if message.pointer("/chat/id")? != shown.pointer("/chat/id")? {
        return None;
    }
    message["from"] = query.get("from")?.clone();
    message.as_object_mut()?.remove("sender_chat");
    let update = json!({ "update_id": press.get("update_id")?, "message": message });
    serde_json::to_vec(&update).ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn press(author: i64, chat: i64) -> Vec<u8> {
        let update = json!({
            "update_id": 7,
            "callback_query": {
                "id": "1", "from": { "id": 1001, "is_bot": false, "first_name": "Ada" },
                "message": {
                    "message_id": 3, "chat": { "id": -1001 },
                    "reply_to_message": {
                        "message_id": 2, "chat": { "id": chat }, "from": { "id": author },
                        "sender_chat": { "id": -1001 }, "text": "/whoami",
                    },
                },
            },
        });
        serde_json::to_vec(&update).unwrap()
    }

    #[test]
    fn the_command_of_an_anonymous_admin_becomes_the_pressers() {
        let update: Value =
            serde_json::from_slice(&as_presser(&press(ANONYMOUS_ADMIN, -1001)).unwrap()).unwrap();
        assert_eq!(update["update_id"], 7);
        assert_eq!(update["message"]["from"]["id"], 1001);
        assert_eq!(update["message"]["text"], "/whoami");
        assert!(update["message"].get("sender_chat").is_none());
    }

    #[test]
    fn nobody_can_run_a_named_persons_message_or_one_of_another_chat() {
        assert!(as_presser(&press(1002, -1001)).is_none());
        assert!(as_presser(&press(ANONYMOUS_ADMIN, -2002)).is_none());
        assert!(as_presser(b"{}").is_none());
    }
}
