//! gzip for text that is whole in memory; streams pass as they are.
//!
//! BREACH (guessing a secret of a page from its compressed size) takes thousands of answers to
//! requests that another site causes: the session's cookie is `SameSite=Lax`, so such requests are
//! nobody's.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use warp::http::{HeaderMap, HeaderValue, header};
use warp::reply::Response;

/// Below, the headers cost more than it saves.
const SMALLEST: u64 = 1_024;
/// Above, it would hold up the other tasks of this thread.
const LARGEST: u64 = 1_024 * 1_024;

/// Source: RFC 9110, section 12.5.3.
pub(super) fn is_accepted(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
            let is_wanted = weight.parse::<f32>().is_ok_and(|weight| weight > 0.0);
            matches!(name.trim(), "gzip" | "*") && is_wanted
        })
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    kind != "text/event-stream"
        && (kind.starts_with("text/")
            || kind.ends_with("json")
            || kind.ends_with("javascript")
            || kind.ends_with("xml"))
}

pub(super) async fn perhaps(mut response: Response, accepted: bool) -> Response {
    let headers = response.headers();
    // Only what is whole in memory knows its length.
    let length = response.body().size_hint().exact().unwrap_or(0);
    if !is_text(headers)
        || !(SMALLEST..=LARGEST).contains(&length)
        || headers.contains_key(header::CONTENT_ENCODING)
        || headers.contains_key(header::CONTENT_RANGE)
    {
        return response;
    }
    let vary = HeaderValue::from_static("accept-encoding");
    response.headers_mut().append(header::VARY, vary);
    if !accepted {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(whole) = body.collect().await.map(|body| body.to_bytes()) else {
        // A body in memory does not break off.
        return Response::from_parts(parts, String::new().into());
    };
    match gzip(&whole) {
        Ok(packed) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            let gzip = HeaderValue::from_static("gzip");
            parts.headers.insert(header::CONTENT_ENCODING, gzip);
            Response::from_parts(parts, packed.into())
        }
        Err(error) => {
            tracing::warn!(%error, "an answer could not be compressed");
            Response::from_parts(parts, whole.into())
        }
    }
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::new(5));
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_only_to_whom_wants_it() {
        let accepts = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            is_accepted(&headers)
        };
        assert!(accepts("br, gzip;q=0.8"));
        assert!(accepts("*"));
        assert!(!accepts("gzip;q=0, br"));
        assert!(!accepts("br"));
        assert!(!is_accepted(&HeaderMap::new()));
    }
}
