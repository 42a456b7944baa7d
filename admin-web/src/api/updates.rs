//! Updates that were kept: parked after three crashes, or of a kind that nobody could read.

use bot_core::kept::{self, Kept};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vahta_rows::UpdateId;

use super::input::{cut, limit, page_number};
use super::reply::List;
use super::time::Time;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::Problem;

#[derive(Serialize, JsonSchema)]
pub(crate) struct KeptView {
    id: i64,
    kind: String,
    /// "parked" or "unparsed".
    state: String,
    error: Option<String>,
    received_at: Time,
}

impl From<Kept> for KeptView {
    fn from(kept: Kept) -> Self {
        Self {
            id: kept.id.0,
            kind: kept.kind,
            state: if kept.parked { "parked" } else { "unparsed" }.into(),
            error: kept.error,
            received_at: Time(kept.received_at),
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
    Doc::new::<List<KeptView>>("Updates that were kept, the newest first").query::<Query>();

pub(crate) async fn list(cx: Cx) -> Outcome {
    let query: Query = cx.query()?;
    let (limit, page) = (limit(query.limit)?, page_number(query.after)?);
    let mut rows = kept::list(&cx.app()?.db, page, limit).await?;
    let next = cut(&mut rows, limit).then(|| i64::from(page) + 1);
    Reply::page(rows.into_iter().map(KeptView::from).collect(), next)
}

/// An update as Telegram sent it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Raw {
    id: i64,
    raw: String,
}

pub(crate) const ONE: Doc = Doc::new::<Raw>("A kept update as Telegram sent it");

pub(crate) async fn one(cx: Cx) -> Outcome {
    let id = UpdateId(cx.param("id")?);
    let raw = kept::raw(&cx.app()?.db, id).await?;
    let raw = raw.ok_or(Problem::NotFound)?;
    Reply::ok(&Raw {
        id: id.0,
        raw: String::from_utf8_lossy(&raw).into_owned(),
    })
}

pub(crate) const RETRY: Doc = Doc::silent("Run a kept update once more");

pub(crate) async fn retry(cx: Cx) -> Outcome {
    let (id, by) = (UpdateId(cx.param("id")?), cx.by()?);
    if kept::retry(cx.app()?, id, &by).await? {
        return Reply::nothing();
    }
    Err(Problem::NotFound)
}
