//! Lists of questions, as far as somebody may see them.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::approvals::ApprovalState;
use vahta_rows::{Db, DbError, Micros, UserId, with_db};

use super::read::{Approval, Row, View, read, views, voted};
use super::rights;
use crate::access::Snapshot;
use crate::storage::schema::approvals;

/// Which questions a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Open, and one may decide and has not voted.
    ToDecide,
    /// Open, and one asked.
    Asked,
    /// Open, and one may see them.
    Open,
    /// Decided, and one may see them.
    Decided,
}

impl Which {
    fn is_open(self) -> bool {
        self != Self::Decided
    }

    fn holds(self, snapshot: &Snapshot, user: UserId, approval: &Approval, now: Micros) -> bool {
        match self {
            Self::ToDecide => rights::may_decide(snapshot, user, approval, now),
            Self::Asked => approval.requested_by == Some(user.0),
            Self::Open | Self::Decided => rights::may_see(snapshot, user, approval, now),
        }
    }
}

/// A page of a list.
#[derive(Debug)]
pub struct Page {
    pub views: Vec<View>,
    /// What `before` is for the next page; `None` at the end.
    pub next: Option<i64>,
}

/// Rows that one query reads; rights are looked at in memory.
const BATCH: i64 = 200;
/// Queries of one page: whoever may see little does not read everything to find nothing.
const BATCHES: usize = 10;

/// The newest first, below `before`, at most `size`.
pub async fn page(
    db: &Db,
    snapshot: &Snapshot,
    user: UserId,
    which: Which,
    before: Option<i64>,
    size: usize,
) -> Result<Page, DbError> {
    let now = Micros::now();
    let (mut found, mut next) = (Vec::new(), None);
    let mut below = before.unwrap_or(i64::MAX);
    for batch in 1..=BATCHES {
        let rows = batch_below(db, which.is_open(), below).await?;
        let is_last = (rows.len() as i64) < BATCH;
        let voted = match which {
            Which::ToDecide => voted(db, &rows).await?,
            _ => HashSet::new(),
        };
        for row in rows {
            if found.len() == size {
                next = Some(below);
                break;
            }
            below = row.id;
            let is_new = !voted.contains(&(row.id, user.0));
            if is_new && which.holds(snapshot, user, &row, now) {
                found.push(row);
            }
        }
        if is_last || next.is_some() {
            break;
        }
        if batch == BATCHES {
            next = Some(below);
        }
    }
    Ok(Page {
        views: views(db, found).await?,
        next,
    })
}

async fn batch_below(db: &Db, is_open: bool, below: i64) -> Result<Vec<Approval>, DbError> {
    let open = ApprovalState::Open as i16;
    let (least, most) = if is_open {
        (open, open)
    } else {
        (open + 1, i16::MAX)
    };
    let rows = with_db!(db, c => Run::load(
        approvals::table
            .filter(approvals::state.between(least, most))
            .filter(approvals::id.lt(below))
            .order(approvals::id.desc())
            .limit(BATCH)
            .select(Row::as_select()),
        c,
    ).await)?;
    Ok(read(rows))
}
