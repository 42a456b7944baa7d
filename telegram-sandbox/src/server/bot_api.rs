//! `/bot<token>/<method>` and `/file/bot<token>/<path>`,
//! <https://core.telegram.org/bots/api#making-requests>.

use bytes::{Buf, Bytes};
use futures::Stream;
use http_body_util::BodyDataStream;
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use warp::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use warp::http::{HeaderValue, Request, Response as HttpResponse, StatusCode};
use warp::reply::Response;

use super::Context;
use super::accept::HangUp;
use super::body::{self, BodyError, Rules};
use crate::error::ApiError;
use crate::methods::{self, Arrival, Ending};

/// What a path asks for.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    Method { token: String, method: String },
    File { token: String, path: String },
}

/// Answers what is for a bot; gives everything else back. This is no filter of warp's: a bot under
/// load calls nothing else, and the filters cost more than the answer.
pub(crate) async fn answer_if_ours(
    context: &Context,
    request: Request<Incoming>,
) -> Result<Response, Request<Incoming>> {
    let Some(target) = Target::parse(request.uri().path()) else {
        return Err(request);
    };
    Ok(match target {
        Target::File { token, path } => download(context, &token, &path),
        Target::Method { token, method } => {
            let (head, body) = request.into_parts();
            let content_type = head.headers.get(CONTENT_TYPE);
            let content_type = content_type.and_then(|kind| kind.to_str().ok());
            let query = head.uri.query().unwrap_or_default();
            let body = BodyDataStream::new(body);
            answer(context.clone(), token, method, query, content_type, body).await
        }
    })
}

impl Target {
    /// Reads the path; empty segments are skipped, for some clients send a double slash.
    fn parse(path: &str) -> Option<Self> {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let mut first = segments.next()?;
        let is_file = first == "file";
        if is_file {
            first = segments.next()?;
        }
        let token = decoded(first.strip_prefix("bot")?);
        let rest = segments.collect::<Vec<_>>().join("/");
        Some(if is_file {
            let path = decoded(&rest);
            Self::File { token, path }
        } else {
            let method = decoded(&rest);
            Self::Method { token, method }
        })
    }
}

async fn answer<B: Buf, E: body::Failure>(
    context: Context,
    token: String,
    method: String,
    query: &str,
    content_type: Option<&str>,
    body: impl Stream<Item = Result<B, E>> + Send + 'static,
) -> Response {
    let arrival = Arrival::now();
    let read = body::read(Rules::BotApi, query, content_type, body).await;
    let Some(bot) = context.world.bot_of(&token) else {
        return refusal(&ApiError::unauthorized());
    };
    let (params, json) = match read {
        Ok(read) => read,
        Err(BodyError::TooLarge) => {
            return refusal(&ApiError::new(413, "Request Entity Too Large"));
        }
        Err(BodyError::Malformed(reason)) => return refusal(&ApiError::bad_request(reason)),
    };
    let ending = methods::call(&context, bot, method, &params, json, arrival).await;
    match ending {
        Ending::Answer(status, body) => {
            let retry_after = methods::retry_after(status, &body);
            let mut response = json_response(status, body);
            if let Some(seconds) = retry_after {
                let headers = response.headers_mut();
                headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
        Ending::HangUp(after) => {
            tokio::select! {
                () = tokio::time::sleep(after) => {}
                () = context.closing.cancelled() => {}
            }
            let mut response = Response::default();
            response.extensions_mut().insert(HangUp);
            response
        }
    }
}

fn download(context: &Context, token: &str, path: &str) -> Response {
    if context.world.bot_of(token).is_none() {
        return refusal(&ApiError::unauthorized());
    }
    let found = context.world.lock().files.at_path(path).cloned();
    match found {
        Some(file) => with_type(200, file.bytes, "application/octet-stream"),
        None => refusal(&ApiError::not_found()),
    }
}

fn refusal(error: &ApiError) -> Response {
    let body = serde_json::to_vec(error).map_or_else(|_| Bytes::new(), Bytes::from);
    json_response(error.code, body)
}

pub(crate) fn json_response(status: u16, body: Bytes) -> Response {
    with_type(status, body, "application/json")
}

fn with_type(status: u16, body: Bytes, kind: &'static str) -> Response {
    let mut response = HttpResponse::new(());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    response.map(|()| body.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn double_slashes_and_escaped_slashes_are_understood() {
        let method = Target::Method {
            token: "1:sandbox".to_owned(),
            method: "GetMe".to_owned(),
        };
        assert_eq!(Target::parse("//bot1:sandbox//GetMe"), Some(method));
        let file = Target::File {
            token: "1:sandbox".to_owned(),
            path: "documents/file_1.txt".to_owned(),
        };
        assert_eq!(
            Target::parse("/file/bot1%3Asandbox/documents%2Ffile_1.txt"),
            Some(file)
        );
        assert_eq!(Target::parse("/sandbox/api/users"), None);
    }
}
