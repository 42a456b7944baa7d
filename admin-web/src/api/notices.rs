//! Notices: what one was told.

use bot_core::notices::Notice;
use bot_core::notices::read::Which;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vahta_rows::NoticeId;

use super::input::{cut, limit};
use super::reply::List;
use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::Problem;

#[derive(Serialize, JsonSchema)]
pub(crate) struct NoticeView {
    id: i64,
    /// Who tells: a plugin's name, or "core".
    plugin: String,
    /// Such as "task.due".
    kind: String,
    /// Without markup.
    text: String,
    /// What opens it on this site; null: nothing.
    web_path: Option<String>,
    /// Comes in quiet hours too.
    urgent: bool,
    created_at: Time,
    /// A page has shown it.
    shown_at: Option<Time>,
    /// It went to Telegram.
    sent_at: Option<Time>,
    read_at: Option<Time>,
}

impl From<Notice> for NoticeView {
    fn from(notice: Notice) -> Self {
        Self {
            id: notice.id.0,
            text: notice.plain(),
            web_path: notice.web_path().map(str::to_string),
            plugin: notice.plugin,
            kind: notice.kind,
            urgent: notice.urgent,
            created_at: Time(notice.created_at),
            shown_at: notice.shown_at.map(Time),
            sent_at: notice.sent_at.map(Time),
            read_at: notice.read_at.map(Time),
        }
    }
}

/// Which notices a list holds.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Group {
    #[default]
    All,
    Unread,
    Read,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    #[serde(default)]
    which: Group,
    after: Option<i64>,
    limit: Option<i64>,
}

pub(crate) const LIST: Doc =
    Doc::new::<List<NoticeView>>("What one was told, newest first").query::<Query>();

pub(crate) async fn list(cx: Cx) -> Outcome {
    let user = cx.no_key()?;
    let query: Query = cx.query()?;
    let size = limit(query.limit)?;
    let which = match query.which {
        Group::All => Which::All,
        Group::Unread => Which::Unread,
        Group::Read => Which::Read,
    };
    let mut notices = cx
        .app()?
        .notices
        .list(user, which, query.after, size)
        .await?;
    let has_more = cut(&mut notices, size);
    let next = notices.last().filter(|_| has_more).map(|last| last.id.0);
    Reply::page(notices.into_iter().map(NoticeView::from).collect(), next)
}

pub(crate) const READ: Doc = Doc::silent("One has read a notice");

pub(crate) async fn read(cx: Cx) -> Outcome {
    let user = cx.no_key()?;
    let (id, notices) = (NoticeId(cx.param("id")?), &cx.app()?.notices);
    if notices.one(user, id).await?.is_none() {
        return Err(Problem::NotFound);
    }
    notices.read(user, Some(id)).await?;
    Reply::nothing()
}

/// How many there were.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ReadCount {
    read: usize,
}

pub(crate) const READ_ALL: Doc = Doc::new::<ReadCount>("One has read all of them");

pub(crate) async fn read_all(cx: Cx) -> Outcome {
    let user = cx.no_key()?;
    let read = cx.app()?.notices.read(user, None).await?;
    Reply::ok(&ReadCount { read })
}
