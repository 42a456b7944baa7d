//! The parts of a form: fields into memory, files into the blob store.

use bot_core::blobs::{NewBlob, Upload, clean_media_type};
use bytes::Bytes;
use multer::{Field, Multipart};
use tokio::sync::mpsc;

use super::parts::{Parts, Unread};
use super::{Received, Wanted};
use crate::cx::Cx;
use crate::guard::body;
use crate::guard::csrf::{self, Proof};
use crate::problem::Problem;

/// Of all fields that are no files.
pub(crate) const FIELDS: usize = 256;

pub(super) async fn store(
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
        } else if is_unnamed_file(&field) {
            return Err(Problem::Bad(format!(
                "the name of the file in {name} is not UTF-8"
            )));
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

/// It says that it is a file, by a name that cannot be read: taken for a text it would be lost.
pub(crate) fn is_unnamed_file(field: &Field<'static>) -> bool {
    let says = field.headers().get(warp::http::header::CONTENT_DISPOSITION);
    says.is_some_and(|says| says.as_bytes().windows(9).any(|word| word == b"filename="))
}

/// A field that is no file; all of them together are as small as other forms.
pub(crate) async fn value(
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
pub(crate) fn unescaped(name: &str) -> String {
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

pub(crate) fn unreadable(error: multer::Error) -> Problem {
    match error {
        // What went wrong on the way says so itself.
        multer::Error::StreamReadFailed(error) => Problem::Bad(error.to_string()),
        error => Problem::Bad(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_files_may_be_families() {
        let kinds = ["image/*".to_owned(), "text/csv".to_owned()];
        assert!(fits(&kinds, "image/png") && fits(&kinds, "text/csv"));
        assert!(!fits(&kinds, "text/html") && !fits(&kinds, "images/png"));
        assert!(fits(&[], "application/zip"));
    }
}
