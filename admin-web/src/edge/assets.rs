//! `GET /assets/…`: embedded files; a change of content is a change of name.

use warp::http::header;
use warp::{Filter, Rejection, Reply};

const STYLE: &str = include_str!("../../assets/site-1.css");

pub(super) fn route() -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    warp::path!("assets" / "site-1.css")
        .and(warp::get())
        .map(|| {
            let typed =
                warp::reply::with_header(STYLE, header::CONTENT_TYPE, "text/css; charset=utf-8");
            warp::reply::with_header(
                typed,
                header::CACHE_CONTROL,
                "public, max-age=31536000, immutable",
            )
        })
}
