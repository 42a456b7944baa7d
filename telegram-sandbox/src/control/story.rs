//! `GET story`: what has happened, as a story file.

use serde_json::json;
use warp::http::HeaderValue;
use warp::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use warp::reply::Response;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::story;

/// `?chat=&after=&title=&as=&bot=`: of one chat or all, after this Unix time in microseconds, with
/// one bot (the first). `as=json` answers `{"story", "until", "listening"}`, else it is the text of a file.
pub(crate) async fn get(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["chat", "after", "title", "as", "bot"])?;
    let after = fields::optional_id(&params, "after")?.unwrap_or(0);
    let chat = fields::optional_id(&params, "chat")?;
    let title = params.owned("title").filter(|title| !title.is_empty());
    let (mut story, until, listening) = {
        let state = fields::world(&context, &params)?;
        let latest = state.latest_at();
        let (story, until) = story::record(&state, after.min(latest), chat);
        let listening = state.bot.poller > 0 || state.bot.webhook.is_some();
        (story, until, listening)
    };
    if let Some(title) = title {
        story.title = title.replace(['\r', '\n'], " ");
    }
    match params.text("as").as_deref() {
        Some("json") => shown(&json!({"story": story, "until": until, "listening": listening})),
        None | Some("text") => {
            let mut response = Response::new(story.to_text().into());
            let headers = response.headers_mut();
            headers.insert(
                CONTENT_TYPE,
                HeaderValue::from_static("text/plain; charset=utf-8"),
            );
            headers.insert(
                CONTENT_DISPOSITION,
                HeaderValue::from_static("attachment; filename=\"story.txt\""),
            );
            Ok(response)
        }
        Some(_) => Err(ControlError::bad("`as` must be text or json")),
    }
}
