//! The messages that show a question, as rows: one for each person who was told.
//!
//! A message is written once and then changed; its next change waits until the one before has
//! arrived, for two changes under way could arrive in the wrong order.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::outbox::OutboxState;
use vahta_rows::{ApprovalId, ChatId, Db, DbError, PgConn, SqliteConn, UserId, with_db};

use crate::storage::schema::{approval_notices, approvals, outbox};

/// A row of `approval_notices`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = approval_notices, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub(super) struct Notice {
    pub(super) user_id: i64,
    pub(super) chat_id: i64,
    pub(super) dedup_key: String,
    pub(super) message_id: Option<i64>,
    pub(super) shown_version: i64,
    pub(super) lost: bool,
}

/// How far the outbox is with the row that wrote or changed a message last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sending {
    Queued,
    Sent(Option<i64>),
    /// Failed, or so old that the row is gone.
    Over,
}

/// What a message needs so that it shows `version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Nothing,
    /// Its row is still on its way.
    Patience,
    /// It could not be sent.
    GiveUp,
    /// It has arrived under this id, and shows what is true.
    Note(i64),
    /// It is there under this id, and shows something older.
    Edit(i64),
}

impl Notice {
    pub(super) fn need(&self, sending: Sending, version: i64) -> Need {
        let is_true = self.shown_version >= version;
        match (self.message_id, sending) {
            _ if self.lost => Need::Nothing,
            (None, Sending::Sent(Some(id))) if is_true => Need::Note(id),
            (None, Sending::Sent(Some(id))) => Need::Edit(id),
            (None, Sending::Queued) => Need::Patience,
            (None, Sending::Sent(None) | Sending::Over) => Need::GiveUp,
            (Some(_), _) if is_true => Need::Nothing,
            (Some(_), Sending::Queued) => Need::Patience,
            (Some(id), Sending::Sent(_) | Sending::Over) => Need::Edit(id),
        }
    }
}

/// A question's notices, each with how far its last row is.
pub(super) async fn of(db: &Db, id: ApprovalId) -> Result<Vec<(Notice, Sending)>, DbError> {
    let notices: Vec<Notice> = with_db!(db, c => Run::load(
        approval_notices::table
            .filter(approval_notices::approval_id.eq(id.0))
            .order(approval_notices::user_id)
            .select(Notice::as_select()),
        c,
    ).await)?;
    let keys: Vec<&str> = notices.iter().map(|n| n.dedup_key.as_str()).collect();
    let mut rows: HashMap<String, (i16, Option<i64>)> = HashMap::new();
    for some in keys.chunks(1_000) {
        let found: Vec<(String, i16, Option<i64>)> = with_db!(db, c => Run::load(
            outbox::table
                .filter(outbox::dedup_key.eq_any(some))
                .select((outbox::dedup_key, outbox::state, outbox::message_id)),
            c,
        ).await)?;
        rows.extend(found.into_iter().map(|(key, state, id)| (key, (state, id))));
    }
    let sending = |notice: &Notice| match rows.get(&notice.dedup_key) {
        Some((state, _)) if *state == OutboxState::Queued as i16 => Sending::Queued,
        Some((state, id)) if *state == OutboxState::Sent as i16 => Sending::Sent(*id),
        _ => Sending::Over,
    };
    Ok(notices
        .into_iter()
        .map(|notice| {
            let sending = sending(&notice);
            (notice, sending)
        })
        .collect())
}

#[async_trait::async_trait]
pub(super) trait NoticeRows {
    /// Somebody's first message; false when they have one.
    async fn put_notice(
        &mut self,
        id: ApprovalId,
        user: UserId,
        chat: ChatId,
        dedup_key: &str,
        version: i64,
    ) -> Result<bool, DbError>;
    /// The message is there, and its last row has this key and version.
    async fn note(
        &mut self,
        id: ApprovalId,
        user: i64,
        message: i64,
        dedup_key: &str,
        version: i64,
    ) -> Result<(), DbError>;
    async fn lose(&mut self, id: ApprovalId, user: i64) -> Result<(), DbError>;
    /// Every message shows this version, or will.
    async fn told(&mut self, id: ApprovalId, version: i64) -> Result<(), DbError>;
}

macro_rules! notice_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl NoticeRows for $conn {
            async fn put_notice(
                &mut self,
                id: ApprovalId,
                user: UserId,
                chat: ChatId,
                dedup_key: &str,
                version: i64,
            ) -> Result<bool, DbError> {
                let insert = diesel::insert_into(approval_notices::table)
                    .values((
                        approval_notices::approval_id.eq(id.0),
                        approval_notices::user_id.eq(user.0),
                        approval_notices::chat_id.eq(chat.0),
                        approval_notices::dedup_key.eq(dedup_key),
                        approval_notices::shown_version.eq(version),
                        approval_notices::lost.eq(false),
                    ))
                    .on_conflict_do_nothing();
                Ok(Run::execute(insert, self).await? > 0)
            }

            async fn note(
                &mut self,
                id: ApprovalId,
                user: i64,
                message: i64,
                dedup_key: &str,
                version: i64,
            ) -> Result<(), DbError> {
                let update = diesel::update(approval_notices::table.find((id.0, user))).set((
                    approval_notices::message_id.eq(Some(message)),
                    approval_notices::dedup_key.eq(dedup_key),
                    approval_notices::shown_version.eq(version),
                ));
                Run::execute(update, self).await?;
                Ok(())
            }

            async fn lose(&mut self, id: ApprovalId, user: i64) -> Result<(), DbError> {
                let update = diesel::update(approval_notices::table.find((id.0, user)))
                    .set(approval_notices::lost.eq(true));
                Run::execute(update, self).await?;
                Ok(())
            }

            async fn told(&mut self, id: ApprovalId, version: i64) -> Result<(), DbError> {
                let same = approvals::table
                    .find(id.0)
                    .filter(approvals::version.eq(version));
                let update = diesel::update(same).set(approvals::told_version.eq(version));
                Run::execute(update, self).await?;
                Ok(())
            }
        }
    };
}
notice_rows!(SqliteConn);
notice_rows!(PgConn);

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(message_id: Option<i64>, shown_version: i64) -> Notice {
        Notice {
            user_id: 1,
            chat_id: 1,
            dedup_key: String::new(),
            message_id,
            shown_version,
            lost: false,
        }
    }

    #[test]
    fn a_message_is_changed_only_when_it_is_there_and_nothing_is_on_its_way() {
        let fresh = notice(None, 1);
        assert_eq!(fresh.need(Sending::Queued, 2), Need::Patience);
        assert_eq!(fresh.need(Sending::Sent(Some(7)), 1), Need::Note(7));
        assert_eq!(fresh.need(Sending::Sent(Some(7)), 2), Need::Edit(7));
        assert_eq!(fresh.need(Sending::Over, 2), Need::GiveUp);
        let shown = notice(Some(7), 1);
        assert_eq!(shown.need(Sending::Over, 1), Need::Nothing);
        assert_eq!(shown.need(Sending::Queued, 2), Need::Patience);
        assert_eq!(shown.need(Sending::Over, 2), Need::Edit(7));
        let lost = Notice {
            lost: true,
            ..fresh
        };
        assert_eq!(lost.need(Sending::Sent(Some(7)), 2), Need::Nothing);
    }
}
