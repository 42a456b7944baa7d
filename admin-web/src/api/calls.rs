//! Calls of the Bot API as they were logged.

use bot_core::logs::{self, ApiCall, CallFilter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::{cut, limit};
use super::reply::List;
use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;

#[derive(Serialize, JsonSchema)]
pub(crate) struct CallView {
    id: i64,
    method: String,
    chat_id: Option<i64>,
    plugin: String,
    /// HTTP's; 0: there was none.
    status: i32,
    error: Option<String>,
    attempt: i32,
    waited_us: i64,
    elapsed_us: i64,
    at: Time,
}

impl From<ApiCall> for CallView {
    fn from(row: ApiCall) -> Self {
        Self {
            id: row.id,
            method: row.method,
            chat_id: row.chat_id,
            plugin: row.plugin,
            status: row.status,
            error: row.error,
            attempt: row.attempt,
            waited_us: row.waited_us,
            elapsed_us: row.elapsed_us,
            at: Time::of(row.at),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    #[serde(default)]
    method: String,
    failed: Option<bool>,
    after: Option<i64>,
    limit: Option<i64>,
}

pub(crate) const LIST: Doc =
    Doc::new::<List<CallView>>("Calls of the Bot API, the newest first").query::<Query>();

pub(crate) async fn list(cx: Cx) -> Outcome {
    let query: Query = cx.query()?;
    let limit = limit(query.limit)?;
    let filter = CallFilter {
        method: query.method,
        failed: query.failed,
        before: query.after,
    };
    let mut rows = logs::calls(&cx.app()?.db, &filter, limit).await?;
    let more = cut(&mut rows, limit);
    let next = rows.last().filter(|_| more).map(|row| row.id);
    Reply::page(rows.into_iter().map(CallView::from).collect(), next)
}
