//! The outermost layer: what needs no person, and the way to the guard for everything else.

mod assets;
mod health;
mod webhook;

use std::convert::Infallible;

use warp::http::{HeaderMap, Method, Response, StatusCode, header};
use warp::{Filter, Rejection, Reply};

use crate::Site;
use crate::guard::{self, Request};
use crate::server::Client;

/// The whole site.
pub(crate) fn all(site: Site) -> impl Filter<Extract = impl Reply, Error = Infallible> + Clone {
    health::routes(site.clone())
        .or(webhook::route(site.clone()))
        .or(assets::route())
        .or(guarded(site))
        .recover(refused)
        .map(|reply| with_security(Reply::into_response(reply)))
}

/// Everything that the route list knows, and everything that nobody knows.
fn guarded(site: Site) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    warp::any()
        .and(warp::method())
        .and(warp::path::full())
        .and(warp::query::raw().or(warp::any().map(String::new)).unify())
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<Client>())
        .and(warp::body::stream())
        .then(
            move |method: Method,
                  path: warp::path::FullPath,
                  query: String,
                  headers: HeaderMap,
                  client: Option<Client>,
                  body| {
                let site = site.clone();
                let request = Request::new(method, path.as_str(), query, headers, client);
                guard::answer(site, request, body)
            },
        )
}

/// The content security policy, with those who may frame the page.
pub(crate) fn policy(ancestors: &str) -> String {
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
         worker-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         object-src 'none'; frame-ancestors {ancestors}"
    )
}

/// No script but our own files, nobody frames us, nothing is guessed: for every answer that does not
/// say something else for itself.
fn with_security(mut response: warp::reply::Response) -> warp::reply::Response {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy("'none'")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".into()),
        (header::REFERRER_POLICY, "no-referrer".into()),
    ] {
        if let (false, Ok(value)) = (response.headers().contains_key(&name), value.parse()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
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
