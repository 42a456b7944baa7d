//! Somebody's notices: lists, what is unread, what an open page has to show; and that it did.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::json;
use vahta_rows::events::{Event, PutEvent as _};
use vahta_rows::notices::{Body, NoticeState};
use vahta_rows::{Db, DbError, Micros, NoticeId, UserId, transaction, with_db};

use super::rows::NoticeRows as _;
use super::{NEW, Notices, READ};
use crate::storage::schema::notices;

/// The most that is counted: a person reads no larger number.
pub const MANY: usize = 100;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = notices, check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg))]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) user_id: i64,
    pub(super) plugin: String,
    pub(super) kind: String,
    pub(super) body: String,
    pub(super) urgent: bool,
    pub(super) state: i16,
    pub(super) due_at: Option<i64>,
    pub(super) created_at: i64,
    pub(super) shown_at: Option<i64>,
    pub(super) sent_at: Option<i64>,
    pub(super) read_at: Option<i64>,
}

/// A row of `notices`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    pub user: UserId,
    /// Who tells.
    pub plugin: String,
    pub kind: String,
    pub body: Body,
    pub urgent: bool,
    pub state: NoticeState,
    pub due_at: Option<Micros>,
    pub created_at: Micros,
    /// A page has shown it.
    pub shown_at: Option<Micros>,
    /// It went to Telegram.
    pub sent_at: Option<Micros>,
    pub read_at: Option<Micros>,
}

impl From<Row> for Notice {
    fn from(row: Row) -> Self {
        // One bad row of one plugin must not hide everybody's: it shows as what it is.
        let body = serde_json::from_str(&row.body).unwrap_or_else(|_| Body {
            text: vahta_texts::escape_html(&row.body),
            ..Body::default()
        });
        Self {
            id: NoticeId(row.id),
            user: UserId(row.user_id),
            plugin: row.plugin,
            kind: row.kind,
            body,
            urgent: row.urgent,
            state: NoticeState::from_i16(row.state),
            due_at: row.due_at.map(Micros),
            created_at: Micros(row.created_at),
            shown_at: row.shown_at.map(Micros),
            sent_at: row.sent_at.map(Micros),
            read_at: row.read_at.map(Micros),
        }
    }
}

impl Notice {
    /// What it says, without markup.
    pub fn plain(&self) -> String {
        let Body { text, web_text, .. } = &self.body;
        crate::commands::plain(if web_text.is_empty() { text } else { web_text })
    }

    pub fn is_read(&self) -> bool {
        self.read_at.is_some()
    }

    /// A path of this site, or none: whoever wrote the row may not lead anybody elsewhere.
    pub fn web_path(&self) -> Option<&str> {
        let path = self.body.web_path.as_str();
        let is_own = path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        is_own.then_some(path)
    }
}

/// What somebody has not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unread {
    /// At most [`MANY`].
    pub count: usize,
    /// Some of it waits for an open page to show it.
    pub offered: bool,
}

/// Which of somebody's notices a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    All,
    Unread,
    Read,
}

/// Notices whose time has come, the longest ago first.
pub(super) async fn due(db: &Db, now: Micros, most: i64) -> Result<Vec<Notice>, DbError> {
    let rows: Vec<Row> = with_db!(db, c => Run::load(
        notices::table
            .filter(notices::due_at.le(now.0))
            .order((notices::due_at, notices::id))
            .limit(most)
            .select(Row::as_select()),
        c,
    ).await)?;
    Ok(rows.into_iter().map(Notice::from).collect())
}

impl Notices {
    /// Somebody's notices, the newest first, below `before`; one more than `size` when there are
    /// more.
    pub async fn list(
        &self,
        user: UserId,
        which: Which,
        before: Option<i64>,
        size: i64,
    ) -> Result<Vec<Notice>, DbError> {
        let below = before.unwrap_or(i64::MAX);
        let theirs = || {
            notices::table
                .filter(notices::user_id.eq(user.0))
                .filter(notices::id.lt(below))
                .order(notices::id.desc())
                .limit(size + 1)
        };
        let rows: Vec<Row> = match which {
            Which::All => with_db!(self.0.db, c => Run::load(
                theirs().select(Row::as_select()), c,
            ).await)?,
            Which::Unread => with_db!(self.0.db, c => Run::load(
                theirs().filter(notices::read_at.is_null()).select(Row::as_select()), c,
            ).await)?,
            Which::Read => with_db!(self.0.db, c => Run::load(
                theirs().filter(notices::read_at.is_not_null()).select(Row::as_select()), c,
            ).await)?,
        };
        Ok(rows.into_iter().map(Notice::from).collect())
    }

    /// One of somebody's notices.
    pub async fn one(&self, user: UserId, id: NoticeId) -> Result<Option<Notice>, DbError> {
        let found: Option<Row> = with_db!(self.0.db, c => Run::first(
            notices::table
                .find(id.0)
                .filter(notices::user_id.eq(user.0))
                .select(Row::as_select()),
            c,
        ).await.optional())?;
        Ok(found.map(Notice::from))
    }

    /// How much somebody has not read.
    pub async fn unread(&self, user: UserId) -> Result<Unread, DbError> {
        let most = i64::try_from(MANY).unwrap_or(i64::MAX);
        let states: Vec<i16> = with_db!(self.0.db, c => Run::load(
            notices::table
                .filter(notices::user_id.eq(user.0))
                .filter(notices::read_at.is_null())
                .order(notices::id.desc())
                .limit(most)
                .select(notices::state),
            c,
        ).await)?;
        Ok(Unread {
            count: states.len(),
            offered: states.contains(&(NoticeState::Offered as i16)),
        })
    }

    /// What an open page has to show now, the oldest first.
    pub async fn offered(&self, user: UserId) -> Result<Vec<Notice>, DbError> {
        const MOST: i64 = 20;
        let rows: Vec<Row> = with_db!(self.0.db, c => Run::load(
            notices::table
                .filter(notices::user_id.eq(user.0))
                .filter(notices::state.eq(NoticeState::Offered as i16))
                .filter(notices::read_at.is_null())
                .order(notices::id)
                .limit(MOST)
                .select(Row::as_select()),
            c,
        ).await)?;
        Ok(rows.into_iter().map(Notice::from).collect())
    }

    /// A page shows these to their person; whoever's they are not, are left alone.
    pub async fn shown(&self, user: UserId, ids: &[NoticeId]) -> Result<usize, DbError> {
        let (ids, now): (Vec<i64>, _) = (ids.iter().map(|id| id.0).collect(), Micros::now());
        if ids.is_empty() {
            return Ok(0);
        }
        transaction!(self.0.db, c => c.show_notices(user, &ids, now).await)
    }

    /// The person has read one (`None`: all of theirs); how many were unread.
    pub async fn read(&self, user: UserId, one: Option<NoticeId>) -> Result<usize, DbError> {
        let now = Micros::now();
        let read = transaction!(self.0.db, c => {
            let read = c.read_notices(user, one.map(|id| id.0), now).await?;
            if read > 0 {
                c.put_event(&event(READ, user)).await?;
            }
            Ok(read)
        })?;
        if read > 0 {
            self.0.events.wake();
        }
        Ok(read)
    }
}

/// Says whose it is, and nothing else: the page asks.
fn event(topic: &str, user: UserId) -> Event {
    Event {
        topic: topic.into(),
        object: format!("user:{user}"),
        payload: json!({}),
    }
}

pub(super) fn new_event(user: UserId) -> Event {
    event(NEW, user)
}
