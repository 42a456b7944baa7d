//! `/approvals`: what waits for a decision, what was decided, and deciding.

use bot_core::access::{Snapshot, no_replies};
use bot_core::approvals::list::{self, Which};
use bot_core::approvals::{REASON, View, rights};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::approvals::ApprovalState;
use vahta_rows::{ApprovalId, Micros, UserId};
use vahta_texts::Arg;

use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::page;
use crate::parts::{self, badge, time};
use crate::problem::Problem;

const PAGE: usize = 30;
const LISTS: &[(&str, Which)] = &[
    ("open", Which::Open),
    ("mine", Which::ToDecide),
    ("asked", Which::Asked),
    ("decided", Which::Decided),
];

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    state: String,
    before: Option<i64>,
}

pub(crate) async fn list(cx: Cx) -> Answer {
    let Query { state, before } = cx.query()?;
    let listed = LISTS.iter().find(|(name, _)| *name == state);
    let (name, which) = *listed.unwrap_or(&LISTS[0]);
    let (app, user) = (cx.app()?, user(&cx)?);
    let snapshot = app.access.snapshot();
    let page = list::page(&app.db, &snapshot, user, which, before, PAGE).await?;
    let links: Vec<_> = LISTS
        .iter()
        .map(|(name, _)| {
            let href = parts::href("/approvals", &[("state", name)]);
            (*name, href, cx.t(&format!("approvals-{name}"), &[]))
        })
        .collect();
    let to = |before: &str| parts::href("/approvals", &[("state", name), ("before", before)]);
    let (newer, older) = (
        before.map(|_| to("")),
        page.next.map(|next| to(&next.to_string())),
    );
    let content = html! {
        div.head { h1 { (cx.t("nav-approvals", &[])) } (parts::segments(name, &links)) }
        @if page.views.is_empty() { section.card { (parts::empty(&cx, "no-approvals")) } }
        @for view in &page.views { (one(&cx, &snapshot, user, view)) }
        (parts::pages(&cx, newer, older))
    };
    cx.live_page(&cx.t("nav-approvals", &[]), &content, "approval. access.")
}

fn one(cx: &Cx, snapshot: &Snapshot, user: UserId, view: &View) -> Markup {
    let approval = &view.approval;
    html! {
        section.card id={ "approval-" (approval.id) } {
            h2 {
                @if approval.web_path.is_empty() { (approval.title) }
                @else { a href=(approval.web_path) { (approval.title) } }
                " " span.quiet.small { "#" (approval.id) " " (approval.plugin) } " " (state(cx, view))
            }
            @if !approval.detail.is_empty() { p.break { (approval.detail) } }
            p.quiet.small {
                @if let Some(name) = view.asker() { (cx.t("approval-asker", &[("name", Arg::from(name))])) " · " }
                (time(cx, Micros(approval.created_at)))
                @if approval.needed > 1 { " · " (counted(cx, view)) }
                @if let (true, Some(at)) = (approval.is_open(), approval.expires_at) {
                    " · " (cx.t("approval-until", &[])) " " (time(cx, Micros(at)))
                }
            }
            @if !view.votes.is_empty() { (votes(cx, view)) }
            @if approval.is_open() { (acts(cx, snapshot, user, view)) }
        }
    }
}

fn state(cx: &Cx, view: &View) -> Markup {
    let (kind, id) = match view.approval.state() {
        ApprovalState::Open => ("accent", "approval-open"),
        ApprovalState::Approved => ("good", "approval-approved"),
        ApprovalState::Rejected => ("bad", "approval-rejected"),
        ApprovalState::Expired => ("", "approval-expired"),
        ApprovalState::Withdrawn => ("", "approval-withdrawn"),
    };
    badge(kind, &cx.t(id, &[]))
}

fn counted(cx: &Cx, view: &View) -> String {
    let args = [
        ("have", Arg::from(view.have())),
        ("needed", Arg::from(view.approval.needed)),
    ];
    cx.t("approval-count", &args)
}

fn votes(cx: &Cx, view: &View) -> Markup {
    html! {
        ul.small {
            @for vote in &view.votes {
                li {
                    (if vote.approves { "✅ " } else { "❌ " }) (view.name(vote.user_id)) ", "
                    (time(cx, Micros(vote.at)))
                    @if let Some(reason) = &vote.reason { ": " (reason) }
                }
            }
        }
    }
}

fn acts(cx: &Cx, snapshot: &Snapshot, user: UserId, view: &View) -> Markup {
    let approval = &view.approval;
    let path = |act: &str| format!("/approvals/{}/{act}", approval.id);
    let votes =
        rights::may_decide(snapshot, user, approval, Micros::now()) && view.vote_of(user).is_none();
    html! {
        div.acts {
            @if votes {
                (parts::act(cx, &path("approve"), &cx.t("approve", &[]), "", None))
                form method="post" action=(path("reject")) {
                    (page::csrf(cx))
                    label { span.hidden { (cx.t("reason", &[])) }
                        input name="reason" maxlength=(REASON) placeholder=(cx.t("reason", &[])); }
                    " " button.little.danger { (cx.t("reject", &[])) }
                }
            }
            @if approval.requested_by == Some(user.0) {
                (parts::act(cx, &path("withdraw"), &cx.t("withdraw", &[]), "", None))
            }
        }
    }
}

pub(crate) async fn approve(cx: Cx) -> Answer {
    decide(&cx, true, None).await
}

#[derive(Deserialize)]
struct Reject {
    #[serde(default)]
    reason: String,
}

pub(crate) async fn reject(cx: Cx) -> Answer {
    let Reject { reason } = cx.form()?;
    decide(&cx, false, Some(&reason)).await
}

async fn decide(cx: &Cx, approves: bool, reason: Option<&str>) -> Answer {
    let (id, user, by) = (ApprovalId(cx.param("id")?), user(cx)?, cx.by()?);
    crate::api::approvals::seen(cx).await?;
    let approvals = &cx.app()?.approvals;
    let done = approvals
        .decide(id, user, approves, reason, &by, &no_replies)
        .await;
    let done = done.map_err(|error| refused(cx, error))?;
    cx.committed(done.rows)?;
    Ok(answer::see_other("/approvals"))
}

pub(crate) async fn withdraw(cx: Cx) -> Answer {
    let (id, user, by) = (ApprovalId(cx.param("id")?), user(&cx)?, cx.by()?);
    crate::api::approvals::seen(&cx).await?;
    let done = cx.app()?.approvals.withdraw(id, user, &by).await;
    done.map_err(|error| refused(&cx, error))?;
    Ok(answer::see_other("/approvals"))
}

fn user(cx: &Cx) -> Result<UserId, Problem> {
    cx.viewer.user.ok_or(Problem::Login)
}

/// What is true instead, for the person or the program that was too late or may not.
pub(crate) fn refused(cx: &Cx, error: bot_core::approvals::ApprovalError) -> Problem {
    use bot_core::approvals::{ApprovalError, Refused};
    let refused = match error {
        ApprovalError::Db(error) => return error.into(),
        ApprovalError::Refused(refused) => refused,
    };
    match refused {
        Refused::Gone => Problem::NotFound,
        Refused::NotAllowed(key) => Problem::Forbidden(key),
        Refused::OwnRequest => Problem::Refused(cx.t("approval-own", &[])),
        Refused::NotYours => Problem::Refused(cx.t("approval-not-yours", &[])),
        Refused::LongReason => Problem::Bad(cx.t("approval-long-reason", &[])),
        Refused::Voted { approves, at } => Problem::Now(
            cx.t("approval-voted", &[]),
            serde_json::json!({ "approves": approves, "at": instant(at) }),
        ),
        Refused::Decided {
            state,
            by,
            name,
            at,
        } => Problem::Now(
            ended(cx, state, &name, at),
            serde_json::json!({ "state": state, "by": by, "name": name, "at": instant(at) }),
        ),
    }
}

fn instant(at: Micros) -> String {
    crate::api::time::Time(at).text()
}

fn ended(cx: &Cx, state: ApprovalState, name: &str, at: Micros) -> String {
    let when = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    let when = when.to_zoned(parts::zone(cx));
    let id = match (state, name.is_empty()) {
        (ApprovalState::Approved, _) => "was-approved",
        (ApprovalState::Rejected, _) => "was-rejected",
        (ApprovalState::Withdrawn, false) => "was-withdrawn",
        (ApprovalState::Withdrawn, true) => "was-taken-back",
        (ApprovalState::Expired | ApprovalState::Open, _) => "was-expired",
    };
    let args = [
        ("name", Arg::from(name)),
        (
            "when",
            Arg::from(when.strftime("%-d %b %Y %H:%M").to_string()),
        ),
    ];
    cx.t(id, &args)
}
