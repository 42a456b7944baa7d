//! Work that no update caused.

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::approvals::{ApprovalState, JOB, Outcome};
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::transaction;

use crate::Tasks;
use crate::state::{State, Step};
use crate::store::TaskRows as _;
use crate::task::{Person, TaskId};
use crate::work::{self, AGAIN, CARD, DIGEST, DUE, Prepared, Told, Work};

pub(crate) async fn run(tasks: &Tasks, ctx: &Ctx, job: Job) -> Result<(), Error> {
    match job.kind.as_str() {
        JOB => decided(tasks, ctx, serde_json::from_value(job.payload)?).await,
        CARD => work::arrived(tasks, ctx, job).await,
        AGAIN => work::again(tasks, ctx, job).await,
        DIGEST => work::digest(tasks, ctx, job).await,
        DUE => work::due(tasks, ctx, job).await,
        kind => Err(Error::other(format!("there is no handler for {kind}"))),
    }
}

/// Applies a decision, unless the task has left `pending` meanwhile.
async fn decided(tasks: &Tasks, ctx: &Ctx, outcome: Outcome) -> Result<(), Error> {
    let id = outcome
        .object
        .strip_prefix("task:")
        .and_then(|id| id.parse().ok());
    let id = TaskId(id.ok_or_else(|| Error::other("a decision about no task"))?);
    let by = Person {
        user: outcome.by,
        telegram: None,
        name: outcome.by_name.clone().unwrap_or_default(),
        source: "core",
    };
    let (step, reason) = match outcome.outcome {
        ApprovalState::Approved => (Step::Approve, outcome.reason),
        ApprovalState::Rejected => (Step::Reject, outcome.reason),
        ApprovalState::Expired => {
            let reason = tasks.view(ctx).text("reason-expired", &[]);
            (Step::Cancel, Some(reason))
        }
        ApprovalState::Withdrawn => (Step::Cancel, None),
        ApprovalState::Open => return Ok(()),
    };
    let db = ctx.db()?;
    let Some(task) = with_db!(db, c => c.task(id).await)? else {
        return Ok(());
    };
    let mut work = Work::for_decision(tasks, ctx, by);
    let (creator, assignee) = (task.created_by_user, task.assignee);
    let prepared = Prepared::of(ctx, task.template_id, creator, assignee, work.at).await?;
    work.told = Told::of(ctx, prepared.people().chain([creator, assignee])).await?;
    transaction!(ctx, |c, effects| {
        let Some(task) = c.lock(id).await? else {
            return Ok(());
        };
        if task.state == State::Pending {
            let reason = reason.as_deref();
            work.go(c, &mut effects, &task, step, reason, &prepared)
                .await?;
        }
        Ok(())
    })
}
