//! `GET /assets/…`: embedded files; a change of content is a change of name, so browsers keep them.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use warp::http::{HeaderValue, StatusCode, header};
use warp::reply::Response;
use warp::{Filter, Rejection};

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

macro_rules! asset {
    ($name:literal, $kind:expr) => {
        ($name, $kind, include_str!(concat!("../../assets/", $name)))
    };
}

/// Name, type and content.
const FILES: &[(&str, &str, &str)] = &[
    asset!("site-6.css", CSS),
    asset!("theme-1.js", JS),
    asset!("stream-2.js", JS),
    asset!("drag-1.js", JS),
    asset!("live-4.js", JS),
    asset!("live-worker-2.js", JS),
    asset!("upload-1.js", JS),
    asset!("drop-1.js", JS),
    asset!("login-2.js", JS),
    asset!("mini-app-3.js", JS),
    asset!("icon-1.svg", "image/svg+xml"),
];

pub(super) fn route() -> impl Filter<Extract = (Response,), Error = Rejection> + Clone {
    warp::path!("assets" / String)
        .and(warp::get().or(warp::head()).unify())
        .and(warp::header::optional::<String>("if-none-match"))
        .and_then(|name: String, known: Option<String>| async move {
            let place = FILES.iter().position(|(file, _, _)| *file == name);
            let place = place.ok_or_else(warp::reject::not_found)?;
            Ok::<_, Rejection>(file(place, known.as_deref()))
        })
}

fn file(place: usize, known: Option<&str>) -> Response {
    let (_, kind, content) = FILES[place];
    let tag = &tags()[place];
    // Weak, for the same tag stands for the compressed form. Source: RFC 9110, section 13.1.2.
    let is_known = known.is_some_and(|known| {
        let mut tags = known.split(',').map(str::trim);
        tags.any(|known| {
            known == "*" || known.trim_start_matches("W/") == tag.trim_start_matches("W/")
        })
    });
    let mut response = if is_known {
        let mut response = Response::new(String::new().into());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        Response::new(content.into())
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let for_ever = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(header::CACHE_CONTROL, for_ever);
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Of each file, in their order.
fn tags() -> &'static [String] {
    static TAGS: OnceLock<Vec<String>> = OnceLock::new();
    TAGS.get_or_init(|| {
        let tag = |(_, _, content): &(_, _, &str)| {
            let digest = Sha256::digest(content.as_bytes());
            format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..12]))
        };
        FILES.iter().map(tag).collect()
    })
}
