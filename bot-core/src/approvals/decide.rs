//! A vote, a withdrawal, the end of time: each is one transaction with all that follows from it.

use serde_json::json;
use vahta_rows::approvals::{ApprovalState, JOB, Outcome};
use vahta_rows::jobs::{NewJob, PutJob};
use vahta_rows::{ApprovalId, DbError, Micros, UserId, transaction};

use super::read::{Approval, Vote};
use super::rows::ApprovalRows;
use super::{ApprovalError, Approvals, Decided, Done, REASON, Refused, rights};
use crate::access::held::HeldKeys;
use crate::access::{Act, By, RecordAct, Replies, put_replies};

/// The owner that is no plugin: it reads the event, for nobody runs jobs for it.
const CORE: &str = "core";
/// With the runner's pauses these last for more than a day.
const TRIES: i32 = 20;

impl Approvals {
    /// Votes. The first rejection ends it, and so does the last approval that it needs.
    ///
    /// # Errors
    /// [`Refused`] says what is true instead; nothing was changed.
    pub async fn decide(
        &self,
        id: ApprovalId,
        user: UserId,
        approves: bool,
        reason: Option<&str>,
        by: &By,
        replies: Replies<'_, Decided>,
    ) -> Result<Done, ApprovalError> {
        let reason = reason.map(vahta_rows::tidy);
        let reason = reason
            .as_deref()
            .map(str::trim)
            .filter(|reason| !reason.is_empty());
        if reason.is_some_and(|reason| reason.chars().count() > REASON) {
            return Err(Refused::LongReason.into());
        }
        let now = Micros::now();
        let done = transaction!(self.0.db, c => {
            let approval = match may_vote(c, id, user, now).await? {
                Ok(approval) => approval,
                Err(refused) => return Ok(Err(refused)),
            };
            let vote = Vote {
                approval_id: id.0,
                user_id: user.0,
                approves,
                reason: reason.map(str::to_string),
                source: by.source.to_string(),
                at: now.0,
            };
            if !c.put_vote(&vote).await? {
                return Ok(Err(before(c.vote_of(id, user).await?, now)));
            }
            let have = c.count_approving(id).await?;
            let state = match approves {
                false => ApprovalState::Rejected,
                true if have >= i64::from(approval.needed) => ApprovalState::Approved,
                true => ApprovalState::Open,
            };
            end(c, &approval, state, Some(user), reason, by, now).await?;
            let decided = Decided { approval: id, state, have, needed: approval.needed };
            let rows = put_replies!(c, by, replies, &decided);
            Ok(Ok(Done { decided, rows }))
        })??;
        self.committed().await;
        Ok(done)
    }

    /// Whoever asked takes it back.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub async fn withdraw(
        &self,
        id: ApprovalId,
        user: UserId,
        by: &By,
    ) -> Result<Decided, ApprovalError> {
        let now = Micros::now();
        let decided = transaction!(self.0.db, c => {
            let Some(approval) = c.lock_approval(id).await? else {
                return Ok(Err(Refused::Gone));
            };
            if approval.requested_by != Some(user.0) {
                return Ok(Err(Refused::NotYours));
            }
            if !approval.is_open() || approval.is_due(now) {
                return Ok(Err(over(c, &approval).await?));
            }
            let state = ApprovalState::Withdrawn;
            end(c, &approval, state, Some(user), None, by, now).await?;
            let have = c.count_approving(id).await?;
            Ok(Ok(Decided { approval: id, state, have, needed: approval.needed }))
        })??;
        self.committed().await;
        Ok(decided)
    }

    /// Ends a question whose time has come; false when somebody was faster.
    pub(super) async fn expire(&self, id: ApprovalId, by: &By) -> Result<bool, DbError> {
        let now = Micros::now();
        let expired = transaction!(self.0.db, c => {
            match c.lock_approval(id).await? {
                Some(approval) if approval.is_due(now) => {
                    end(c, &approval, ApprovalState::Expired, None, None, by, now).await?;
                    Ok(true)
                }
                _ => Ok(false),
            }
        })?;
        if expired {
            self.committed().await;
        }
        Ok(expired)
    }
}

/// Locks the question; is it this person's to vote on, by the tables as they are now?
async fn may_vote<C: ApprovalRows + HeldKeys + Send>(
    c: &mut C,
    id: ApprovalId,
    user: UserId,
    now: Micros,
) -> Result<Result<Approval, Refused>, DbError> {
    let Some(approval) = c.lock_approval(id).await? else {
        return Ok(Err(Refused::Gone));
    };
    let place = rights::place(&approval);
    if !c.holds(user, &approval.permission, place, now).await? {
        return Ok(Err(Refused::NotAllowed(approval.permission)));
    }
    if !approval.is_open() || approval.is_due(now) {
        return over(c, &approval).await.map(Err);
    }
    if !approval.own_counts && approval.requested_by == Some(user.0) {
        return Ok(Err(Refused::OwnRequest));
    }
    Ok(Ok(approval))
}

fn before(vote: Option<Vote>, now: Micros) -> Refused {
    Refused::Voted {
        approves: vote.as_ref().is_some_and(|vote| vote.approves),
        at: vote.map_or(now, |vote| Micros(vote.at)),
    }
}

/// How it ended; one that is due has expired, whether the keeper was there or not.
async fn over<C: ApprovalRows + Send>(c: &mut C, approval: &Approval) -> Result<Refused, DbError> {
    let by = approval.decided_by.map(UserId);
    let name = match by {
        Some(user) => c.name_of(user).await?,
        None => String::new(),
    };
    let (state, at) = if approval.is_open() {
        (ApprovalState::Expired, approval.expires_at)
    } else {
        (approval.state(), approval.decided_at)
    };
    let at = Micros(at.unwrap_or_default());
    Ok(Refused::Decided {
        state,
        by,
        name,
        at,
    })
}

/// Moves the question on, with the act's audit row and event, and the owner's job if it is over.
async fn end<C: ApprovalRows + PutJob + RecordAct + Send>(
    c: &mut C,
    approval: &Approval,
    state: ApprovalState,
    user: Option<UserId>,
    reason: Option<&str>,
    by: &By,
    now: Micros,
) -> Result<(), DbError> {
    // The row is locked, so its version is the one that was read.
    if !c.settle(approval, state, user, now).await? {
        return Err(DbError::Query(diesel::result::Error::RollbackTransaction));
    }
    let is_over = state != ApprovalState::Open;
    let act = Act {
        action: if is_over {
            "approval.decided"
        } else {
            "approval.voted"
        },
        object: format!("approval:{}", approval.id),
        detail: json!({
            "plugin": approval.plugin, "key": approval.key, "about": approval.object,
            "outcome": state, "reason": reason,
            "permission": approval.permission, "chat": approval.chat_id,
            "requested_by": approval.requested_by,
        }),
    };
    c.audit(by, &act).await?;
    if !is_over || approval.plugin == CORE {
        return Ok(());
    }
    let by_name = match user {
        Some(user) => Some(c.name_of(user).await?),
        None => None,
    };
    let outcome = Outcome {
        approval: approval.id(),
        key: approval.key.clone(),
        object: approval.object.clone(),
        outcome: state,
        by: user,
        by_name,
        requested_by: approval.requested_by.map(UserId),
        reason: reason.map(str::to_string),
        at: now,
    };
    c.put_job(&NewJob {
        plugin: approval.plugin.clone(),
        kind: JOB.into(),
        payload: serde_json::to_value(&outcome)?,
        unique_key: Some(format!("approval:{}", approval.id)),
        priority: 0,
        due_at: None,
        max_attempts: TRIES,
    })
    .await?;
    Ok(())
}
