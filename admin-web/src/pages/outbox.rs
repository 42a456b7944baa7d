//! `/outbox`: messages that wait, were sent, or failed.

use bot_core::access::keys;
use bot_core::outbox::desk::{self, Listed};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::outbox::OutboxState;
use vahta_rows::{Micros, OutboxId};

use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::parts::{self, time};
use crate::problem::Problem;

const PAGE: i64 = 50;
const LISTS: &[(&str, OutboxState)] = &[
    ("queued", OutboxState::Queued),
    ("failed", OutboxState::Failed),
    ("sent", OutboxState::Sent),
];

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    state: String,
    before: Option<i64>,
}

pub(crate) async fn list(cx: Cx) -> Answer {
    let Query { state, before } = cx.query()?;
    let listed = LISTS
        .iter()
        .find(|(name, _)| *name == state)
        .unwrap_or(&LISTS[0]);
    let mut rows = desk::list(&cx.app()?.db, listed.1, before, PAGE).await?;
    let has_more = rows.len() as i64 > PAGE;
    rows.truncate(PAGE as usize);
    let links: Vec<_> = LISTS
        .iter()
        .map(|(name, _)| {
            (
                *name,
                parts::href("/outbox", &[("state", name)]),
                cx.t(&format!("outbox-{name}"), &[]),
            )
        })
        .collect();
    let to = |before: &str| parts::href("/outbox", &[("state", listed.0), ("before", before)]);
    let older = rows
        .last()
        .filter(|_| has_more)
        .map(|last| to(&last.id.to_string()));
    let resend =
        listed.1 == OutboxState::Failed && !rows.is_empty() && cx.viewer.may(keys::STATUS_MANAGE);
    let content = html! {
        div.head {
            h1 { (cx.t("nav-outbox", &[])) }
            @if resend { (parts::act(&cx, "/outbox/retry", &cx.t("retry-all", &[]), "main", None)) }
            (parts::segments(listed.0, &links))
        }
        section.card.flush {
            @if rows.is_empty() { (parts::empty(&cx, &format!("no-outbox-{}", listed.0))) } @else { (table(&cx, &rows)) }
            (parts::pages(&cx, before.map(|_| to("")), older))
        }
    };
    cx.live_page(&cx.t("nav-outbox", &[]), &content, "outbox. tick")
}

fn table(cx: &Cx, rows: &[Listed]) -> Markup {
    let column = |id: &str| cx.t(id, &[]);
    let (chat, due, tries) = (column("chat"), column("due"), column("tries"));
    let manages = cx.viewer.may(keys::STATUS_MANAGE);
    html! {
        table {
            thead { tr { th { (cx.t("method", &[])) } th.num { (chat) } th { (due) } th.num { (tries) } th { span.hidden { (cx.t("acts", &[])) } } } }
            tbody {
                @for row in rows {
                    tr {
                        td.title { (row.method) " " span.quiet.small { (row.plugin) " #" (row.id) }
                            @if let Some(error) = &row.last_error { div.small.break.quiet { (error) } } }
                        td.num data-label=(chat) { (row.chat_id) }
                        td data-label=(due) { (time(cx, Micros(row.sent_at.unwrap_or(row.due_at)))) }
                        td.num data-label=(tries) { (row.attempts) }
                        td.acts {
                            @if manages && row.state == OutboxState::Failed as i16 {
                                (parts::act(cx, &format!("/outbox/{}/retry", row.id), &cx.t("retry", &[]), "", None))
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(crate) async fn retry_all(cx: Cx) -> Answer {
    cx.app()?.outbox.resend(&cx.by()?).await?;
    cx.committed(Vec::new())?;
    Ok(answer::see_other("/outbox"))
}

pub(crate) async fn retry(cx: Cx) -> Answer {
    let id = OutboxId(cx.param("id")?);
    if !cx.app()?.outbox.resend_one(id, &cx.by()?).await? {
        return Err(Problem::Conflict(cx.t("outbox-moved-on", &[])));
    }
    cx.committed(Vec::new())?;
    Ok(answer::see_other("/outbox?state=failed"))
}
