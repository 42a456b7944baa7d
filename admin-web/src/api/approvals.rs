//! Approvals: what waits, what was decided, and deciding.

use bot_core::access::no_replies;
use bot_core::approvals::list::{self, Which};
use bot_core::approvals::{Decided, View, read, rights};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vahta_rows::{ApprovalId, Micros, UserId};

use super::input::{body, limit};
use super::reply::List;
use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::pages::approvals::refused;
use crate::problem::Problem;

#[derive(Serialize, JsonSchema)]
pub(crate) struct ApprovalView {
    id: i64,
    plugin: String,
    /// What it is about, such as "task:12".
    object: String,
    title: String,
    detail: String,
    /// Who may decide: whoever holds this key.
    permission: String,
    /// Where they must hold it; null: everywhere.
    chat: Option<i64>,
    /// How many must approve.
    needed: i32,
    requested_by: Option<i64>,
    /// "open", "approved", "rejected", "expired" or "withdrawn".
    state: String,
    reason: Option<String>,
    created_at: Time,
    expires_at: Option<Time>,
    decided_at: Option<Time>,
    decided_by: Option<i64>,
    votes: Vec<VoteView>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct VoteView {
    user: i64,
    name: String,
    approves: bool,
    reason: Option<String>,
    at: Time,
}

impl From<View> for ApprovalView {
    fn from(view: View) -> Self {
        let votes = view.votes.iter().map(|vote| VoteView {
            user: vote.user_id,
            name: view.name(vote.user_id),
            approves: vote.approves,
            reason: vote.reason.clone(),
            at: Time::of(vote.at),
        });
        let votes = votes.collect();
        let reason = view.reason().map(str::to_string);
        let approval = view.approval;
        Self {
            id: approval.id,
            state: approval.state().as_str().into(),
            chat: (approval.chat_id != 0).then_some(approval.chat_id),
            plugin: approval.plugin,
            object: approval.object,
            title: approval.title,
            detail: approval.detail,
            permission: approval.permission,
            needed: approval.needed,
            requested_by: approval.requested_by,
            reason,
            created_at: Time::of(approval.created_at),
            expires_at: approval.expires_at.map(Time::of),
            decided_at: approval.decided_at.map(Time::of),
            decided_by: approval.decided_by,
            votes,
        }
    }
}

/// Which approvals a list holds, of those that one may see.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Group {
    #[default]
    Open,
    /// Open, and one may decide.
    ToDecide,
    /// Open, and one asked.
    Asked,
    Decided,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    #[serde(default)]
    which: Group,
    after: Option<i64>,
    limit: Option<i64>,
}

pub(crate) const LIST: Doc =
    Doc::new::<List<ApprovalView>>("Approvals that one may decide, or asked for, newest first")
        .query::<Query>();

pub(crate) async fn list(cx: Cx) -> Outcome {
    let query: Query = cx.query()?;
    let size = usize::try_from(limit(query.limit)?).unwrap_or(1);
    let which = match query.which {
        Group::Open => Which::Open,
        Group::ToDecide => Which::ToDecide,
        Group::Asked => Which::Asked,
        Group::Decided => Which::Decided,
    };
    let (app, user) = (cx.app()?, user(&cx)?);
    let snapshot = app.access.snapshot();
    let page = list::page(&app.db, &snapshot, user, which, query.after, size).await?;
    // A key sees no more than its scopes.
    let views = page.views.into_iter().filter(|view| in_scope(&cx, view));
    Reply::page(views.map(ApprovalView::from).collect(), page.next)
}

pub(crate) const ONE: Doc = Doc::new::<ApprovalView>("One approval, with its votes");

pub(crate) async fn one(cx: Cx) -> Outcome {
    Reply::ok(&ApprovalView::from(seen(&cx).await?))
}

/// What became of it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DecidedView {
    /// "open" while more have to approve.
    state: String,
    /// How many approve.
    have: i64,
    needed: i32,
}

impl From<Decided> for DecidedView {
    fn from(decided: Decided) -> Self {
        Self {
            state: decided.state.as_str().into(),
            have: decided.have,
            needed: decided.needed,
        }
    }
}

pub(crate) const APPROVE: Doc = Doc::new::<DecidedView>("Approve");

pub(crate) async fn approve(cx: Cx) -> Outcome {
    decide(&cx, true, None).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reject {
    /// For whoever asked; 500 characters at most.
    #[serde(default)]
    reason: Option<String>,
}

pub(crate) const REJECT: Doc = Doc::new::<DecidedView>("Reject").body::<Reject>();

pub(crate) async fn reject(cx: Cx) -> Outcome {
    let Reject { reason } = body(&cx)?;
    decide(&cx, false, reason.as_deref()).await
}

async fn decide(cx: &Cx, approves: bool, reason: Option<&str>) -> Outcome {
    let view = seen(cx).await?;
    may_with_key(cx, &view)?;
    let (user, by) = (user(cx)?, cx.by()?);
    let approvals = &cx.app()?.approvals;
    let done = approvals
        .decide(view.approval.id(), user, approves, reason, &by, &no_replies)
        .await;
    let done = done.map_err(|error| refused(cx, error))?;
    cx.committed(done.rows)?;
    Reply::ok(&DecidedView::from(done.decided))
}

pub(crate) const WITHDRAW: Doc = Doc::new::<DecidedView>("Take back what one asked for");

pub(crate) async fn withdraw(cx: Cx) -> Outcome {
    let view = seen(&cx).await?;
    may_with_key(&cx, &view)?;
    let (user, by) = (user(&cx)?, cx.by()?);
    let done = cx.app()?.approvals.withdraw(view.approval.id(), user, &by);
    let decided = done.await.map_err(|error| refused(&cx, error))?;
    Reply::ok(&DecidedView::from(decided))
}

fn user(cx: &Cx) -> Result<UserId, Problem> {
    cx.viewer.user.ok_or(Problem::Login)
}

/// The one that the path names, if the caller may see it; else it is not there.
/// The approval of the path; what this person may not see is not there.
pub(crate) async fn seen(cx: &Cx) -> Result<View, Problem> {
    let (app, user) = (cx.app()?, user(cx)?);
    let id = ApprovalId(cx.param("id")?);
    let view = read::one(&app.db, id).await?.ok_or(Problem::NotFound)?;
    let snapshot = app.access.snapshot();
    let may = rights::may_see(&snapshot, user, &view.approval, Micros::now());
    if may && in_scope(cx, &view) {
        Ok(view)
    } else {
        Err(Problem::NotFound)
    }
}

fn in_scope(cx: &Cx, view: &View) -> bool {
    use bot_core::access::keys::APPROVALS_VIEW;
    cx.viewer.key.is_none()
        || cx.viewer.may(&view.approval.permission)
        || cx.viewer.may(APPROVALS_VIEW)
}

/// A key decides only with the permission among its scopes.
fn may_with_key(cx: &Cx, view: &View) -> Result<(), Problem> {
    let key = &view.approval.permission;
    if cx.viewer.key.is_none() || cx.viewer.may(key) {
        Ok(())
    } else {
        Err(Problem::Forbidden(key.clone()))
    }
}
