//! Messages as they were logged.

use bot_core::logs::{self, Message, MessageFilter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::{cut, limit};
use super::reply::List;
use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;

#[derive(Serialize, JsonSchema)]
pub(crate) struct Logged {
    id: i64,
    outgoing: bool,
    chat_id: i64,
    telegram_id: Option<i64>,
    message_id: Option<i64>,
    update_id: Option<i64>,
    kind: String,
    text: Option<String>,
    at: Time,
}

impl From<Message> for Logged {
    fn from(row: Message) -> Self {
        Self {
            id: row.id,
            outgoing: row.outgoing,
            chat_id: row.chat_id,
            telegram_id: row.telegram_id,
            message_id: row.message_id,
            update_id: row.update_id,
            kind: row.kind,
            text: row.text,
            at: Time::of(row.at),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    /// A part of the text.
    #[serde(default)]
    text: String,
    chat: Option<i64>,
    /// The sender.
    telegram_id: Option<i64>,
    outgoing: Option<bool>,
    #[serde(default)]
    kind: String,
    after: Option<i64>,
    limit: Option<i64>,
}

pub(crate) const LIST: Doc =
    Doc::new::<List<Logged>>("Messages to and from the bot, the newest first").query::<Query>();

pub(crate) async fn list(cx: Cx) -> Outcome {
    let query: Query = cx.query()?;
    let limit = limit(query.limit)?;
    let filter = MessageFilter {
        text: query.text,
        chat: query.chat,
        telegram_id: query.telegram_id,
        outgoing: query.outgoing,
        kind: query.kind,
        before: query.after,
    };
    let mut rows = logs::messages(&cx.app()?.db, &filter, limit).await?;
    let more = cut(&mut rows, limit);
    let next = rows.last().filter(|_| more).map(|row| row.id);
    Reply::page(rows.into_iter().map(Logged::from).collect(), next)
}
