//! Questions and votes on either connection; used inside `transaction!`.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::approvals::ApprovalState;
use vahta_rows::{ApprovalId, DbError, Micros, PgConn, SqliteConn, UserId};

use super::read::{Approval, NAMES, Names, Row, Vote, label};
use crate::storage::schema::{approval_votes, approvals, bot_users};

#[async_trait::async_trait]
pub(super) trait ApprovalRows {
    /// The row, held until the transaction ends: whoever decides the same question waits.
    async fn lock_approval(&mut self, id: ApprovalId) -> Result<Option<Approval>, DbError>;
    /// False when this person has voted before.
    async fn put_vote(&mut self, vote: &Vote) -> Result<bool, DbError>;
    async fn vote_of(&mut self, id: ApprovalId, user: UserId) -> Result<Option<Vote>, DbError>;
    async fn count_approving(&mut self, id: ApprovalId) -> Result<i64, DbError>;
    /// Open → `state`, by compare-and-set on the version; with `Open` only the version moves on.
    async fn settle(
        &mut self,
        approval: &Approval,
        state: ApprovalState,
        by: Option<UserId>,
        now: Micros,
    ) -> Result<bool, DbError>;
    async fn name_of(&mut self, user: UserId) -> Result<String, DbError>;
}

macro_rules! approval_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl ApprovalRows for $conn {
            async fn lock_approval(&mut self, id: ApprovalId) -> Result<Option<Approval>, DbError> {
                // An update that changes nothing locks the row on PostgreSQL and reads what the
                // one before committed; on SQLite the transaction is the only writer anyway.
                let lock = diesel::update(approvals::table.find(id.0))
                    .set(approvals::version.eq(approvals::version))
                    .returning(Row::as_returning());
                let row: Option<Row> = Run::get_result(lock, self).await.optional()?;
                Ok(row.map(Approval::from))
            }

            async fn put_vote(&mut self, vote: &Vote) -> Result<bool, DbError> {
                let insert = diesel::insert_into(approval_votes::table)
                    .values((
                        approval_votes::approval_id.eq(vote.approval_id),
                        approval_votes::user_id.eq(vote.user_id),
                        approval_votes::approves.eq(vote.approves),
                        approval_votes::reason.eq(vote.reason.as_deref()),
                        approval_votes::source.eq(&vote.source),
                        approval_votes::at.eq(vote.at),
                    ))
                    .on_conflict_do_nothing();
                Ok(Run::execute(insert, self).await? > 0)
            }

            async fn vote_of(
                &mut self,
                id: ApprovalId,
                user: UserId,
            ) -> Result<Option<Vote>, DbError> {
                let find = approval_votes::table
                    .find((id.0, user.0))
                    .select(Vote::as_select());
                Ok(Run::first(find, self).await.optional()?)
            }

            async fn count_approving(&mut self, id: ApprovalId) -> Result<i64, DbError> {
                let approving = approval_votes::table
                    .filter(approval_votes::approval_id.eq(id.0))
                    .filter(approval_votes::approves.eq(true))
                    .count();
                Ok(Run::get_result(approving, self).await?)
            }

            async fn settle(
                &mut self,
                approval: &Approval,
                state: ApprovalState,
                by: Option<UserId>,
                now: Micros,
            ) -> Result<bool, DbError> {
                let is_over = state != ApprovalState::Open;
                let open = approvals::table
                    .find(approval.id)
                    .filter(approvals::state.eq(ApprovalState::Open as i16))
                    .filter(approvals::version.eq(approval.version));
                let update = diesel::update(open).set((
                    approvals::state.eq(state as i16),
                    approvals::decided_at.eq(is_over.then_some(now.0)),
                    approvals::decided_by.eq(by.filter(|_| is_over).map(|user| user.0)),
                    approvals::version.eq(approvals::version + 1),
                ));
                Ok(Run::execute(update, self).await? > 0)
            }

            async fn name_of(&mut self, user: UserId) -> Result<String, DbError> {
                let find = bot_users::table.find(user.0).select(NAMES);
                let names: Option<Names> = Run::first(find, self).await.optional()?;
                Ok(names.map(label).unwrap_or_default())
            }
        }
    };
}
approval_rows!(SqliteConn);
approval_rows!(PgConn);
