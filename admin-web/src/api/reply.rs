//! What a handler answers: JSON, and where a list goes on.

use schemars::JsonSchema;
use serde::Serialize;
use warp::http::{HeaderValue, StatusCode, header};
use warp::reply::Response;

use crate::cx::Cx;
use crate::problem::Problem;

/// What a handler gives back.
pub(crate) type Outcome = Result<Reply, Problem>;

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct List<T> {
    pub(crate) items: Vec<T>,
    /// `after` of the next page; null at the end.
    pub(crate) next: Option<String>,
}

/// A good answer, before it is one of HTTP.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// JSON; empty with 204.
    pub(crate) body: String,
    pub(crate) next: Option<String>,
    /// The version, for `ETag`.
    pub(crate) version: Option<i64>,
}

impl Reply {
    /// With its version, which `If-Match` names later.
    pub(crate) fn tagged(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    pub(crate) fn ok<T: Serialize>(body: &T) -> Outcome {
        Self::with(StatusCode::OK, body)
    }

    pub(crate) fn made<T: Serialize>(body: &T) -> Outcome {
        Self::with(StatusCode::CREATED, body)
    }

    pub(crate) fn nothing() -> Outcome {
        Ok(Self {
            status: StatusCode::NO_CONTENT,
            body: String::new(),
            next: None,
            version: None,
        })
    }

    /// A list that is all there is.
    pub(crate) fn all<T: Serialize>(items: Vec<T>) -> Outcome {
        Self::ok(&List { items, next: None })
    }

    /// A page of a list; `next` is where it goes on.
    pub(crate) fn page<T: Serialize>(items: Vec<T>, next: Option<i64>) -> Outcome {
        let next = next.map(|next| next.to_string());
        let mut reply = Self::ok(&List {
            items,
            next: next.clone(),
        })?;
        reply.next = next;
        Ok(reply)
    }

    fn with<T: Serialize>(status: StatusCode, body: &T) -> Outcome {
        let body = serde_json::to_string(body).map_err(|error| {
            tracing::error!(%error, "an answer could not be written");
            Problem::Internal
        })?;
        Ok(Self {
            status,
            body,
            next: None,
            version: None,
        })
    }

    pub(crate) fn respond(self, cx: &Cx) -> Response {
        let mut response = Response::new(self.body.into());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if self.status != StatusCode::NO_CONTENT {
            let json = HeaderValue::from_static("application/json");
            headers.insert(header::CONTENT_TYPE, json);
        }
        if let Some(next) = &self.next
            && let Ok(link) = HeaderValue::from_str(&next_link(cx, next))
        {
            headers.insert(header::LINK, link);
        }
        if let Some(version) = self.version
            && let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\""))
        {
            headers.insert(header::ETAG, tag);
        }
        response
    }
}

/// The same question, further on. Source: RFC 8288.
fn next_link(cx: &Cx, next: &str) -> String {
    let query = cx.request.query.as_str();
    let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    pairs.retain(|(name, _)| name != "after");
    pairs.push(("after".into(), next.into()));
    let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
    format!("<{}?{query}>; rel=\"next\"", cx.request.path)
}
