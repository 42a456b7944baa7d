//! `GET files/{file_id}`: a file's bytes, for the page.

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::http::header::CONTENT_TYPE;
use warp::http::{HeaderName, HeaderValue};
use warp::reply::{Reply, Response};

use super::ControlError;
use crate::server::Context;

/// Shown as what they are; everything else is offered as a download.
const SHOWN: [&str; 12] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "video/mp4",
    "video/webm",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
    "audio/wav",
    "audio/webm",
    "audio/flac",
];

pub(crate) fn download(context: &Context) -> BoxedFilter<(Response,)> {
    let context = context.clone();
    warp::path!("sandbox" / "api" / "files" / String)
        .and(warp::get())
        .map(move |id: String| {
            let Some(file) = context.world.lock().files.get(&id).cloned() else {
                return ControlError::new(404, "there is no such file").into_response();
            };
            let mime = file.mime.as_deref().unwrap_or_default();
            let kind = SHOWN.into_iter().find(|known| *known == mime);
            let mut response = Vec::new().into_response();
            *response.body_mut() = file.bytes.into();
            let headers = response.headers_mut();
            let kind = HeaderValue::from_static(kind.unwrap_or("application/octet-stream"));
            headers.insert(CONTENT_TYPE, kind);
            let nosniff = HeaderValue::from_static("nosniff");
            headers.insert(HeaderName::from_static("x-content-type-options"), nosniff);
            response
        })
        .boxed()
}
