//! A form with files: its fields in memory, its files straight into the blob store.
//!
//! The plugin's permission and the head's proof were checked before the first byte is read, and no
//! file is begun before the form proved that it is ours: its first field is `csrf` (or the header
//! has it). Everything is bounded: bytes, files, fields, what the parser may hold unread, and how
//! slowly a body may come. Whatever goes wrong, no file is left.

mod drain;
mod parts;
mod turns;

use std::pin::{Pin, pin};
use std::time::Duration;

use bot_core::blobs::{Blob, NewBlob, Upload, clean_media_type};
use bot_core::plugin_host::manifest::UploadSpec;
use bytes::{Buf, Bytes};
use futures::{Stream, StreamExt as _};
use multer::{Field, Multipart};
use tokio::sync::mpsc;
use tokio::time::Instant;
use warp::http::header;

use self::parts::{Parts, Unread};
pub(crate) use self::turns::Turns;
use super::csrf::{self, Proof};
use super::{Request, body};
use crate::cx::Cx;
use crate::problem::Problem;
use crate::routes::Needs;

/// Of all fields that are no files.
const FIELDS: usize = 256;
/// What a form may have beside its files: fields, and the heads of the parts.
const BESIDE: u64 = 256 * 1024;
/// How slowly a body may come: slower, somebody holds a place for nothing.
const PACE: Pace = Pace {
    window: Duration::from_secs(60),
    least: 60 * 1024,
};

/// Within each `window` at least so many bytes.
#[derive(Clone, Copy)]
struct Pace {
    window: Duration,
    least: u64,
}

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
    let boundary = multer::parse_boundary(kind).map_err(unreadable)?;
    let (send, parts) = mpsc::channel(2);
    // On a task of its own: when the client hangs up, this future ends in its middle, and what was
    // stored must be taken back in order.
    let storing = tokio::spawn(store(cx.clone(), wanted, proof, boundary, parts));
    let fed = feed(PACE, body, send).await;
    match storing.await {
        Ok(Ok(received)) => Ok(received),
        Ok(Err(problem)) => Err(fed.err().unwrap_or(problem)),
        Err(_) => Err(Problem::Internal),
    }
}

/// Hands the body over piece by piece; `None` is its end. What is not needed any more is no fault.
async fn feed<B: Buf>(
    pace: Pace,
    mut body: Pin<&mut impl Stream<Item = Result<B, warp::Error>>>,
    send: mpsc::Sender<Option<Bytes>>,
) -> Result<(), Problem> {
    let (mut window, mut came) = (Instant::now(), 0);
    loop {
        let bytes = match tokio::time::timeout_at(window + pace.window, body.next()).await {
            Err(_) if came < pace.least => {
                return Err(Problem::Bad("the body came too slowly".into()));
            }
            Err(_) => {
                (window, came) = (Instant::now(), 0);
                continue;
            }
            Ok(None) => {
                // Whoever stored it may have ended already.
                let _ = send.send(None).await;
                return Ok(());
            }
            Ok(Some(Err(_))) => return Err(Problem::Bad("the body broke off".into())),
            Ok(Some(Ok(mut part))) => part.copy_to_bytes(part.remaining()),
        };
        came += bytes.len() as u64;
        let waiting = Instant::now();
        if send.send(Some(bytes)).await.is_err() {
            return Ok(());
        }
        // Our own disk's time is not the client's.
        window += waiting.elapsed();
    }
}

async fn store(
    cx: Cx,
    wanted: Wanted,
    proof: Proof,
    boundary: String,
    parts: mpsc::Receiver<Option<Bytes>>,
) -> Result<Received, Problem> {
    let mut received = Received {
        plugin: wanted.plugin.clone(),
        ..Received::default()
    };
    match fill(&mut received, &cx, &wanted, proof, boundary, parts).await {
        Ok(()) => Ok(received),
        Err(problem) => {
            let ids = received.ids();
            cx.app()?.blobs.discard(&wanted.plugin, &ids).await;
            Err(problem)
        }
    }
}

async fn fill(
    received: &mut Received,
    cx: &Cx,
    wanted: &Wanted,
    proof: Proof,
    boundary: String,
    parts: mpsc::Receiver<Option<Bytes>>,
) -> Result<(), Problem> {
    let unread = Unread::default();
    let mut form = Multipart::new(Parts::new(parts, unread.clone()), boundary);
    let mut is_ours = proof == Proof::Given;
    let (mut count, mut text) = (0, 0);
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        unread.none();
        count += 1;
        if count > FIELDS {
            return Err(Problem::Bad(format!("a form has at most {FIELDS} fields")));
        }
        let name = field.name().unwrap_or_default().to_owned();
        if name == "csrf" && field.file_name().is_none() {
            let sent = value(field, &mut text, &unread).await?;
            if !is_ours {
                csrf::fits(&cx.viewer, &sent)?;
                is_ours = true;
            }
        } else if !is_ours {
            return Err(Problem::Csrf);
        } else if name.contains('\0') {
            return Err(Problem::zero());
        } else if field.file_name().is_some() {
            file(received, cx, wanted, name, field, &unread).await?;
        } else {
            let value = value(field, &mut text, &unread).await?;
            if value.contains('\0') {
                return Err(Problem::zero());
            }
            received.fields.push((name, value));
        }
    }
    if is_ours { Ok(()) } else { Err(Problem::Csrf) }
}

/// A field that is no file; all of them together are as small as other forms.
async fn value(
    mut field: Field<'static>,
    text: &mut usize,
    unread: &Unread,
) -> Result<String, Problem> {
    let mut value = Vec::new();
    while let Some(bytes) = field.chunk().await.map_err(unreadable)? {
        unread.none();
        *text += bytes.len();
        if *text > body::LIMIT {
            return Err(Problem::TooLarge(body::LIMIT));
        }
        value.extend_from_slice(&bytes);
    }
    String::from_utf8(value).map_err(|_| Problem::Bad("a field is not UTF-8".into()))
}

async fn file(
    received: &mut Received,
    cx: &Cx,
    wanted: &Wanted,
    name: String,
    mut field: Field<'static>,
    unread: &Unread,
) -> Result<(), Problem> {
    let file_name = unescaped(field.file_name().unwrap_or_default());
    let kind = field.content_type().map(ToString::to_string);
    let kind = clean_media_type(&kind.unwrap_or_default());
    let first = field.chunk().await.map_err(unreadable)?.unwrap_or_default();
    unread.none();
    // So browsers send a field in which nothing was chosen.
    if file_name.is_empty() && first.is_empty() {
        return Ok(());
    }
    if received.files.len() >= wanted.spec.max_files {
        return Err(Problem::TooManyFiles(wanted.spec.max_files));
    }
    if !fits(&wanted.spec.media_types, &kind) {
        return Err(Problem::MediaType(wanted.spec.media_types.join(", ")));
    }
    let new = NewBlob {
        plugin: wanted.plugin.clone(),
        name: file_name,
        media_type: kind,
        created_by: cx.viewer.user,
    };
    let so_far: u64 = received.files.iter().map(|(_, blob)| blob.size).sum();
    let left = wanted.spec.max_bytes.saturating_sub(so_far);
    let mut upload = cx.app()?.blobs.begin(new).await?;
    match pour(&mut upload, first, &mut field, left, unread).await {
        Ok(true) => {
            received.files.push((name, upload.finish().await?));
            Ok(())
        }
        Ok(false) => {
            upload.abort().await;
            Err(Problem::FilesTooLarge(wanted.spec.max_bytes))
        }
        Err(problem) => {
            upload.abort().await;
            Err(problem)
        }
    }
}

/// False when it is more than `left`.
async fn pour(
    upload: &mut Upload,
    first: Bytes,
    field: &mut Field<'static>,
    left: u64,
    unread: &Unread,
) -> Result<bool, Problem> {
    let mut next = Some(first);
    while let Some(bytes) = next {
        unread.none();
        if upload.size() + bytes.len() as u64 > left {
            return Ok(false);
        }
        upload.write(bytes).await?;
        next = field.chunk().await.map_err(unreadable)?;
    }
    Ok(true)
}

/// Browsers write these three so. Source: HTML, "Multipart form data", escaping of file names.
fn unescaped(name: &str) -> String {
    name.replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
}

/// `image/*` stands for every picture; an empty list for everything.
fn fits(kinds: &[String], kind: &str) -> bool {
    kinds.is_empty()
        || kinds.iter().any(|wanted| match wanted.strip_suffix("/*") {
            Some(family) => kind.split('/').next() == Some(family),
            None => wanted == kind,
        })
}

fn unreadable(error: multer::Error) -> Problem {
    match error {
        // What went wrong on the way says so itself.
        multer::Error::StreamReadFailed(error) => Problem::Bad(error.to_string()),
        error => Problem::Bad(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    #[test]
    fn kinds_of_files_may_be_families() {
        let kinds = ["image/*".to_owned(), "text/csv".to_owned()];
        assert!(fits(&kinds, "image/png") && fits(&kinds, "text/csv"));
        assert!(!fits(&kinds, "text/html") && !fits(&kinds, "images/png"));
        assert!(fits(&[], "application/zip"));
    }

    const PACE: Pace = Pace {
        window: Duration::from_millis(500),
        least: 1_024,
    };

    #[tokio::test]
    async fn a_body_that_drips_is_given_up() {
        let drips = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Some((Ok::<_, warp::Error>(Bytes::from_static(b"x")), ()))
        });
        let (send, mut parts) = mpsc::channel(2);
        let reader = tokio::spawn(async move { while parts.recv().await.is_some() {} });
        let fed = feed(PACE, pin!(drips).as_mut(), send).await;
        assert!(matches!(fed, Err(Problem::Bad(_))));
        reader.await.unwrap();
    }

    #[tokio::test]
    async fn our_own_slowness_is_not_the_clients() {
        let body = stream::unfold(4, |left: u8| async move {
            tokio::task::yield_now().await;
            let left = left.checked_sub(1)?;
            Some((Ok::<_, warp::Error>(Bytes::from_static(b"x")), left))
        });
        let (send, mut parts) = mpsc::channel(1);
        let reader = tokio::spawn(async move {
            let mut count = 0;
            while let Some(Some(_)) = parts.recv().await {
                tokio::time::sleep(PACE.window * 2).await;
                count += 1;
            }
            count
        });
        assert!(feed(PACE, pin!(body).as_mut(), send).await.is_ok());
        assert_eq!(reader.await.unwrap(), 4);
    }
}
