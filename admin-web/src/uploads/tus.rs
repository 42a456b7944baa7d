//! The protocol's headers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bot_core::uploads::Upload;
use jiff::Timestamp;
use vahta_rows::Micros;
use warp::http::{HeaderMap, HeaderValue, StatusCode, header};
use warp::reply::Response;

use crate::answer::Answer;
use crate::cx::Cx;
use crate::problem::Problem;

pub(super) const VERSION: &str = "1.0.0";
pub(super) const EXTENSIONS: &str = "creation,creation-with-upload,expiration,termination";
const BODY: &str = "application/offset+octet-stream";

/// A request of the protocol has its answer in the protocol, whatever comes of it.
pub(super) async fn answer(cx: &Cx, work: impl Future<Output = Answer>) -> Answer {
    let answered = match speaks(cx) {
        Ok(()) => work.await,
        Err(problem) => Err(problem),
    };
    let mut response = answered.unwrap_or_else(|problem| problem.respond(cx));
    let headers = response.headers_mut();
    headers.insert("tus-resumable", HeaderValue::from_static(VERSION));
    if response.status() == StatusCode::PRECONDITION_FAILED {
        let headers = response.headers_mut();
        headers.insert("tus-version", HeaderValue::from_static(VERSION));
    }
    Ok(response)
}

/// A script that does not say its version is taken to speak ours.
fn speaks(cx: &Cx) -> Result<(), Problem> {
    match cx.request.header("tus-resumable") {
        None | Some(VERSION) => Ok(()),
        Some(_) => Err(Problem::Said(
            StatusCode::PRECONDITION_FAILED,
            format!("tus {VERSION}"),
        )),
    }
}

/// A header that is a number; none when it is not there.
pub(super) fn number(cx: &Cx, name: &str) -> Result<Option<u64>, Problem> {
    let Some(text) = cx.request.header(name) else {
        return Ok(None);
    };
    let number: Option<u64> = text.parse().ok();
    // The tables count in signed numbers.
    let number = number.filter(|number| i64::try_from(*number).is_ok());
    let number = number.ok_or_else(|| Problem::Bad(format!("{name} is no number of bytes")))?;
    Ok(Some(number))
}

/// Does the body hold bytes of the file?
pub(super) fn brings_bytes(cx: &Cx) -> bool {
    cx.request.header(header::CONTENT_TYPE) == Some(BODY)
}

/// A file's name with its folders, and its kind, as clients call them.
pub(super) fn described(cx: &Cx) -> Result<(String, String), Problem> {
    let all = cx.request.header("upload-metadata").unwrap_or_default();
    let mut pairs = Vec::new();
    for pair in all
        .split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
    {
        let (name, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim()).ok();
        let value = value.and_then(|value| String::from_utf8(value).ok());
        let value = value.filter(|value| !value.contains('\0'));
        let value =
            value.ok_or_else(|| Problem::Bad("Upload-Metadata cannot be read".to_owned()))?;
        pairs.push((name, value));
    }
    let find = |wanted: &[&str]| {
        let found = wanted.iter().find_map(|wanted| {
            let fits = |(name, value): &&(&str, String)| name == wanted && !value.is_empty();
            pairs.iter().find(fits)
        });
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let path = find(&["relativePath", "filename", "name"]);
    Ok((path, find(&["filetype", "type"])))
}

/// Where an upload stands.
pub(super) fn stands(headers: &mut HeaderMap, upload: &Upload) {
    headers.insert("upload-offset", HeaderValue::from(upload.offset));
    if !upload.is_whole
        && let Some(text) = date(upload.expires_at)
    {
        headers.insert("upload-expires", text);
    }
}

/// Source: RFC 9110, section 5.6.7.
fn date(at: Micros) -> Option<HeaderValue> {
    let at = Timestamp::from_microsecond(at.0).ok()?;
    let text = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at);
    HeaderValue::from_str(&text.ok()?).ok()
}

pub(super) fn metadata(upload: &Upload) -> Option<HeaderValue> {
    let name = upload.path.rsplit('/').next().unwrap_or_default();
    let (name, path) = (STANDARD.encode(name), STANDARD.encode(&upload.path));
    HeaderValue::from_str(&format!("filename {name},relativePath {path}")).ok()
}

pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(String::new().into());
    *response.status_mut() = status;
    response
}
