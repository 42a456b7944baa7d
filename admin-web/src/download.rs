//! A file of the blob store as an answer: whole or a part of it, streamed as fast as it is read.
//!
//! Whatever somebody uploaded is theirs and not ours: it is an attachment, its kind is not guessed,
//! and it may run nothing. Only pictures and plain text are shown where they stand, when asked for.
//! Source: RFC 9110, sections 13 (conditions) and 14 (ranges).

mod name;
mod range;

use std::ops::Range;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use bot_core::blobs::{Blob, BlobError};
use bot_core::downloads::{Grant, Sent, Visitor};
use bytes::Bytes;
use futures::Stream;
use warp::Reply as _;
use warp::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use warp::reply::Response;

use self::range::Wanted;
use crate::answer::Answer;
use crate::cx::Cx;
use crate::guard::Request;
use crate::problem::Problem;

/// Nothing in a file runs, loads or frames anything.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// What may be shown where it stands.
const SHOWN: &[&str] = &[
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "text/plain",
];

/// A plugin's file, under another name if there is one.
pub(crate) async fn blob(
    cx: &Cx,
    plugin: &str,
    id: &str,
    name: Option<&str>,
    inline: bool,
) -> Answer {
    let blobs = &cx.app()?.blobs;
    let Some(blob) = blobs.find(plugin, id).await? else {
        // Its time is over, or it is another's: the plugin named what it does not have.
        tracing::warn!(
            plugin,
            blob = id,
            "a plugin answered a file that it does not have"
        );
        return Err(Problem::NotFound);
    };
    let tag = tag_of(&blob);
    let request = &cx.request;
    let mut response = if knows(request.header(header::IF_NONE_MATCH), &tag) {
        empty(StatusCode::NOT_MODIFIED)
    } else {
        match wanted(request, &blob) {
            Wanted::Nothing => beyond(&blob),
            Wanted::Whole => bytes(cx, &blob, None).await?,
            Wanted::Part(range) => bytes(cx, &blob, Some(range)).await?,
        }
    };
    dress(&mut response, &blob, name.unwrap_or(&blob.name), inline);
    Ok(response)
}

/// A file that somebody was granted: the same, but each byte of it is counted, and nobody keeps it.
pub(crate) async fn granted(cx: &Cx, grant: &Grant, visitor: &Visitor) -> Answer {
    let (request, blob) = (&cx.request, &grant.blob);
    let part = match wanted(request, blob) {
        Wanted::Whole => Ok(None),
        Wanted::Part(range) => Ok(Some(range)),
        Wanted::Nothing => Err(beyond(blob)),
    };
    let mut response = match part {
        Err(beyond) => beyond,
        Ok(_) if request.method == Method::HEAD => partial(None, None, blob.size),
        Ok(part) => {
            let range = part.clone().unwrap_or(0..blob.size);
            let sent = cx.app()?.downloads.open(grant, visitor, range).await?;
            partial(Some(sent), part, blob.size)
        }
    };
    dress(&mut response, blob, &grant.name, false);
    Ok(response)
}

/// Which part a request asks for; ranges are for GET alone.
fn wanted(request: &Request, blob: &Blob) -> Wanted {
    let range = request.header(header::RANGE);
    let range = range.filter(|_| request.method == Method::GET);
    let known = request.header(header::IF_RANGE);
    range::of(range, known, &tag_of(blob), blob.size)
}

fn tag_of(blob: &Blob) -> String {
    format!("\"{}\"", blob.sha256)
}

/// No byte of what was asked for is there.
fn beyond(blob: &Blob) -> Response {
    let mut response = empty(StatusCode::RANGE_NOT_SATISFIABLE);
    let size = format!("bytes */{}", blob.size);
    set(response.headers_mut(), header::CONTENT_RANGE, &size);
    response
}

/// What every file says of itself.
fn dress(response: &mut Response, blob: &Blob, name: &str, inline: bool) {
    let is_beyond = response.status() == StatusCode::RANGE_NOT_SATISFIABLE;
    let headers = response.headers_mut();
    set(headers, header::ETAG, &tag_of(blob));
    set(headers, header::ACCEPT_RANGES, "bytes");
    if !is_beyond {
        let kind = sent_as(&blob.media_type);
        let inline = inline && SHOWN.contains(&kind);
        let disposition = name::disposition(name, inline);
        set(headers, header::CONTENT_DISPOSITION, &disposition);
        let kind = if kind == "text/plain" {
            "text/plain; charset=utf-8"
        } else {
            kind
        };
        set(headers, header::CONTENT_TYPE, kind);
    }
    set(headers, header::CONTENT_SECURITY_POLICY, POLICY);
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("same-origin"),
    );
}

async fn bytes(cx: &Cx, blob: &Blob, part: Option<Range<u64>>) -> Result<Response, Problem> {
    if cx.request.method == Method::HEAD {
        return Ok(partial(None, part, blob.size));
    }
    let range = part.clone().unwrap_or(0..blob.size);
    let stream = cx.app()?.blobs.read(blob, range).await?;
    Ok(partial(Some(stream), part, blob.size))
}

/// These bytes, or none for HEAD, of a file of this size.
fn partial(sent: Option<Sent>, part: Option<Range<u64>>, size: u64) -> Response {
    let mut response = match sent {
        Some(sent) => warp::reply::stream(Alone(Mutex::new(sent))).into_response(),
        None => empty(StatusCode::OK),
    };
    let length = part.as_ref().map_or(size, |part| part.end - part.start);
    if let Some(part) = part {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let text = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        set(response.headers_mut(), header::CONTENT_RANGE, &text);
    }
    let headers = response.headers_mut();
    set(headers, header::CONTENT_LENGTH, &length.to_string());
    response
}

/// What could run in a browser is told to be bytes.
fn sent_as(kind: &str) -> &str {
    let active = ["html", "xml", "script", "flash", "wasm"];
    if active.iter().any(|end| kind.ends_with(end)) {
        "application/octet-stream"
    } else {
        kind
    }
}

/// Weakly, as RFC 9110, section 13.1.2 says.
fn knows(known: Option<&str>, tag: &str) -> bool {
    known.is_some_and(|known| {
        let mut tags = known.split(',').map(str::trim);
        tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
    })
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(String::new().into());
    *response.status_mut() = status;
    response
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// warp wants a body that threads may share; whoever has it alone needs no lock.
struct Alone(Mutex<Sent>);

impl Stream for Alone {
    type Item = Result<Bytes, BlobError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        stream.as_mut().poll_next(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_runs_is_sent_as_what_it_is() {
        for kind in [
            "text/html",
            "application/xhtml+xml",
            "image/svg+xml",
            "text/javascript",
        ] {
            assert_eq!(sent_as(kind), "application/octet-stream", "{kind}");
        }
        assert_eq!(sent_as("application/pdf"), "application/pdf");
    }
}
