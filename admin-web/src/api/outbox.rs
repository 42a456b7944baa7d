//! Durable messages: what waits, what failed, and sending it again.

use bot_core::outbox::desk::{self, Listed};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vahta_rows::OutboxId;
use vahta_rows::outbox::OutboxState;

use super::input::{cut, limit};
use super::reply::List;
use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::Problem;

#[derive(Serialize, JsonSchema)]
pub(crate) struct MessageView {
    id: i64,
    plugin: String,
    chat_id: i64,
    /// The Bot API's method.
    method: String,
    due_at: Time,
    attempts: i32,
    last_error: Option<String>,
    created_at: Time,
    sent_at: Option<Time>,
}

impl From<Listed> for MessageView {
    fn from(row: Listed) -> Self {
        Self {
            id: row.id,
            plugin: row.plugin,
            chat_id: row.chat_id,
            method: row.method,
            due_at: Time::of(row.due_at),
            attempts: row.attempts,
            last_error: row.last_error,
            created_at: Time::of(row.created_at),
            sent_at: row.sent_at.map(Time::of),
        }
    }
}

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum State {
    Queued,
    Sent,
    #[default]
    Failed,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    /// Failed ones when absent.
    #[serde(default)]
    state: State,
    after: Option<i64>,
    limit: Option<i64>,
}

pub(crate) const LIST: Doc =
    Doc::new::<List<MessageView>>("Durable messages, the newest first").query::<Query>();

pub(crate) async fn list(cx: Cx) -> Outcome {
    let query: Query = cx.query()?;
    let limit = limit(query.limit)?;
    let state = match query.state {
        State::Queued => OutboxState::Queued,
        State::Sent => OutboxState::Sent,
        State::Failed => OutboxState::Failed,
    };
    let mut rows = desk::list(&cx.app()?.db, state, query.after, limit).await?;
    let more = cut(&mut rows, limit);
    let next = rows.last().filter(|_| more).map(|row| row.id);
    Reply::page(rows.into_iter().map(MessageView::from).collect(), next)
}

/// How many are sent again.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Again {
    count: usize,
}

pub(crate) const RETRY_ALL: Doc = Doc::new::<Again>("Send every failed message again");

pub(crate) async fn retry_all(cx: Cx) -> Outcome {
    let by = cx.by()?;
    let count = cx.app()?.outbox.resend(&by).await?;
    Reply::ok(&Again { count })
}

pub(crate) const RETRY: Doc = Doc::silent("Send a failed message again");

pub(crate) async fn retry(cx: Cx) -> Outcome {
    let (id, by) = (OutboxId(cx.param("id")?), cx.by()?);
    if cx.app()?.outbox.resend_one(id, &by).await? {
        return Reply::nothing();
    }
    Err(Problem::Conflict(
        "there is no such message, or it has not failed".into(),
    ))
}
