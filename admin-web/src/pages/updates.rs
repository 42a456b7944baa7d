//! `/updates`: updates that were kept because they crashed their handler or could not be read.

use bot_core::kept::{self, Kept};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::UpdateId;

use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::parts::{self, badge, time};
use crate::problem::Problem;

const PAGE: i64 = 50;

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    page: u32,
}

pub(crate) async fn list(cx: Cx) -> Answer {
    let Query { page } = cx.query()?;
    let mut rows = kept::list(&cx.app()?.db, page, PAGE).await?;
    let has_more = rows.len() as i64 > PAGE;
    rows.truncate(PAGE as usize);
    let to = |page: u32| format!("/updates?page={page}");
    let content = html! {
        div.head { h1 { (cx.t("nav-updates", &[])) } p.quiet.small { (cx.t("updates-text", &[])) } }
        section.card.flush {
            @if rows.is_empty() { (parts::empty(&cx, "no-updates")) } @else { (table(&cx, &rows)) }
            (parts::pages(&cx, (page > 0).then(|| to(page - 1)), has_more.then(|| to(page + 1))))
        }
    };
    cx.live_page(&cx.t("nav-updates", &[]), &content, "update. tick")
}

fn table(cx: &Cx, rows: &[Kept]) -> Markup {
    let (state, at, error) = (
        cx.t("state", &[]),
        cx.t("col-time", &[]),
        cx.t("error", &[]),
    );
    html! {
        table {
            thead { tr { th { (cx.t("update", &[])) } th { (state) } th { (at) } th { (error) } th { span.hidden { (cx.t("acts", &[])) } } } }
            tbody {
                @for row in rows {
                    tr {
                        td.title { a href=(format!("/updates/{}", row.id)) { (row.id) } " " span.quiet.small { (row.kind) } }
                        td data-label=(state) { (state_of(cx, row.parked)) }
                        td data-label=(at) { (time(cx, row.received_at)) }
                        td.text { (row.error.as_deref().unwrap_or_default()) }
                        td.acts { (retry_button(cx, row.id)) }
                    }
                }
            }
        }
    }
}

fn state_of(cx: &Cx, parked: bool) -> Markup {
    let id = if parked {
        "update-parked"
    } else {
        "update-unparsed"
    };
    badge(if parked { "bad" } else { "warn" }, &cx.t(id, &[]))
}

fn retry_button(cx: &Cx, id: UpdateId) -> Markup {
    parts::act(
        cx,
        &format!("/updates/{id}/retry"),
        &cx.t("retry", &[]),
        "",
        None,
    )
}

/// `/updates/{id}`: the update as Telegram sent it.
pub(crate) async fn one(cx: Cx) -> Answer {
    let id = UpdateId(cx.param("id")?);
    let raw = kept::raw(&cx.app()?.db, id)
        .await?
        .ok_or(Problem::NotFound)?;
    // Easier to read indented; what is no JSON is shown as it is.
    let text = match serde_json::from_slice::<serde_json::Value>(&raw) {
        Ok(value) => serde_json::to_string_pretty(&value).unwrap_or_default(),
        Err(_) => String::from_utf8_lossy(&raw).into_owned(),
    };
    let title = format!("{} {id}", cx.t("update", &[]));
    let content = html! {
        div.head { h1 { (title) } (retry_button(&cx, id)) }
        section.card { pre tabindex="0" { (text) } }
        p { a href="/updates" { "← " (cx.t("nav-updates", &[])) } }
    };
    cx.page(&title, &content)
}

pub(crate) async fn retry(cx: Cx) -> Answer {
    let id = UpdateId(cx.param("id")?);
    if !kept::retry(cx.app()?, id, &cx.by()?).await? {
        return Err(Problem::Conflict(cx.t("update-moved-on", &[])));
    }
    Ok(answer::see_other("/updates"))
}
