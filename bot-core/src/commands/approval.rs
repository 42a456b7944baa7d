//! The buttons of a card: approve, reject for a reason, details, withdraw.
//!
//! Whatever a press comes to, the card then shows what is true: an old one is brought up to date by
//! the press itself.

use std::time::Duration;

use serde_json::json;
use vahta_rows::approvals::ApprovalState;
use vahta_rows::{ApprovalId, Micros, UserId};
use vahta_texts::Arg;

use super::{Button, Cx, Keyboard};
use crate::access::no_replies;
use crate::approvals::card::{self, Reader};
use crate::approvals::{ApprovalError, Decided, Refused, View, read, rights};
use crate::flow::FlowError;
use crate::sessions::SessionError;

/// How long the bot waits for a reason that somebody wants to write.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// The dialog in which somebody writes a reason.
pub(super) const DIALOG: &str = "reason";
/// Reasons that take one press.
const REASONS: &[&str] = &["reason-later", "reason-unclear", "reason-double"];

/// `approve:<id>`.
pub(super) async fn approve(cx: Cx) -> Result<(), FlowError> {
    let Some((id, user)) = named(&cx) else {
        return cx.stale().await;
    };
    let by = cx.by();
    let approvals = &cx.app.approvals;
    let done = approvals
        .decide(id, user, true, None, &by, &no_replies)
        .await;
    settle(&cx, id, done.map(|done| done.decided)).await
}

/// `reject:<id>`: asks why.
pub(super) async fn reject(cx: Cx) -> Result<(), FlowError> {
    let Some((id, user)) = named(&cx) else {
        return cx.stale().await;
    };
    let Some((reader, view)) = seen(&cx, id).await? else {
        return cx.alert(&cx.t("approval-gone", &[])).await;
    };
    if !reader.may_decide || !view.approval.is_open() || view.vote_of(user).is_some() {
        // The vote would be refused: the card tells why.
        cx.answer(&cx.t("approval-refreshed", &[])).await?;
        return refresh(&cx, id).await;
    }
    cx.answer("").await?;
    let (text, _) = card(&cx, &view);
    cx.edit(&text, reasons(&cx, id)).await?;
    // Decided between reading and showing: the keeper's edit may have gone out before this one.
    let now = read::one(&cx.app.db, id).await?;
    match now {
        Some(now) if now.approval.version == view.approval.version => Ok(()),
        _ => refresh(&cx, id).await,
    }
}

fn reasons(cx: &Cx, id: ApprovalId) -> Keyboard {
    let because =
        |n: usize, reason: &str| vec![Button::new(cx.t(reason, &[]), format!("because:{id}:{n}"))];
    let presets = REASONS.iter().enumerate();
    let mut keyboard: Keyboard = presets.map(|(n, reason)| because(n + 1, reason)).collect();
    keyboard.push(because(0, "button-no-reason"));
    keyboard.push(vec![
        Button::new(cx.t("button-write", &[]), format!("reason:{id}")),
        Button::new(cx.t("button-back", &[]), format!("approval:{id}")),
    ]);
    keyboard
}

/// `because:<id>:<n>`: rejects for a preset reason, 0 for none.
pub(super) async fn because(cx: Cx) -> Result<(), FlowError> {
    let parsed = cx.args.split_once(':').and_then(|(id, n)| {
        let (id, n) = (id.parse().map(ApprovalId).ok()?, n.parse::<usize>().ok()?);
        (n <= REASONS.len()).then_some((id, n))
    });
    let (Some((id, n)), Some(user)) = (parsed, cx.actor.user) else {
        return cx.stale().await;
    };
    let reason = n.checked_sub(1).and_then(|n| REASONS.get(n));
    let reason = reason.map(|reason| cx.t(reason, &[]));
    let by = cx.by();
    let approvals = &cx.app.approvals;
    let done = approvals
        .decide(id, user, false, reason.as_deref(), &by, &no_replies)
        .await;
    settle(&cx, id, done.map(|done| done.decided)).await
}

/// `reason:<id>`: the next message here is the reason.
pub(super) async fn write(cx: Cx) -> Result<(), FlowError> {
    let (Some((id, _)), Some(chat)) = (named(&cx), cx.chat()) else {
        return cx.stale().await;
    };
    let Some((reader, view)) = seen(&cx, id).await? else {
        return cx.alert(&cx.t("approval-gone", &[])).await;
    };
    if !reader.may_decide || !view.approval.is_open() {
        cx.answer(&cx.t("approval-refreshed", &[])).await?;
        return refresh(&cx, id).await;
    }
    let state = json!({ "dialog": DIALOG, "approval": id });
    let person = cx.actor.telegram_id;
    let sessions = &cx.app.sessions;
    sessions
        .set(chat, person, super::CORE, state, PATIENCE, None)
        .await
        .map_err(|error| match error {
            SessionError::Db(error) => error.into(),
            SessionError::Conflict { .. } => FlowError::Other(error.to_string()),
        })?;
    cx.answer("").await?;
    let title = vahta_texts::escape_html(&view.approval.title);
    cx.reply(&cx.t("approval-write", &[("title", Arg::from(title))]))
        .await
}

/// The message in which somebody writes the reason.
pub(super) async fn written(cx: Cx) -> Result<(), FlowError> {
    let session = cx
        .chat()
        .and_then(|chat| cx.app.sessions.open(chat, cx.actor.telegram_id));
    let id = session.and_then(|session| session.state["approval"].as_i64());
    let (Some(id), Some(user), Some(chat)) = (id.map(ApprovalId), cx.actor.user, cx.chat()) else {
        return Ok(());
    };
    let reason = cx.incoming.text().unwrap_or_default().trim().to_string();
    if reason.is_empty() {
        return cx.reply(&cx.t("approval-write-words", &[])).await;
    }
    let by = cx.by();
    // The answer is committed with the decision, and found there if this runs again.
    let replies = |decided: &Decided| vec![cx.outgoing(0, &said(&cx, decided), None)];
    let approvals = &cx.app.approvals;
    let done = approvals
        .decide(id, user, false, Some(&reason), &by, &replies)
        .await;
    match done {
        Err(ApprovalError::Refused(Refused::LongReason)) => {
            // The dialog stays open: the words are not lost on the other side.
            let length = reason.chars().count();
            return cx
                .reply(&cx.t("approval-long-reason", &[("length", Arg::from(length))]))
                .await;
        }
        Err(ApprovalError::Db(error)) => return Err(error.into()),
        Err(ApprovalError::Refused(refused)) => cx.reply(&refusal(&cx, &refused)).await?,
        Ok(done) => cx.committed(done.rows),
    }
    cx.app.sessions.clear(chat, cx.actor.telegram_id).await?;
    Ok(())
}

/// `approval:<id>`: back from the reasons, or just a look at what is true.
pub(super) async fn look(cx: Cx) -> Result<(), FlowError> {
    let Some((id, _)) = named(&cx) else {
        return cx.stale().await;
    };
    cx.answer("").await?;
    refresh(&cx, id).await
}

/// `details:<id>`: all of it, as a message of its own.
pub(super) async fn details(cx: Cx) -> Result<(), FlowError> {
    let Some((id, _)) = named(&cx) else {
        return cx.stale().await;
    };
    let Some((reader, view)) = seen(&cx, id).await? else {
        return cx.alert(&cx.t("approval-gone", &[])).await;
    };
    cx.answer("").await?;
    let url = cx.app.config.web.public_url.trim_end_matches('/');
    cx.reply(&card::details(&cx.app.texts, &reader, &view, url))
        .await?;
    refresh(&cx, id).await
}

/// `unask:<id>`: whoever asked takes it back.
pub(super) async fn withdraw(cx: Cx) -> Result<(), FlowError> {
    let Some((id, user)) = named(&cx) else {
        return cx.stale().await;
    };
    let by = cx.by();
    let done = cx.app.approvals.withdraw(id, user, &by).await;
    settle(&cx, id, done).await
}

/// The id in the button, and who pressed.
fn named(cx: &Cx) -> Option<(ApprovalId, UserId)> {
    Some((ApprovalId(cx.args.parse().ok()?), cx.actor.user?))
}

/// The question, if the actor may see it.
pub(super) async fn seen(cx: &Cx, id: ApprovalId) -> Result<Option<(Reader, View)>, FlowError> {
    let Some(user) = cx.actor.user else {
        return Ok(None);
    };
    let snapshot = cx.app.access.snapshot();
    let view = read::one(&cx.app.db, id).await?;
    let view = view.filter(|v| rights::may_see(&snapshot, user, &v.approval, Micros::now()));
    Ok(view.map(|view| (reader(cx, &view), view)))
}

fn reader(cx: &Cx, view: &View) -> Reader {
    let user = cx.actor.user.unwrap_or(UserId(0));
    let snapshot = cx.app.access.snapshot();
    Reader {
        user,
        language: cx.actor.language.clone(),
        time_zone: cx.actor.time_zone.clone(),
        may_decide: rights::may_decide(&snapshot, user, &view.approval, Micros::now()),
    }
}

pub(super) fn card(cx: &Cx, view: &View) -> (String, Keyboard) {
    card::card(&cx.app.texts, &reader(cx, view), view)
}

/// Ends a press: says what came of it, and shows on the card what is true.
async fn settle(
    cx: &Cx,
    id: ApprovalId,
    done: Result<Decided, ApprovalError>,
) -> Result<(), FlowError> {
    match done {
        Ok(decided) => cx.answer(&said(cx, &decided)).await?,
        Err(ApprovalError::Refused(refused)) => cx.alert(&refusal(cx, &refused)).await?,
        Err(ApprovalError::Db(error)) => return Err(error.into()),
    }
    refresh(cx, id).await
}

/// Nothing for those who may not see it (any more): their card is the keeper's.
async fn refresh(cx: &Cx, id: ApprovalId) -> Result<(), FlowError> {
    let mut shown = None;
    // What changes between reading and showing is read again; more often than this it is a storm,
    // and the keeper's edit comes last.
    for _ in 0..3 {
        let Some((_, view)) = seen(cx, id).await? else {
            return Ok(());
        };
        if shown == Some(view.approval.version) {
            return Ok(());
        }
        let (text, keyboard) = card(cx, &view);
        cx.edit(&text, keyboard).await?;
        shown = Some(view.approval.version);
    }
    Ok(())
}

fn said(cx: &Cx, decided: &Decided) -> String {
    let id = match decided.state {
        ApprovalState::Open => "approval-counted",
        ApprovalState::Approved => "approval-is-approved",
        ApprovalState::Rejected => "approval-is-rejected",
        ApprovalState::Expired | ApprovalState::Withdrawn => "approval-is-withdrawn",
    };
    let args = [
        ("have", Arg::from(decided.have)),
        ("needed", Arg::from(decided.needed)),
    ];
    cx.t(id, &args)
}

fn refusal(cx: &Cx, refused: &Refused) -> String {
    match refused {
        Refused::Gone => cx.t("approval-gone", &[]),
        Refused::Decided {
            state, name, at, ..
        } => {
            let reader = Reader {
                user: cx.actor.user.unwrap_or(UserId(0)),
                language: cx.actor.language.clone(),
                time_zone: cx.actor.time_zone.clone(),
                may_decide: false,
            };
            let outcome = card::ended(&cx.app.texts, &reader, *state, name, *at);
            cx.t("approval-before", &[("outcome", Arg::from(outcome))])
        }
        Refused::Voted { .. } => cx.t("approval-voted", &[]),
        Refused::OwnRequest => cx.t("approval-own", &[]),
        Refused::NotAllowed(key) => cx.t("denied", &[("permission", Arg::from(key))]),
        Refused::NotYours => cx.t("approval-not-yours", &[]),
        Refused::LongReason => cx.t("approval-long-reason", &[("length", Arg::from(0))]),
    }
}
