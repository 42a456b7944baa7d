//! Who did what, and whether anybody has changed it since.

use bot_core::audit::list::{self, Filter};
use bot_core::audit::{self, AuditRow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vahta_rows::UserId;

use super::input::{cut, limit};
use super::reply::List;
use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;

#[derive(Serialize, JsonSchema)]
pub(crate) struct ActView {
    id: i64,
    /// Null: the program itself, or somebody at its console.
    actor: Option<i64>,
    /// "telegram", "web", "api", "cli", "plugin" or "core".
    source: String,
    action: String,
    object: String,
    detail: serde_json::Value,
    correlation: String,
    at: Time,
}

impl From<AuditRow> for ActView {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            actor: row.actor.map(|actor| actor.0),
            source: row.source,
            action: row.action,
            object: row.object,
            detail: serde_json::from_str(&row.detail)
                .unwrap_or(serde_json::Value::String(row.detail)),
            correlation: row.correlation,
            at: Time(row.at),
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    actor: Option<i64>,
    /// `access` finds `access.grant` too.
    action: Option<String>,
    object: Option<String>,
    source: Option<String>,
    correlation: Option<String>,
    from: Option<Time>,
    until: Option<Time>,
    after: Option<i64>,
    limit: Option<i64>,
}

pub(crate) const LIST: Doc =
    Doc::new::<List<ActView>>("Administrative acts, the newest first").query::<Query>();

pub(crate) async fn list(cx: Cx) -> Outcome {
    let query: Query = cx.query()?;
    let limit = limit(query.limit)?;
    let filter = Filter {
        actor: query.actor.map(UserId),
        action: query.action,
        object: query.object,
        source: query.source,
        correlation: query.correlation,
        from: query.from.map(|time| time.0),
        until: query.until.map(|time| time.0),
    };
    let mut rows = list::list(cx.app()?.audit.db(), &filter, query.after, limit + 1).await?;
    let more = cut(&mut rows, limit);
    let next = rows.last().filter(|_| more).map(|row| row.id);
    Reply::page(rows.into_iter().map(ActView::from).collect(), next)
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Verified {
    whole: bool,
    links: u64,
    pending: u64,
    erased: u64,
    /// Ends, noted outside the database, that were compared; none: a cut tail would not be seen.
    heads: u64,
    /// What is not as it was written, in words.
    faults: Vec<String>,
}

pub(crate) const VERIFY: Doc =
    Doc::new::<Verified>("Check that no row was edited, removed, inserted or moved");

pub(crate) async fn verify(cx: Cx) -> Outcome {
    let report = audit::verify(&cx.app()?.audit).await?;
    Reply::ok(&Verified {
        whole: report.is_whole(),
        links: report.links,
        pending: report.pending,
        erased: report.erased,
        heads: report.heads,
        faults: report
            .faults
            .iter()
            .take(1_000)
            .map(ToString::to_string)
            .collect(),
    })
}
