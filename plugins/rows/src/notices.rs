//! What one person is to be told, left in the caller's transaction.
//!
//! Whoever has something to tell writes a row; the core brings it to the person's open page, or into
//! their private chat when nobody looks at one, as they have set it and not in their quiet hours.
//! The row stays on their page of notices until they have read it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema::notices;
use crate::{DbError, Micros, NoticeId, PgConn, SqliteConn, UserId};

/// `notices.state`: how far the delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum NoticeState {
    /// Nobody has looked at it yet.
    Fresh = 0,
    /// Open pages were told; at `due_at` nobody has shown it.
    Offered = 1,
    /// Quiet hours, until `due_at`.
    Waiting = 2,
    /// Shown, sent, or nothing can be done; `due_at` is NULL.
    Over = 3,
}

impl NoticeState {
    pub fn from_i16(value: i16) -> Self {
        match value {
            0 => Self::Fresh,
            1 => Self::Offered,
            2 => Self::Waiting,
            _ => Self::Over,
        }
    }
}

/// Something to tell somebody.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewNotice {
    pub user: UserId,
    /// Who tells.
    pub plugin: String,
    /// The writer's own name for it: the same person is told the same key once.
    pub key: String,
    /// What kind of thing it tells of, such as "task.due".
    pub kind: String,
    /// Telegram HTML; the web shows it without markup.
    pub text: String,
    /// What the web shows instead, for a text that is long; may be empty.
    pub web_text: String,
    /// The Bot API's `InlineKeyboardMarkup`; only Telegram shows it.
    pub keyboard: Option<Value>,
    /// What opens it in Telegram, such as "/task_12"; may be empty.
    pub link: String,
    /// What opens it on the web, such as "/p/task/12"; may be empty.
    pub web_path: String,
    /// Comes in quiet hours too.
    pub urgent: bool,
}

impl NewNotice {
    /// One that waits for the end of quiet hours and leads nowhere.
    pub fn new(user: UserId, key: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            user,
            plugin: String::new(),
            key: key.into(),
            kind: "notice".into(),
            text: text.into(),
            web_text: String::new(),
            keyboard: None,
            link: String::new(),
            web_path: String::new(),
            urgent: false,
        }
    }
}

/// `notices.body`: what a notice says, in JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Body {
    pub text: String,
    pub web_text: String,
    pub keyboard: Option<Value>,
    pub link: String,
    pub web_path: String,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = notices)]
struct NewRow {
    user_id: i64,
    plugin: String,
    key: String,
    kind: String,
    body: String,
    urgent: bool,
    state: i16,
    due_at: Option<i64>,
    created_at: i64,
}

impl NewRow {
    fn of(new: &NewNotice) -> Result<Self, DbError> {
        let now = Micros::now();
        let body = Body {
            text: crate::tidy(&new.text),
            web_text: crate::tidy(&new.web_text),
            keyboard: new.keyboard.clone(),
            link: new.link.clone(),
            web_path: new.web_path.clone(),
        };
        Ok(Self {
            user_id: new.user.0,
            plugin: new.plugin.clone(),
            key: new.key.clone(),
            kind: new.kind.clone(),
            body: serde_json::to_string(&body)?,
            urgent: new.urgent,
            state: NoticeState::Fresh as i16,
            due_at: Some(now.0),
            created_at: now.0,
        })
    }
}

/// How far the delivery of a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeWay {
    /// Looked at again at this instant: a page has it, or it waits for the end of quiet hours.
    Until(Micros),
    /// It became the outbox's row [`outbox_key`].
    Sent,
    /// It is on the web only.
    Kept,
}

/// The key of the outbox row that brings a notice into a chat.
pub fn outbox_key(id: NoticeId) -> String {
    format!("notice:{id}")
}

/// Leaving notices on either connection; used inside [`transaction!`](crate::transaction).
#[async_trait::async_trait]
pub trait PutNotice {
    /// Leaves a notice, or gives `None` when this person has been told this key already.
    ///
    /// # Errors
    /// The database's.
    async fn put_notice(&mut self, new: &NewNotice) -> Result<Option<NoticeId>, DbError>;

    /// Takes notices back that nobody has seen yet, whoever they are for: what they tell of is no
    /// longer so. Answers how many.
    ///
    /// # Errors
    /// The database's.
    async fn withdraw_notices(&mut self, plugin: &str, keys: &[String]) -> Result<usize, DbError>;

    /// [`Self::withdraw_notices`] of one.
    ///
    /// # Errors
    /// The database's.
    async fn withdraw_notice(&mut self, plugin: &str, id: NoticeId) -> Result<bool, DbError>;

    /// What nobody has seen yet says something else: its first lines, up to an empty one, stay, for
    /// they tell why it comes. False when somebody has seen it.
    ///
    /// # Errors
    /// The database's.
    async fn renew_notice(
        &mut self,
        plugin: &str,
        id: NoticeId,
        text: &str,
        keyboard: Value,
    ) -> Result<bool, DbError>;

    /// How far a notice is; none when it was withdrawn or forgotten.
    ///
    /// # Errors
    /// The database's.
    async fn notice_way(&mut self, id: NoticeId) -> Result<Option<NoticeWay>, DbError>;
}

/// A plugin's notices that nobody has seen.
macro_rules! unseen {
    ($plugin:expr) => {
        notices::table
            .filter(notices::plugin.eq($plugin))
            .filter(notices::due_at.is_not_null())
            .filter(notices::sent_at.is_null())
            .filter(notices::shown_at.is_null())
    };
}

macro_rules! put_notice {
    ($conn:ty) => {
        #[async_trait::async_trait]
        impl PutNotice for $conn {
            async fn put_notice(&mut self, new: &NewNotice) -> Result<Option<NoticeId>, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                let id: Option<i64> = diesel::insert_into(notices::table)
                    .values(NewRow::of(new)?)
                    .on_conflict((notices::user_id, notices::plugin, notices::key))
                    .do_nothing()
                    .returning(notices::id)
                    .get_result(self)
                    .await
                    .optional()?;
                Ok(id.map(NoticeId))
            }

            async fn withdraw_notices(
                &mut self,
                plugin: &str,
                keys: &[String],
            ) -> Result<usize, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                let some = unseen!(plugin).filter(notices::key.eq_any(keys));
                Ok(diesel::delete(some).execute(self).await?)
            }

            async fn withdraw_notice(
                &mut self,
                plugin: &str,
                id: NoticeId,
            ) -> Result<bool, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                let deleted = diesel::delete(unseen!(plugin).filter(notices::id.eq(id.0)));
                Ok(deleted.execute(self).await? > 0)
            }

            async fn renew_notice(
                &mut self,
                plugin: &str,
                id: NoticeId,
                text: &str,
                keyboard: Value,
            ) -> Result<bool, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                let one = unseen!(plugin).filter(notices::id.eq(id.0));
                let body: Option<String> =
                    one.select(notices::body).first(self).await.optional()?;
                let Some(body) = body else {
                    return Ok(false);
                };
                let old: Body = serde_json::from_str(&body)?;
                let why = old.text.split_once("\n\n").map(|(why, _)| why);
                let text = match why {
                    Some(why) => format!("{why}\n\n{text}"),
                    None => text.to_owned(),
                };
                let new = Body {
                    text: crate::tidy(&text),
                    keyboard: Some(keyboard),
                    ..old
                };
                let body = serde_json::to_string(&new)?;
                // Compare-and-set: the courier may have sent it meanwhile.
                let one = unseen!(plugin).filter(notices::id.eq(id.0));
                let renewed = diesel::update(one).set(notices::body.eq(body));
                Ok(renewed.execute(self).await? > 0)
            }

            async fn notice_way(&mut self, id: NoticeId) -> Result<Option<NoticeWay>, DbError> {
                use diesel::prelude::*;
                use diesel_async::RunQueryDsl;
                let row: Option<(Option<i64>, Option<i64>)> = notices::table
                    .find(id.0)
                    .select((notices::due_at, notices::sent_at))
                    .first(self)
                    .await
                    .optional()?;
                Ok(row.map(|row| match row {
                    (_, Some(_)) => NoticeWay::Sent,
                    (Some(due), None) => NoticeWay::Until(Micros(due)),
                    (None, None) => NoticeWay::Kept,
                }))
            }
        }
    };
}
put_notice!(SqliteConn);
put_notice!(PgConn);
