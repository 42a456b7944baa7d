//! `/p/archive/{id}/downloads.csv`: who took it, for a spreadsheet. Source: RFC 4180.

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::web::Answer;

use super::Cx;
use crate::archive::Download;
use crate::store::downloads::DownloadRows as _;

const MOST: i64 = 100_000;

pub(super) async fn show(cx: &Cx<'_>) -> Result<Answer, Error> {
    let Some(whole) = cx.seen().await? else {
        return Ok(Answer::not_found());
    };
    let archive = &whole.archive;
    let db = cx.ctx.db()?;
    let downloads = with_db!(db, c => c.downloads(archive.id, MOST).await)?;
    let name = format!("{} downloads.csv", archive.name);
    let mut writer = cx.ctx.blobs().create(&name, "text/csv").await?;
    writer.write(table(&downloads).as_bytes()).await?;
    let blob = writer.finish().await?;
    Ok(Answer::blob(blob.id).named(name))
}

fn table(downloads: &[Download]) -> String {
    let mut lines = String::from("started,ended,address,referer,agent,bytes,outcome\r\n");
    for one in downloads {
        let outcome = if one.is_whole { "whole" } else { "broken off" };
        let cells = [
            instant(one.started_at),
            instant(one.ended_at),
            one.address.clone(),
            one.referer.clone(),
            one.agent.clone(),
            one.bytes.to_string(),
            outcome.to_owned(),
        ];
        lines.push_str(&cells.map(|text| cell(&text)).join(","));
        lines.push_str("\r\n");
    }
    lines
}

fn instant(at: i64) -> String {
    let at = jiff::Timestamp::from_microsecond(at);
    at.map(|at| at.to_string()).unwrap_or_default()
}

/// Quoted where it must be; what a spreadsheet would run as a formula gets an apostrophe (OWASP,
/// "CSV Injection"), for agents and referers are anybody's words.
fn cell(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if runs {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    match text.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_and_is_no_formula() {
        assert_eq!(
            cell("Mozilla/5.0 (X11, Linux)"),
            "\"Mozilla/5.0 (X11, Linux)\""
        );
        assert_eq!(cell("a\"b"), "\"a\"\"b\"");
        assert_eq!(cell("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(cell("10.0.0.1"), "10.0.0.1");
    }
}
