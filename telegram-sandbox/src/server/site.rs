//! Keeping other web sites out. The sandbox has no login and listens on loopback, where every
//! page in the developer's browser could reach it. Browsers say where a request comes from; bots
//! and tests say nothing and are let in.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::{HOST, ORIGIN};

/// Whether a browser sent this on behalf of another site. With `loopback` a host name other than
/// `localhost` is one too: it may be a stranger's name that now leads here (DNS rebinding).
pub(crate) fn is_foreign(headers: &HeaderMap, loopback: bool) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(ORIGIN.as_str());
    let site = text("sec-fetch-site");
    if origin.is_none() && site.is_none() {
        return false;
    }
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return true;
    }
    let host = text(HOST.as_str()).unwrap_or_default();
    let origin_host = origin.map(|origin| origin.split_once("://").map_or("", |(_, host)| host));
    if origin_host.is_some_and(|origin| !origin.eq_ignore_ascii_case(host)) {
        return true;
    }
    loopback && !is_local_name(host)
}

/// `localhost` or an address, with or without a port.
fn is_local_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn foreign(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        is_foreign(&headers, true)
    }

    #[test]
    fn bots_and_the_page_itself_are_let_in() {
        let host = ("host", "127.0.0.1:8081");
        assert!(
            !foreign(&[("host", "sandbox:8081")]),
            "a bot in a container"
        );
        assert!(!foreign(&[host, ("origin", "http://127.0.0.1:8081")]));
        assert!(!foreign(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(!foreign(&[
            ("host", "localhost:8081"),
            ("sec-fetch-site", "none")
        ]));
        assert!(!foreign(&[
            ("host", "[::1]:8081"),
            ("sec-fetch-site", "none")
        ]));
    }

    #[test]
    fn other_sites_and_rebound_names_are_kept_out() {
        let host = ("host", "127.0.0.1:8081");
        assert!(foreign(&[host, ("origin", "https://example.org")]));
        assert!(foreign(&[host, ("origin", "null")]));
        assert!(foreign(&[host, ("sec-fetch-site", "cross-site")]));
        let rebound = ("host", "example.org:8081");
        assert!(foreign(&[rebound, ("origin", "http://example.org:8081")]));
        assert!(foreign(&[rebound, ("sec-fetch-site", "same-origin")]));
    }
}
