//! Every route, one file each.

mod assets;
mod health;
mod home;
mod webhook;

use std::convert::Infallible;

use warp::http::{Response, StatusCode, header};
use warp::{Filter, Rejection, Reply};

use crate::Site;

/// The whole site.
pub(crate) fn all(site: Site) -> impl Filter<Extract = impl Reply, Error = Infallible> + Clone {
    health::routes(site.clone())
        .or(webhook::route(site.clone()))
        .or(assets::route())
        .or(home::route(site))
        .recover(refused)
        .with(warp::reply::with::headers(security_headers()))
}

/// Sent with every answer: no script but our own files, nobody frames us, nothing is guessed.
fn security_headers() -> warp::http::HeaderMap {
    let mut headers = warp::http::HeaderMap::new();
    let policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
        connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        header::HeaderValue::from_static(policy),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        header::HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        header::HeaderValue::from_static("no-referrer"),
    );
    headers
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
