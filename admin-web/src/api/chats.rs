//! Chats that the bot was seen in.

use bot_core::chats::{self, Chat};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vahta_rows::ChatId;

use super::input::{cut, limit, page_number};
use super::reply::List;
use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::Problem;

#[derive(Serialize, JsonSchema)]
pub(crate) struct ChatView {
    id: i64,
    /// "private", "group", "supergroup" or "channel".
    kind: String,
    title: Option<String>,
    username: Option<String>,
    /// Nothing is sent there since.
    disabled_at: Option<Time>,
    disabled_reason: Option<String>,
    migrated_to: Option<i64>,
    first_seen: Time,
    last_seen: Time,
}

impl From<Chat> for ChatView {
    fn from(chat: Chat) -> Self {
        Self {
            id: chat.id,
            kind: chat.kind,
            title: chat.title,
            username: chat.username,
            disabled_at: chat.disabled_at.map(Time::of),
            disabled_reason: chat.disabled_reason,
            migrated_to: chat.migrated_to,
            first_seen: Time::of(chat.first_seen),
            last_seen: Time::of(chat.last_seen),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    /// A part of the title or username, or an id.
    #[serde(default)]
    search: String,
    #[serde(default)]
    kind: String,
    after: Option<i64>,
    limit: Option<i64>,
}

pub(crate) const LIST: Doc =
    Doc::new::<List<ChatView>>("Chats that the bot was seen in, seen last first").query::<Query>();

pub(crate) async fn list(cx: Cx) -> Outcome {
    let query: Query = cx.query()?;
    let (limit, page) = (limit(query.limit)?, page_number(query.after)?);
    let db = &cx.app()?.db;
    let mut rows = chats::list(db, &query.search, &query.kind, page, limit).await?;
    let next = cut(&mut rows, limit).then(|| i64::from(page) + 1);
    Reply::page(rows.into_iter().map(ChatView::from).collect(), next)
}

pub(crate) const ONE: Doc = Doc::new::<ChatView>("One chat");

pub(crate) async fn one(cx: Cx) -> Outcome {
    let id = ChatId(cx.param("id")?);
    let chat = chats::find(&cx.app()?.db, id).await?;
    Reply::ok(&ChatView::from(chat.ok_or(Problem::NotFound)?))
}
