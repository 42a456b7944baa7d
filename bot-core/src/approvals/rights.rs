//! Who may decide, and who may see; by the snapshot. A decision asks the tables once more.

use vahta_rows::{ChatId, Micros, UserId};

use super::Approval;
use crate::access::{Snapshot, keys};

/// Where the permission must be held.
pub fn place(approval: &Approval) -> Option<ChatId> {
    (approval.chat_id != 0).then_some(ChatId(approval.chat_id))
}

/// Holds the permission, and is not whoever asked (unless they count).
pub fn may_decide(snapshot: &Snapshot, user: UserId, approval: &Approval, now: Micros) -> bool {
    (approval.own_counts || approval.requested_by != Some(user.0))
        && holds(snapshot, user, &approval.permission, place(approval), now)
}

/// Holds the permission, or asked, or sees everything.
pub fn may_see(snapshot: &Snapshot, user: UserId, approval: &Approval, now: Micros) -> bool {
    approval.requested_by == Some(user.0)
        || holds(snapshot, user, &approval.permission, place(approval), now)
        || holds(snapshot, user, keys::APPROVALS_VIEW, None, now)
}

pub(super) fn holds(
    snapshot: &Snapshot,
    user: UserId,
    key: &str,
    chat: Option<ChatId>,
    now: Micros,
) -> bool {
    snapshot
        .user(user)
        .is_some_and(|known| snapshot.keys(known, chat, now).contains(key))
}
