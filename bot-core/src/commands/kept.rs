//! Updates that were kept: parked after three crashes, or of a kind that nobody could read.

use diesel::prelude::*;
use diesel_async::RunQueryDsl as Run;
use serde_json::json;
use vahta_rows::{DbError, Micros, UpdateId, transaction, with_db};
use vahta_texts::{Arg, escape_html};

use super::{Button, Cx, Keyboard};
use crate::access::{Act, RecordAct as _};
use crate::flow::FlowError;
use crate::storage::journal::UpdateState;
use crate::storage::schema::updates;

const PAGE: i64 = 6;
/// Characters of a raw update that are shown; a message holds 4096.
const RAW: usize = 3_000;

/// `kept:<page>`.
pub(super) async fn list(cx: Cx) -> Result<(), FlowError> {
    let Ok(number) = cx.args.parse::<u16>() else {
        return cx.stale().await;
    };
    cx.answer("").await?;
    page(&cx, i64::from(number)).await
}

async fn page(cx: &Cx, number: i64) -> Result<(), FlowError> {
    type Row = (i64, String, i16, Option<String>, i64);
    let mut rows: Vec<Row> = with_db!(cx.app.db, c => Run::load(
        updates::table
            .filter(updates::state.gt(UpdateState::Done as i16))
            .order(updates::id.desc())
            .offset(number * PAGE)
            .limit(PAGE + 1)
            .select((
                updates::id, updates::kind, updates::state, updates::error, updates::received_at,
            )),
        c,
    ).await)?;
    let has_more = rows.len() as i64 > PAGE;
    rows.truncate(usize::try_from(PAGE).unwrap_or_default());
    let mut lines = vec![cx.t("kept", &[])];
    let mut keyboard = Keyboard::new();
    if rows.is_empty() {
        lines.push(cx.t("kept-none", &[]));
    }
    for (id, kind, state, error, at) in rows {
        let text = if state == UpdateState::Parked as i16 {
            "kept-parked"
        } else {
            "kept-unparsed"
        };
        let short: String = error.unwrap_or_default().chars().take(200).collect();
        let id = id.to_string();
        lines.push(cx.t(
            text,
            &[
                ("id", Arg::from(id.as_str())),
                ("kind", Arg::from(escape_html(&kind))),
                ("when", Arg::from(cx.when(Micros(at)))),
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
    let raw: Option<Vec<u8>> = with_db!(cx.app.db, c => Run::first(
        updates::table
            .find(id)
            .filter(updates::state.gt(UpdateState::Done as i16))
            .select(updates::raw),
        c,
    ).await.optional())?;
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
    if cx.app.dispatcher.retry(UpdateId(id)).await? {
        note(&cx, id).await?;
        cx.answer(&cx.t("kept-again", &[])).await?;
    } else {
        cx.alert(&cx.t("kept-gone", &[])).await?;
    }
    page(&cx, 0).await
}

async fn note(cx: &Cx, id: i64) -> Result<(), DbError> {
    let by = cx.by();
    let act = Act {
        action: "update.retry",
        object: format!("update:{id}"),
        detail: json!({}),
    };
    transaction!(cx.app.db, c => c.audit(&by, &act).await)
}
