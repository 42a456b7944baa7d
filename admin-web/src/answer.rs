//! Kinds of answers.

use warp::http::{HeaderValue, StatusCode, header};
use warp::reply::Response;

use crate::problem::Problem;

/// What a page gives back.
pub(crate) type Answer = Result<Response, Problem>;

pub(crate) fn html(text: String) -> Response {
    typed(text, "text/html; charset=utf-8")
}

pub(crate) fn typed(body: String, kind: &'static str) -> Response {
    let mut response = Response::new(body.into());
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// After a form: the browser asks for `path`, so that going back or reloading sends nothing twice.
pub(crate) fn see_other(path: &str) -> Response {
    let mut response = Response::new(String::new().into());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    response
}
