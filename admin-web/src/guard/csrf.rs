//! Did our own page send this?
//!
//! A session's requests bring the session's token, in a header or as the form's field `csrf`. What
//! needs no session is refused when the browser says that another site sent it. Sources: W3C Fetch
//! Metadata, `Sec-Fetch-Site`; RFC 6454, `Origin`.

use subtle::ConstantTimeEq as _;
use warp::http::header;

use super::Request;
use crate::problem::Problem;
use crate::routes::Needs;
use crate::viewer::Viewer;

/// What the head of a request shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// Our own page or a program sent it.
    Given,
    /// The body's field `csrf` has to say so.
    InBody,
}

pub(super) fn check(
    request: &Request,
    viewer: &Viewer,
    needs: Needs,
    body: &[u8],
) -> Result<(), Problem> {
    match of_head(request, viewer, needs)? {
        Proof::Given => Ok(()),
        Proof::InBody => fits(viewer, &field(body).ok_or(Problem::Csrf)?),
    }
}

/// As far as it can be said before the body.
pub(super) fn of_head(request: &Request, viewer: &Viewer, needs: Needs) -> Result<Proof, Problem> {
    // No browser sends a key by itself, so no foreign page can make it.
    if viewer.key.is_some() {
        return Ok(Proof::Given);
    }
    if is_foreign(request) {
        return Err(Problem::Csrf);
    }
    if needs == Needs::Nothing || viewer.by_header {
        return Ok(Proof::Given);
    }
    match request.header("x-csrf-token") {
        Some(token) => fits(viewer, token).map(|()| Proof::Given),
        None => Ok(Proof::InBody),
    }
}

/// Is this the session's token?
pub(super) fn fits(viewer: &Viewer, sent: &str) -> Result<(), Problem> {
    if bool::from(sent.as_bytes().ct_eq(viewer.csrf.as_bytes())) && !viewer.csrf.is_empty() {
        Ok(())
    } else {
        Err(Problem::Csrf)
    }
}

fn is_foreign(request: &Request) -> bool {
    if let Some(site) = request.header("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    // Older browsers send only the origin; programs send neither.
    let Some(origin) = request.header(header::ORIGIN) else {
        return false;
    };
    let authority = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let host = request.header(header::HOST);
    host.is_none_or(|host| !authority.eq_ignore_ascii_case(host))
}

fn field(body: &[u8]) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).ok()?;
    let found = pairs.into_iter().find(|(name, _)| name == "csrf");
    found.map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use warp::http::{HeaderMap, Method};

    use super::*;

    #[test]
    fn another_origin_is_foreign_also_when_nobody_says_which_host_this_is() {
        let foreign = |host: Option<&str>, origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            for (name, value) in [(header::HOST, host), (header::ORIGIN, origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            is_foreign(&Request::new(
                Method::POST,
                "/",
                String::new(),
                headers,
                None,
            ))
        };
        assert!(!foreign(Some("ops.example"), Some("https://ops.example")));
        assert!(foreign(Some("ops.example"), Some("https://evil.example")));
        assert!(foreign(Some("ops.example"), Some("null")));
        assert!(foreign(None, Some("https://evil.example")));
        // Programs send neither.
        assert!(!foreign(Some("ops.example"), None));
    }
}
