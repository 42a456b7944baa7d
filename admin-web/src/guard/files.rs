//! A form with files: its fields in memory, its files straight into the blob store.
//!
//! The plugin's permission and the head's proof were checked before the first byte is read, and no
//! file is begun before the form proved that it is ours: its first field is `csrf` (or the header
//! has it). Everything is bounded: bytes, files, fields, what the parser may hold unread, and how
//! slowly a body may come. Whatever goes wrong, no file is left.

mod drain;
pub(super) mod feed;
pub(crate) mod parts;
pub(crate) mod store;
mod turns;

use std::pin::{Pin, pin};

use bot_core::blobs::{Blob, clean_media_type};
use bot_core::plugin_host::manifest::UploadSpec;
use bytes::Buf;
use futures::Stream;
use tokio::sync::mpsc;
use warp::http::header;

use self::feed::{Pace, feed};
pub(crate) use self::turns::{Turn, Turns};
use super::{Request, csrf};
use crate::cx::Cx;
use crate::problem::Problem;
use crate::routes::Needs;

/// What a form may have beside its files: fields, and the heads of the parts.
const BESIDE: u64 = 256 * 1024;
/// What a plugin's route takes.
pub(crate) struct Wanted {
    pub(crate) plugin: String,
    pub(crate) spec: UploadSpec,
}

/// What came.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) plugin: String,
    /// Without `csrf`.
    pub(crate) fields: Vec<(String, String)>,
    /// The name of its field, and the file.
    pub(crate) files: Vec<(String, Blob)>,
}

impl Received {
    pub(crate) fn ids(&self) -> Vec<String> {
        self.files.iter().map(|(_, blob)| blob.id.clone()).collect()
    }

    /// The same for the same content.
    pub(crate) fn print(&self) -> Vec<u8> {
        let files = self.files.iter();
        let files: Vec<_> = files
            .map(|(field, blob)| (field, &blob.name, &blob.media_type, &blob.sha256))
            .collect();
        serde_json::to_vec(&(&self.fields, files)).unwrap_or_default()
    }
}

/// Takes back what came with a request that came to nothing.
pub(crate) async fn discard(cx: &Cx) {
    if let (Some(received), Ok(app)) = (&cx.received, cx.app()) {
        app.blobs.discard(&received.plugin, &received.ids()).await;
    }
}

/// Source: RFC 7578.
pub(super) fn is_multipart(request: &Request) -> bool {
    request
        .header(header::CONTENT_TYPE)
        .is_some_and(|kind| clean_media_type(kind) == "multipart/form-data")
}

/// Receives a form with files, for a route that says whether it takes any.
pub(super) async fn take<B: Buf>(
    cx: &Cx,
    wanted: Result<Option<Wanted>, Problem>,
    needs: Needs,
    body: impl Stream<Item = Result<B, warp::Error>>,
) -> Result<Received, Problem> {
    let mut body = pin!(body);
    let received = receive(cx, wanted, needs, body.as_mut()).await;
    if received.is_err() {
        refuse(&cx.request, body).await;
    }
    received
}

/// Lets a refused body come, so that its sender reads the refusal.
pub(super) async fn refuse<B: Buf>(
    request: &Request,
    body: impl Stream<Item = Result<B, warp::Error>>,
) {
    // Whoever asks first whether to send has not sent.
    if request.header(header::EXPECT).is_none() {
        drain::rest(pin!(body)).await;
    }
}

async fn receive<B: Buf>(
    cx: &Cx,
    wanted: Result<Option<Wanted>, Problem>,
    needs: Needs,
    body: Pin<&mut impl Stream<Item = Result<B, warp::Error>>>,
) -> Result<Received, Problem> {
    let wanted = wanted?.ok_or(Problem::NoFiles)?;
    let turn = cx.viewer.user.map(|user| cx.site.uploads().take(user));
    let _turn = turn
        .map(|turn| turn.ok_or(Problem::TooMany(30)))
        .transpose()?;
    let proof = csrf::of_head(&cx.request, &cx.viewer, needs)?;
    let length = cx.request.header(header::CONTENT_LENGTH);
    let length: Option<u64> = length.and_then(|length| length.parse().ok());
    if length.is_some_and(|length| length > wanted.spec.max_bytes.saturating_add(BESIDE)) {
        return Err(Problem::FilesTooLarge(wanted.spec.max_bytes));
    }
    let kind = cx.request.header(header::CONTENT_TYPE).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(store::unreadable)?;
    let (send, parts) = mpsc::channel(2);
    // On a task of its own: when the client hangs up, this future ends in its middle, and what was
    // stored must be taken back in order.
    let pace = Pace::of(wanted.spec.max_bytes);
    let storing = tokio::spawn(store::store(cx.clone(), wanted, proof, boundary, parts));
    let fed = feed(pace, body, send).await;
    match storing.await {
        Ok(Ok(received)) => Ok(received),
        Ok(Err(problem)) => Err(fed.err().unwrap_or(problem)),
        Err(_) => Err(Problem::Internal),
    }
}
