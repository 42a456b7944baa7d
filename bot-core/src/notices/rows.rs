//! Notices on either connection; used inside `transaction!`.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use vahta_rows::notices::NoticeState;
use vahta_rows::{DbError, Micros, PgConn, SqliteConn, UserId};

use super::{Quiet, Whither};
use crate::storage::schema::{notice_settings, notices};

/// Where somebody's notices go, and when not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct NoticeSettings {
    pub(crate) whither: Whither,
    pub(crate) quiet: Option<Quiet>,
}

/// One step of a notice, from what it was to what it is.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) id: i64,
    pub(crate) was: (i16, Option<i64>),
    pub(crate) state: NoticeState,
    pub(crate) due_at: Option<Micros>,
    /// It becomes a row of the outbox.
    pub(crate) sends: bool,
}

#[async_trait::async_trait]
pub(crate) trait NoticeRows {
    /// By compare-and-set; false when a page has shown it meanwhile, or somebody else stepped.
    async fn step_notice(&mut self, step: &Step, now: Micros) -> Result<bool, DbError>;
    /// A page shows these to their person: nothing more has to be done about them.
    async fn show_notices(
        &mut self,
        user: UserId,
        ids: &[i64],
        now: Micros,
    ) -> Result<usize, DbError>;
    /// The person has read one of theirs (`None`: all of them).
    async fn read_notices(
        &mut self,
        user: UserId,
        one: Option<i64>,
        now: Micros,
    ) -> Result<usize, DbError>;
    /// What these people have set; those who have not are missing.
    async fn notice_settings(
        &mut self,
        users: &[i64],
    ) -> Result<Vec<(i64, NoticeSettings)>, DbError>;
    async fn put_notice_settings(
        &mut self,
        user: UserId,
        settings: NoticeSettings,
    ) -> Result<(), DbError>;
    /// What waits for the end of somebody's quiet hours is looked at again: they have changed.
    async fn rouse_notices(&mut self, user: UserId, now: Micros) -> Result<(), DbError>;
}

macro_rules! notice_rows {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl NoticeRows for $conn {
            async fn step_notice(&mut self, step: &Step, now: Micros) -> Result<bool, DbError> {
                let (state, due_at) = step.was;
                let same = notices::table
                    .find(step.id)
                    .filter(notices::state.eq(state))
                    .filter(notices::due_at.eq(due_at));
                let next = (
                    notices::state.eq(step.state as i16),
                    notices::due_at.eq(step.due_at.map(|at| at.0)),
                );
                let stepped = if step.sends {
                    let sent = notices::sent_at.eq(Some(now.0));
                    Run::execute(diesel::update(same).set((next, sent)), self).await?
                } else {
                    Run::execute(diesel::update(same).set(next), self).await?
                };
                Ok(stepped > 0)
            }

            async fn show_notices(
                &mut self,
                user: UserId,
                ids: &[i64],
                now: Micros,
            ) -> Result<usize, DbError> {
                let theirs = notices::table
                    .filter(notices::user_id.eq(user.0))
                    .filter(notices::id.eq_any(ids.to_vec()))
                    .filter(notices::shown_at.is_null());
                let show = diesel::update(theirs).set((
                    notices::shown_at.eq(Some(now.0)),
                    notices::state.eq(NoticeState::Over as i16),
                    notices::due_at.eq(None::<i64>),
                ));
                Ok(Run::execute(show, self).await?)
            }

            async fn read_notices(
                &mut self,
                user: UserId,
                one: Option<i64>,
                now: Micros,
            ) -> Result<usize, DbError> {
                let (from, to) = one.map_or((i64::MIN, i64::MAX), |id| (id, id));
                let theirs = notices::table
                    .filter(notices::user_id.eq(user.0))
                    .filter(notices::id.between(from, to))
                    .filter(notices::read_at.is_null());
                let read = diesel::update(theirs).set((
                    notices::read_at.eq(Some(now.0)),
                    notices::state.eq(NoticeState::Over as i16),
                    notices::due_at.eq(None::<i64>),
                ));
                Ok(Run::execute(read, self).await?)
            }

            async fn notice_settings(
                &mut self,
                users: &[i64],
            ) -> Result<Vec<(i64, NoticeSettings)>, DbError> {
                let theirs =
                    notice_settings::table.filter(notice_settings::user_id.eq_any(users.to_vec()));
                let rows: Vec<(i64, i16, Option<i16>, Option<i16>)> =
                    Run::load(theirs, self).await?;
                let settings = |(user, whither, from, to)| {
                    let whither = Whither::from_i16(whither);
                    let quiet = Quiet::from_columns(from, to);
                    (user, NoticeSettings { whither, quiet })
                };
                Ok(rows.into_iter().map(settings).collect())
            }

            async fn put_notice_settings(
                &mut self,
                user: UserId,
                settings: NoticeSettings,
            ) -> Result<(), DbError> {
                let quiet = settings.quiet.map(Quiet::columns);
                let rest = (
                    notice_settings::whither.eq(settings.whither as i16),
                    notice_settings::quiet_from.eq(quiet.map(|(from, _)| from)),
                    notice_settings::quiet_to.eq(quiet.map(|(_, to)| to)),
                );
                let put = diesel::insert_into(notice_settings::table)
                    .values((notice_settings::user_id.eq(user.0), rest))
                    .on_conflict(notice_settings::user_id)
                    .do_update()
                    .set(rest);
                Run::execute(put, self).await?;
                Ok(())
            }

            async fn rouse_notices(&mut self, user: UserId, now: Micros) -> Result<(), DbError> {
                let waiting = notices::table
                    .filter(notices::user_id.eq(user.0))
                    .filter(notices::state.eq(NoticeState::Waiting as i16))
                    .filter(notices::due_at.is_not_null());
                let rouse = diesel::update(waiting).set(notices::due_at.eq(Some(now.0)));
                Run::execute(rouse, self).await?;
                Ok(())
            }
        }
    };
}
notice_rows!(SqliteConn);
notice_rows!(PgConn);
