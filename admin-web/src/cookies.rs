//! The cookies of the site, all with the prefix that keeps other hosts and paths out.

use warp::http::{HeaderValue, header};
use warp::reply::Response;

/// Before a session: which browser opened a login link, or gave a right password.
pub(crate) const BROWSER: &str = "__Host-vahta-login";

/// For as long as the browser runs; the server ends the session earlier or later.
pub(crate) fn session(response: &mut Response, token: &str) {
    set(response, crate::viewer::COOKIE, token, "SameSite=Lax");
}

/// For the longest of what waits for it. No other site's page sends it, not even by a link.
pub(crate) fn browser(response: &mut Response, token: &str) {
    set(response, BROWSER, token, "SameSite=Strict; Max-Age=600");
}

pub(crate) fn forget(response: &mut Response, name: &str) {
    set(response, name, "", "SameSite=Lax; Max-Age=0");
}

fn set(response: &mut Response, name: &str, value: &str, rest: &str) {
    let line = format!("{name}={value}; Path=/; Secure; HttpOnly; {rest}");
    if let Ok(line) = HeaderValue::from_str(&line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}
