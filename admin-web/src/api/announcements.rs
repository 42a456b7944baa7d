//! Announcements: a draft, and sending it.

use bot_core::announcements::{self, Announcement, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::{body, cut, limit};
use super::reply::List;
use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::pages::announcements::{drafted, dropped, sent_now};
use crate::problem::Problem;

#[derive(Serialize, JsonSchema)]
pub(crate) struct AnnouncementView {
    id: i64,
    /// "everybody", "role:<name>" or "chat:<id>".
    target: String,
    text: String,
    /// "draft", "sent" or "dropped".
    state: String,
    created_by: Option<i64>,
    created_at: Time,
    sent_at: Option<Time>,
    /// Chats that it was sent to.
    total: i64,
    delivered: i64,
    failed: i64,
}

impl From<Announcement> for AnnouncementView {
    fn from(found: Announcement) -> Self {
        let state = match found.state {
            State::Draft => "draft",
            State::Sent => "sent",
            State::Dropped => "dropped",
        };
        Self {
            id: found.id,
            target: found.target.to_string(),
            text: found.text,
            state: state.into(),
            created_by: found.created_by.map(|by| by.0),
            created_at: Time(found.created_at),
            sent_at: found.sent_at.map(Time),
            total: found.counts.total,
            delivered: found.counts.delivered,
            failed: found.counts.failed,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    after: Option<i64>,
    limit: Option<i64>,
}

pub(crate) const LIST: Doc =
    Doc::new::<List<AnnouncementView>>("Announcements, the newest first").query::<Query>();

pub(crate) async fn list(cx: Cx) -> Outcome {
    let query: Query = cx.query()?;
    let limit = limit(query.limit)?;
    let mut rows = announcements::list(&cx.app()?.db, query.after, limit).await?;
    let more = cut(&mut rows, limit);
    let next = rows.last().filter(|_| more).map(|last| last.id);
    Reply::page(rows.into_iter().map(AnnouncementView::from).collect(), next)
}

pub(crate) const ONE: Doc = Doc::new::<AnnouncementView>("An announcement, and who has it");

pub(crate) async fn one(cx: Cx) -> Outcome {
    let id = cx.param("id")?;
    Reply::ok(&view(&cx, id).await?)
}

async fn view(cx: &Cx, id: i64) -> Result<AnnouncementView, Problem> {
    let found = announcements::get(&cx.app()?.db, id).await?;
    found.map(AnnouncementView::from).ok_or(Problem::NotFound)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAnnouncement {
    /// "everybody", a role, or the id of a group.
    to: String,
    /// Up to 4096 units of UTF-16, as Telegram counts; sent as it is.
    text: String,
}

pub(crate) const DRAFT: Doc =
    Doc::makes::<AnnouncementView>("Draft an announcement").body::<NewAnnouncement>();

pub(crate) async fn draft(cx: Cx) -> Outcome {
    let NewAnnouncement { to, text } = body(&cx)?;
    let id = drafted(&cx, &to, &text).await?;
    Reply::made(&view(&cx, id).await?)
}

pub(crate) const SEND: Doc = Doc::silent("Send a draft, once");

pub(crate) async fn send(cx: Cx) -> Outcome {
    sent_now(&cx, cx.param("id")?).await?;
    Reply::nothing()
}

pub(crate) const DROP: Doc = Doc::silent("Throw a draft away");

pub(crate) async fn drop(cx: Cx) -> Outcome {
    dropped(&cx).await?;
    Reply::nothing()
}
