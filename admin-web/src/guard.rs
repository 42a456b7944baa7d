//! Who asks, and may they: the one way to every page.
//!
//! 1. The route is found, else 404 or 405.
//! 2. The session of the cookie, or nobody; default deny.
//! 3. An unsafe method proves that our own page sent it (CSRF).
//! 4. The body is read, bounded: a form or JSON into memory, files into the blob store. Routes that
//!    take parts of files read it themselves, piece by piece.
//! 5. The page runs, to its end even when the client hangs up: a write that is cut off in its middle
//!    would leave a transaction open, or a change without what follows it.

pub(crate) mod body;
mod csrf;
pub(crate) mod files;
pub(crate) mod pieces;

use std::borrow::Cow;
use std::net::IpAddr;
use std::pin::{Pin, pin};

use bytes::Buf;
use futures::Stream;
use warp::http::{HeaderMap, HeaderValue, Method, header};
use warp::reply::Response;

use crate::Site;
use crate::api::rate;
use crate::cx::Cx;
use crate::problem::Problem;
use crate::routes::{self, Needs, Route, Run};
use crate::server::Client;
use crate::viewer::{self, Viewer};

/// Which part of a page is asked for, by the header `X-Fragment`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fragment {
    /// What stands in `<main>`: an open page asks for it by itself.
    Main,
    /// The same with the navigation, for the Mini App's page.
    App,
}

/// What was asked, without its body.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    /// `None` only where no server stands under the routes.
    pub(crate) client: Option<Client>,
    /// In every answer, log line and audit row that comes of this request.
    pub(crate) id: String,
}

impl Request {
    pub(crate) fn new(
        method: Method,
        path: &str,
        query: String,
        headers: HeaderMap,
        client: Option<Client>,
    ) -> Self {
        Self {
            method,
            path: path.to_string(),
            query,
            headers,
            client,
            id: fresh_id(),
        }
    }

    /// Where the person is.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.client.map(|client| client.address)
    }

    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Does a program ask, which reads problem+json?
    pub(crate) fn wants_json(&self) -> bool {
        self.path.starts_with("/api/")
            || self.path.starts_with("/u/")
            || self
                .header(header::ACCEPT)
                .is_some_and(|accept| accept.starts_with("application/json"))
    }

    pub(crate) fn fragment(&self) -> Option<Fragment> {
        match self.header("x-fragment")? {
            "app" => Some(Fragment::App),
            _ => Some(Fragment::Main),
        }
    }

    /// GET and HEAD never change anything.
    pub(crate) fn is_safe(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD
    }
}

/// Answers a request; never fails.
pub(crate) async fn answer<B: Buf>(
    site: Site,
    request: Request,
    body: impl Stream<Item = Result<B, warp::Error>>,
) -> Response {
    let began = std::time::Instant::now();
    let (id, method, path, address) = (
        request.id.clone(),
        request.method.clone(),
        request.path.clone(),
        request.address(),
    );
    let mut response = Box::pin(run(site, request, body)).await;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert("x-request-id", value);
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    // The query may hold a token and is not written.
    tracing::info!(
        request = id,
        %method,
        path = %without_token(&path),
        status = response.status().as_u16(),
        address = address.map(tracing::field::display),
        elapsed_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    response
}

/// Links whose path is the right to what they lead to: logs do not hand it on. What stands behind a
/// plugin's public name may be one.
fn without_token(path: &str) -> Cow<'_, str> {
    if let Some(rest) = path.strip_prefix("/pub/") {
        let plugin = rest.split('/').next().unwrap_or_default();
        return format!("/pub/{plugin}/***").into();
    }
    let Some(start) = ["/u/", "/d/"]
        .iter()
        .find(|start| path.starts_with(**start))
    else {
        return path.into();
    };
    let rest = &path[start.len()..];
    let after = rest.find('/').map_or("", |at| &rest[at..]);
    format!("{start}***{after}").into()
}

async fn run<B: Buf>(
    site: Site,
    request: Request,
    body: impl Stream<Item = Result<B, warp::Error>>,
) -> Response {
    let mut body = pin!(body);
    let mut cx = Cx::new(site, request);
    let passed = pass(&mut cx, body.as_mut()).await;
    let rate = cx.rate;
    let mut response = match passed {
        Ok(route) => match route.takes {
            Some(takes) => pieces::run(cx, takes, body).await,
            None => carefully(cx, route.run).await,
        },
        Err(problem) => problem.respond(&cx),
    };
    if let Some(rate) = rate {
        rate.tell(response.headers_mut());
    }
    response
}

/// Runs a page. One that panics is one person's bad answer and nothing else.
async fn carefully(cx: Cx, run: Run) -> Response {
    let failed = cx.clone();
    match tokio::spawn(run(cx)).await {
        Ok(Ok(response)) => response,
        Ok(Err(problem)) => problem.respond(&failed),
        Err(_) => {
            tracing::error!(request = failed.request.id, "a page panicked");
            Problem::Internal.respond(&failed)
        }
    }
}

/// Whoever asks; looking a session up also writes that it was seen.
async fn viewer_of(cx: &Cx) -> Result<Viewer, Problem> {
    let app = cx.site.app().cloned().ok_or(Problem::Starting)?;
    let request = cx.request.clone();
    let found = tokio::spawn(async move { viewer::of(&app, &request).await });
    Ok(found.await.map_err(|_| Problem::Internal)??)
}

/// Everything that stands between a request and its page.
async fn pass<B: Buf>(
    cx: &mut Cx,
    body: Pin<&mut impl Stream<Item = Result<B, warp::Error>>>,
) -> Result<&'static Route, Problem> {
    // Somebody who is logged in keeps the frame around every problem.
    cx.viewer = viewer_of(cx).await?.into();
    let path = cx.request.path.clone();
    let found = routes::find(&path).ok_or(Problem::NotFound)?;
    let wanted = match cx.request.method {
        Method::HEAD => &Method::GET,
        ref other => other,
    };
    let route = found.routes.iter().find(|route| route.method == *wanted);
    let route = *route.ok_or_else(|| {
        Problem::MethodNotAllowed(found.routes.iter().map(|r| r.method.clone()).collect())
    })?;
    cx.params = found
        .params
        .into_iter()
        .map(|(name, value)| (name, value.to_string()))
        .collect();
    let is_api = path.starts_with("/api/v1/");
    let let_in = may(&cx.viewer, route.needs).and_then(|()| match is_api {
        true => rate::take(cx),
        false if route.needs == Needs::Nothing && costs(&cx.request) => rate::stranger(cx),
        false => Ok(()),
    });
    if let Err(problem) = let_in {
        let brings = route.upload.is_some() && files::is_multipart(&cx.request);
        if brings || route.takes.is_some() {
            files::refuse(&cx.request, body).await;
        }
        return Err(problem);
    }
    if route.takes.is_some() {
        no_zero(&cx.request, &[])?;
        csrf::of_head(&cx.request, &cx.viewer, route.needs)?;
        return Ok(route);
    }
    if let Some(upload) = route.upload
        && files::is_multipart(&cx.request)
    {
        no_zero(&cx.request, &[])?;
        let received = files::take(cx, upload(cx), route.needs, body).await?;
        cx.received = Some(received.into());
        return match again(cx, route.needs).await {
            Ok(()) => Ok(route),
            Err(problem) => {
                files::discard(cx).await;
                Err(problem)
            }
        };
    }
    let bytes = body::read(body).await?;
    if !cx.request.is_safe() {
        csrf::check(&cx.request, &cx.viewer, route.needs, &bytes)?;
    }
    no_zero(&cx.request, &bytes)?;
    cx.body = bytes;
    Ok(route)
}

/// A body with files takes its time: who sends it may have lost the right meanwhile. What the
/// plugin's own permission says is looked up after this, with who they are now.
async fn again(cx: &mut Cx, needs: Needs) -> Result<(), Problem> {
    cx.viewer = viewer_of(cx).await?.into();
    may(&cx.viewer, needs)
}

/// What strangers may not ask for as often as they like: logins write, plugins work, files are sent,
/// tokens are looked up.
fn costs(request: &Request) -> bool {
    let works = ["/pub/", "/d/", "/u/"];
    !request.is_safe() || works.iter().any(|start| request.path.starts_with(start))
}

/// PostgreSQL's texts cannot hold it, so nobody's can.
fn no_zero(request: &Request, body: &[u8]) -> Result<(), Problem> {
    let holds = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let kind = request.header(header::CONTENT_TYPE).unwrap_or_default();
    let in_body = match kind.starts_with("application/json") {
        // What cannot be read is refused by whoever reads it.
        true => serde_json::from_slice(body).is_ok_and(|value| has_zero(&value)),
        false => holds(body, b"%00"),
    };
    let in_head = holds(request.path.as_bytes(), b"%00") || holds(request.query.as_bytes(), b"%00");
    if in_head || in_body || body.contains(&0) {
        return Err(Problem::zero());
    }
    Ok(())
}

/// In a text or a name anywhere within.
fn has_zero(value: &serde_json::Value) -> bool {
    use serde_json::Value;
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_zero),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || has_zero(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn may(viewer: &Viewer, needs: Needs) -> Result<(), Problem> {
    match needs {
        Needs::Nothing => Ok(()),
        _ if viewer.user.is_none() => Err(Problem::Login),
        Needs::Login => Ok(()),
        Needs::Key(key) if viewer.may(key) => Ok(()),
        Needs::Key(key) => Err(Problem::Forbidden(key.into())),
    }
}

/// 64 bits: tells requests apart, is no secret.
fn fresh_id() -> String {
    let mut bytes = [0_u8; 8];
    // Without randomness every id is the same, and nothing else breaks.
    let _ = getrandom::fill(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::tests::site;

    #[test]
    fn a_zero_is_found_where_it_is_one() {
        let check = |kind: &str, body: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            let request = Request::new(Method::POST, "/", String::new(), headers, None);
            no_zero(&request, body.as_bytes()).is_err()
        };
        let (json, form) = ("application/json", "application/x-www-form-urlencoded");
        assert!(check(json, r#"{"text": ["a\u0000b"]}"#));
        assert!(check(json, r#"{"a\u0000b": 1}"#));
        assert!(!check(json, r#"{"text": "100%00 sure, C:\\u0000x"}"#));
        assert!(check(form, "text=a%00b"));
        assert!(!check(form, "text=100%2500"));
    }

    #[test]
    fn what_is_a_right_in_a_path_is_not_logged() {
        for (path, logged) in [
            ("/u/AbCdEf", "/u/***"),
            ("/u/AbCdEf/files/1f", "/u/***/files/1f"),
            ("/d/AbCdEf", "/d/***"),
            ("/pub/archive/a/AbCdEf", "/pub/archive/***"),
            ("/users/7", "/users/7"),
        ] {
            assert_eq!(without_token(path), logged);
        }
    }

    #[tokio::test]
    async fn a_page_that_panics_is_a_problem_with_the_requests_id() {
        let request = Request::new(Method::GET, "/", String::new(), HeaderMap::new(), None);
        let id = request.id.clone();
        let cx = Cx::new(site(&[]), request);
        let response = carefully(cx, |_| Box::pin(async { panic!("on purpose") })).await;
        assert_eq!(response.status().as_u16(), 500);
        let body = http_body_util::BodyExt::collect(response.into_body()).await;
        let text = String::from_utf8(body.unwrap().to_bytes().to_vec()).unwrap();
        assert!(text.contains(&id) && !text.contains("on purpose"), "{text}");
    }
}
