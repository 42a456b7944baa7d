//! The outermost layer: what needs no person, and the way to the guard for everything else.

mod assets;
mod health;
mod webhook;

use std::convert::Infallible;
use std::net::SocketAddr;

use warp::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use warp::{Filter, Rejection, Reply};

use crate::Site;
use crate::guard::{self, Request};

/// The whole site.
pub(crate) fn all(site: Site) -> impl Filter<Extract = impl Reply, Error = Infallible> + Clone {
    health::routes(site.clone())
        .or(webhook::route(site.clone()))
        .or(assets::route())
        .or(guarded(site))
        .recover(refused)
        .with(warp::reply::with::headers(security_headers()))
}

/// Everything that the route list knows, and everything that nobody knows.
fn guarded(site: Site) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    warp::any()
        .and(warp::method())
        .and(warp::path::full())
        .and(warp::query::raw().or(warp::any().map(String::new)).unify())
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<SocketAddr>())
        .and(warp::body::stream())
        .then(
            move |method: Method,
                  path: warp::path::FullPath,
                  query: String,
                  headers: HeaderMap,
                  peer: Option<SocketAddr>,
                  body| {
                let site = site.clone();
                let request = Request::new(method, path.as_str(), query, headers, peer);
                guard::answer(site, request, body)
            },
        )
}

/// Sent with every answer that does not bring its own: no script but our own files, nobody frames
/// us, nothing is guessed.
fn security_headers() -> HeaderMap {
    let policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
        worker-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
        object-src 'none'; frame-ancestors 'none'";
    [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ]
    .into_iter()
    .map(|(name, value)| (name, HeaderValue::from_static(value)))
    .collect()
}

/// What no route took: a plain answer without details of the inside.
async fn refused(rejection: Rejection) -> Result<Response<String>, Infallible> {
    let status = if rejection.is_not_found() {
        StatusCode::NOT_FOUND
    } else if rejection.find::<warp::reject::MethodNotAllowed>().is_some() {
        StatusCode::METHOD_NOT_ALLOWED
    } else if rejection.find::<warp::reject::PayloadTooLarge>().is_some() {
        StatusCode::PAYLOAD_TOO_LARGE
    } else {
        StatusCode::BAD_REQUEST
    };
    let mut response = Response::new(format!("{status}\n"));
    *response.status_mut() = status;
    Ok(response)
}
