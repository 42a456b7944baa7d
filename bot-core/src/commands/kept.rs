//! Updates that were kept: parked after three crashes, or of a kind that nobody could read.

use vahta_rows::UpdateId;
use vahta_texts::{Arg, escape_html};

use super::{Button, Cx, Keyboard};
use crate::flow::FlowError;
use crate::kept;

const PAGE: i64 = 6;
/// Characters of a raw update that are shown; a message holds 4096.
const RAW: usize = 3_000;

/// `kept:<page>`.
pub(super) async fn list(cx: Cx) -> Result<(), FlowError> {
    let Ok(number) = cx.args.parse::<u16>() else {
        return cx.stale().await;
    };
    cx.answer("").await?;
    page(&cx, u32::from(number)).await
}

async fn page(cx: &Cx, number: u32) -> Result<(), FlowError> {
    let mut rows = kept::list(&cx.app.db, number, PAGE).await?;
    let has_more = rows.len() as i64 > PAGE;
    rows.truncate(usize::try_from(PAGE).unwrap_or_default());
    let mut lines = vec![cx.t("kept", &[])];
    let mut keyboard = Keyboard::new();
    if rows.is_empty() {
        lines.push(cx.t("kept-none", &[]));
    }
    for row in rows {
        let text = if row.parked {
            "kept-parked"
        } else {
            "kept-unparsed"
        };
        let short: String = row.error.unwrap_or_default().chars().take(200).collect();
        let id = row.id.to_string();
        lines.push(cx.t(
            text,
            &[
                ("id", Arg::from(id.as_str())),
                ("kind", Arg::from(escape_html(&row.kind))),
                ("when", Arg::from(cx.when(row.received_at))),
                ("error", Arg::from(escape_html(&short))),
            ],
        ));
        let args = [("id", Arg::from(id.as_str()))];
        keyboard.push(vec![
            Button::new(cx.t("button-show", &args), format!("raw:{id}")),
            Button::new(cx.t("button-retry", &args), format!("again:{id}")),
        ]);
    }
    let mut turns = vec![Button::new(cx.t("button-status", &[]), "status")];
    if number > 0 {
        turns.push(Button::new("◀", format!("kept:{}", number - 1)));
    }
    if has_more {
        turns.push(Button::new("▶", format!("kept:{}", number + 1)));
    }
    keyboard.push(turns);
    cx.show(&lines.join("\n\n"), keyboard).await
}

/// `raw:<id>`: the update as Telegram sent it.
pub(super) async fn raw(cx: Cx) -> Result<(), FlowError> {
    let Ok(id) = cx.args.parse::<i64>() else {
        return cx.stale().await;
    };
    let raw = kept::raw(&cx.app.db, UpdateId(id)).await?;
    let Some(raw) = raw else {
        return cx.alert(&cx.t("kept-gone", &[])).await;
    };
    cx.answer("").await?;
    let text: String = String::from_utf8_lossy(&raw).chars().take(RAW).collect();
    let body = format!("<pre>{}</pre>", escape_html(&text));
    cx.reply(&cx.t(
        "kept-raw",
        &[("id", Arg::from(id.to_string())), ("raw", Arg::from(body))],
    ))
    .await
}

/// `again:<id>`: the update runs once more.
pub(super) async fn again(cx: Cx) -> Result<(), FlowError> {
    let Ok(id) = cx.args.parse::<i64>() else {
        return cx.stale().await;
    };
    if kept::retry(&cx.app, UpdateId(id), &cx.by()).await? {
        cx.answer(&cx.t("kept-again", &[])).await?;
    } else {
        cx.alert(&cx.t("kept-gone", &[])).await?;
    }
    page(&cx, 0).await
}
