//! The chat page: three embedded files.

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::{Reply, Response};

const HTML: &str = include_str!("../../page/index.html");
const STYLE: &str = include_str!("../../page/chat.css");
const SCRIPT: &str = include_str!("../../page/chat.js");

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; img-src 'self' data: blob:; media-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) fn routes() -> BoxedFilter<(Response,)> {
    let page = warp::path::end().map(|| asset("text/html; charset=utf-8", HTML));
    let style = warp::path!("chat.css").map(|| asset("text/css; charset=utf-8", STYLE));
    let script = warp::path!("chat.js").map(|| asset("text/javascript; charset=utf-8", SCRIPT));
    warp::get()
        .and(page.or(style).unify().or(script).unify())
        .boxed()
}

fn asset(kind: &'static str, content: &'static str) -> Response {
    let reply = warp::reply::with_header(content, "content-type", kind);
    let reply = warp::reply::with_header(reply, "content-security-policy", POLICY);
    let reply = warp::reply::with_header(reply, "cache-control", "no-cache");
    warp::reply::with_header(reply, "x-content-type-options", "nosniff").into_response()
}
