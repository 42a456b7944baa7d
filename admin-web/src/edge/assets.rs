//! `GET /assets/…`: embedded files; a change of content is a change of name.

use warp::http::{HeaderValue, Response, header};
use warp::{Filter, Rejection, Reply};

struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

macro_rules! asset {
    ($name:literal, $kind:literal) => {
        Asset {
            name: $name,
            kind: $kind,
            text: include_str!(concat!("../../assets/", $name)),
        }
    };
}

const ASSETS: &[Asset] = &[
    asset!("site-2.css", "text/css; charset=utf-8"),
    asset!("theme-1.js", "text/javascript; charset=utf-8"),
    asset!("stream-1.js", "text/javascript; charset=utf-8"),
    asset!("live-1.js", "text/javascript; charset=utf-8"),
    asset!("live-worker-1.js", "text/javascript; charset=utf-8"),
    asset!("icon-1.svg", "image/svg+xml"),
];

pub(super) fn route() -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    warp::path("assets")
        .and(warp::path::param())
        .and(warp::path::end())
        .and(warp::get())
        .and_then(|name: String| async move {
            let asset = ASSETS.iter().find(|asset| asset.name == name);
            asset.map(respond).ok_or_else(warp::reject::not_found)
        })
}

fn respond(asset: &Asset) -> Response<&'static str> {
    let mut response = Response::new(asset.text);
    for (name, value) in [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
