//! `GET /healthz`: the process answers. `GET /readyz`: it is ready to work, else 503 with why.

use warp::http::StatusCode;
use warp::{Filter, Rejection, Reply};

use crate::Site;

pub(super) fn routes(
    site: Site,
) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    let alive = warp::path!("healthz")
        .and(warp::get())
        .map(|| warp::reply::with_status("ok\n".to_string(), StatusCode::OK));
    let ready = warp::path!("readyz").and(warp::get()).map(move || {
        let health = site.health();
        let (status, text) = match (health.is_ready(), health.intake_fault()) {
            (true, None) => (StatusCode::OK, "ready\n".to_string()),
            // The fault may name addresses of the inside: the log and /status have it.
            (true, Some(_)) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "updates do not come in\n".to_string(),
            ),
            (false, _) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "starting or stopping\n".to_string(),
            ),
        };
        warp::reply::with_status(text, status)
    });
    alive.or(ready).unify()
}
