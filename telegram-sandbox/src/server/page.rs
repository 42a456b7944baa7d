//! The chat page: embedded files, no build step, nothing from elsewhere.

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::path::FullPath;
use warp::reply::{Reply, Response};

/// Scripts, styles and requests stay here; Mini Apps are framed from wherever they are.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; \
                      frame-src http: https:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! page {
    ($($path:literal: $kind:ident = $file:literal),+ $(,)?) => {
        &[$(($path, $kind, include_str!(concat!("../../page/", $file)))),+]
    };
}

const FILES: &[(&str, &str, &str)] = page![
    "/": HTML = "index.html",
    "/page/chat.css": STYLE = "chat.css",
    "/page/main.js": SCRIPT = "main.js",
    "/page/base.js": SCRIPT = "base.js",
    "/page/buttons.js": SCRIPT = "buttons.js",
    "/page/chat.js": SCRIPT = "chat.js",
    "/page/compose.js": SCRIPT = "compose.js",
    "/page/dialogs.js": SCRIPT = "dialogs.js",
    "/page/find.js": SCRIPT = "find.js",
    "/page/lists.js": SCRIPT = "lists.js",
    "/page/media.js": SCRIPT = "media.js",
    "/page/message.js": SCRIPT = "message.js",
    "/page/mini_app.js": SCRIPT = "mini_app.js",
    "/page/panel.js": SCRIPT = "panel.js",
    "/page/rich.js": SCRIPT = "rich.js",
    "/page/topics.js": SCRIPT = "topics.js",
    "/page/words.js": SCRIPT = "words.js",
    "/page/world.js": SCRIPT = "world.js",
];

pub(crate) fn routes() -> BoxedFilter<(Response,)> {
    warp::get()
        .and(warp::path::full())
        .and_then(|path: FullPath| async move {
            let found = FILES.iter().find(|(at, ..)| *at == path.as_str());
            found
                .map(|(_, kind, content)| asset(kind, content))
                .ok_or_else(warp::reject::not_found)
        })
        .or(warp::any().map(nothing))
        .unify()
        .boxed()
}

/// What lies nowhere, in words for people and for programs.
fn nothing() -> Response {
    let words = "There is nothing here. The chat page is at /, the control API below \
                 /sandbox/api/, the Bot API at /bot<token>/<method>.\n";
    let reply = warp::reply::with_status(words, warp::http::StatusCode::NOT_FOUND);
    warp::reply::with_header(reply, "content-type", "text/plain; charset=utf-8").into_response()
}

fn asset(kind: &'static str, content: &'static str) -> Response {
    let reply = warp::reply::with_header(content, "content-type", kind);
    let reply = warp::reply::with_header(reply, "content-security-policy", POLICY);
    let reply = warp::reply::with_header(reply, "cache-control", "no-cache");
    let reply = warp::reply::with_header(reply, "referrer-policy", "no-referrer");
    warp::reply::with_header(reply, "x-content-type-options", "nosniff").into_response()
}
