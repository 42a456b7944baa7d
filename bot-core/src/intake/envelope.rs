//! The little that must be known of an update before it is stored: its id, kind and chat.
//!
//! This reads any JSON object with an `update_id`, also kinds that did not exist when it was
//! written: what the full parser cannot read is still stored and kept in order.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use vahta_rows::UpdateId;

/// What orders an update. Source: Bot API, `Update`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub id: UpdateId,
    pub kind: String,
    /// The chat, else the person, else 0: order is kept within this key.
    pub chat_key: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    #[error("not a JSON object with an integer update_id")]
    NoId,
}

/// The fields of an update's content that name a chat or a person; unknown ones are skipped
/// without being built.
#[derive(Deserialize)]
struct Content {
    chat: Option<Id>,
    message: Option<Message>,
    from: Option<Id>,
    user: Option<Id>,
}

#[derive(Deserialize)]
struct Message {
    chat: Option<Id>,
}

#[derive(Deserialize)]
struct Id {
    id: i64,
}

impl Envelope {
    pub fn read(raw: &[u8]) -> Result<Self, EnvelopeError> {
        let fields: std::collections::BTreeMap<&str, &RawValue> =
            serde_json::from_slice(raw).map_err(|_| EnvelopeError::NoId)?;
        let id = fields
            .get("update_id")
            .and_then(|id| serde_json::from_str::<i64>(id.get()).ok())
            .ok_or(EnvelopeError::NoId)?;
        let content = fields.into_iter().find(|(name, _)| *name != "update_id");
        let (kind, chat_key) = content.map_or(("empty", 0), |(kind, body)| (kind, key(body)));
        Ok(Self {
            id: UpdateId(id),
            kind: kind.to_string(),
            chat_key,
        })
    }
}

fn key(body: &RawValue) -> i64 {
    let content: Content = match serde_json::from_str(body.get()) {
        Ok(content) => content,
        // A shape this does not know, such as a number for a chat: look at it loosely.
        Err(_) => return loose_key(body),
    };
    let chat = content
        .chat
        .or_else(|| content.message.and_then(|m| m.chat));
    chat.or(content.from).or(content.user).map_or(0, |id| id.id)
}

fn loose_key(body: &RawValue) -> i64 {
    let Ok(value) = serde_json::from_str::<Value>(body.get()) else {
        return 0;
    };
    ["/chat/id", "/message/chat/id", "/from/id", "/user/id"]
        .iter()
        .find_map(|path| value.pointer(path).and_then(Value::as_i64))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(raw: &str) -> Envelope {
        Envelope::read(raw.as_bytes()).unwrap()
    }

    #[test]
    fn a_message_is_ordered_by_its_chat() {
        let envelope = read(
            r#"{"update_id":7,"message":{"chat":{"id":-100},"from":{"id":5},"text":"\u0041"}}"#,
        );
        assert_eq!(
            envelope,
            Envelope {
                id: UpdateId(7),
                kind: "message".into(),
                chat_key: -100
            }
        );
    }

    #[test]
    fn a_button_press_is_ordered_with_the_messages_of_its_chat() {
        let envelope = read(
            r#"{"callback_query":{"from":{"id":5},"message":{"chat":{"id":-100}}},"update_id":8}"#,
        );
        assert_eq!(
            (envelope.chat_key, envelope.kind.as_str()),
            (-100, "callback_query")
        );
    }

    #[test]
    fn an_inline_query_is_ordered_by_its_person() {
        assert_eq!(
            read(r#"{"update_id":9,"inline_query":{"from":{"id":5}}}"#).chat_key,
            5
        );
    }

    #[test]
    fn a_kind_of_the_future_is_still_stored() {
        let envelope = read(r#"{"update_id":10,"telepathy":{"chat":"everyone"}}"#);
        assert_eq!(
            (envelope.kind.as_str(), envelope.chat_key),
            ("telepathy", 0)
        );
        assert!(Envelope::read(b"[]").is_err());
        assert!(Envelope::read(b"{\"message\":{}}").is_err());
    }
}
