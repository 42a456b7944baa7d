//! `/pub/archive/r/{token}`: somebody without an account brings files into somebody's archive.

use maud::html;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::web::Answer;

use super::{Cx, parts};
use crate::store::ArchiveRows as _;
use crate::token;

pub(super) async fn show(cx: &Cx<'_>) -> Result<Answer, Error> {
    let token = cx.request.param::<String>("token").unwrap_or_default();
    let db = cx.ctx.db()?;
    let found = match token::is_well_formed(&token) {
        true => with_db!(db, c => c.archive_of_request(&token).await)?,
        false => None,
    };
    let title = cx.text("request-title");
    let Some((archive, path)) = found.filter(|(archive, _)| archive.is_collecting()) else {
        let content = html! { section.card { h1 { (title) } p { (cx.text("link-unknown")) } } };
        return Ok(Answer {
            status: 404,
            ..parts::page(&title, None, &content)
        });
    };
    let args = args!["name" => &*archive.name, "owner" => &*archive.owner_name];
    let content = html! {
        section.card { h1 { (title) } p { (cx.view.text("request-for", args)) } }
        (parts::drop_zone(&path))
    };
    Ok(parts::page(&title, None, &content))
}
