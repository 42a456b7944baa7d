//! Jobs: what waits, what failed, and giving it a hand.

use bot_core::jobs::desk::{self, Listed, Which};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vahta_rows::JobId;

use super::input::{cut, limit, page_number};
use super::reply::List;
use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::Problem;

#[derive(Serialize, JsonSchema)]
pub(crate) struct JobView {
    id: i64,
    plugin: String,
    kind: String,
    /// "ready", "running", "done", "dead", "cancelled" or "scheduled".
    state: String,
    due_at: Time,
    attempts: i32,
    max_attempts: i32,
    last_error: Option<String>,
    created_at: Time,
    finished_at: Option<Time>,
}

impl From<Listed> for JobView {
    fn from(job: Listed) -> Self {
        let state = match job.state {
            0 => "ready",
            1 => "running",
            2 => "done",
            3 => "dead",
            4 => "cancelled",
            _ => "scheduled",
        };
        Self {
            id: job.id,
            plugin: job.plugin,
            kind: job.kind,
            state: state.into(),
            due_at: Time::of(job.due_at),
            attempts: job.attempts,
            max_attempts: job.max_attempts,
            last_error: job.last_error,
            created_at: Time::of(job.created_at),
            finished_at: job.finished_at.map(Time::of),
        }
    }
}

/// Which jobs a list holds.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Group {
    /// Ready, running or scheduled, the next one first.
    #[default]
    Open,
    /// Given up after too many tries.
    Dead,
    Finished,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    #[serde(default)]
    which: Group,
    after: Option<i64>,
    limit: Option<i64>,
}

pub(crate) const LIST: Doc = Doc::new::<List<JobView>>("Jobs of plugins").query::<Query>();

pub(crate) async fn list(cx: Cx) -> Outcome {
    let query: Query = cx.query()?;
    let (limit, page) = (limit(query.limit)?, page_number(query.after)?);
    let which = match query.which {
        Group::Open => Which::Open,
        Group::Dead => Which::Dead,
        Group::Finished => Which::Finished,
    };
    let mut rows = desk::list(&cx.app()?.db, which, page, limit).await?;
    let next = cut(&mut rows, limit).then(|| i64::from(page) + 1);
    Reply::page(rows.into_iter().map(JobView::from).collect(), next)
}

pub(crate) const RUN: Doc = Doc::silent("Run a job now that is scheduled or was given up");

pub(crate) async fn run(cx: Cx) -> Outcome {
    let (id, by) = (JobId(cx.param("id")?), cx.by()?);
    let app = cx.app()?;
    done(app.jobs.run_now(&app.db, id, &by).await?)
}

pub(crate) const CANCEL: Doc = Doc::silent("Cancel a job that does not run yet");

pub(crate) async fn cancel(cx: Cx) -> Outcome {
    let (id, by) = (JobId(cx.param("id")?), cx.by()?);
    let app = cx.app()?;
    done(app.jobs.cancel(&app.db, id, &by).await?)
}

fn done(changed: bool) -> Outcome {
    if changed {
        return Reply::nothing();
    }
    Err(Problem::Conflict(
        "there is no such job, or it runs or is over".into(),
    ))
}
