//! `POST /u/<token>` with multipart/form-data: all files of a form or none, for scripts
//! (`curl -F file=@x`) and for forms of pages without script.

use bot_core::uploads::{Grant, NewUpload, Whole, Writer};
use bytes::Bytes;
use multer::{Field, Multipart};
use serde_json::json;
use tokio::sync::mpsc;
use warp::http::{StatusCode, header};

use super::{grant, problem, turn};
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::guard::files::parts::{Parts, Unread};
use crate::guard::files::store::{FIELDS, is_unnamed_file, unescaped, unreadable, value};
use crate::guard::pieces::Pieces;
use crate::problem::Problem;

/// What came so far.
#[derive(Default)]
struct Came {
    /// Also one whose bytes are still coming: taken back when the form comes to nothing.
    begun: Vec<String>,
    whole: Vec<Whole>,
    /// Where a browser goes afterwards, a path of this site.
    back: Option<String>,
}

pub(crate) async fn take(cx: Cx, pieces: Pieces) -> Answer {
    let kind = cx.request.header(header::CONTENT_TYPE).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(unreadable)?;
    let grant = grant(&cx).await?;
    let _turn = turn(&cx, &grant)?;
    let mut came = Came::default();
    let filled = fill(&mut came, &cx, &grant, boundary, pieces.into_receiver()).await;
    let uploads = &cx.app()?.uploads;
    let done = match filled {
        Ok(()) => uploads.finish(&grant, &came.whole).await,
        Err(problem) => {
            take_back(&cx, &grant, &came).await;
            return Err(problem);
        }
    };
    if let Err(error) = done {
        take_back(&cx, &grant, &came).await;
        return Err(problem(&cx, error));
    }
    if let Some(back) = came.back {
        return Ok(answer::see_other(&back));
    }
    let files = came.whole.iter().map(|file| {
        let upload = file.upload();
        json!({ "name": upload.path, "size": upload.offset, "sha256": file.sha256() })
    });
    let text = json!({ "files": files.collect::<Vec<_>>() }).to_string();
    let mut response = answer::typed(text, "application/json");
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// Whatever was committed in doubt is not under way any more, and stays.
async fn take_back(cx: &Cx, grant: &Grant, came: &Came) {
    let Ok(app) = cx.app() else {
        return;
    };
    for id in &came.begun {
        if let Err(error) = app.uploads.give_up(grant, id).await {
            tracing::warn!(%error, "a file of a form that was refused ends by itself later");
        }
    }
}

async fn fill(
    came: &mut Came,
    cx: &Cx,
    grant: &Grant,
    boundary: String,
    pieces: mpsc::Receiver<Option<Bytes>>,
) -> Result<(), Problem> {
    let unread = Unread::default();
    let mut form = Multipart::new(Parts::new(pieces, unread.clone()), boundary);
    let (mut fields, mut text) = (0, 0);
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        unread.none();
        if field.file_name().is_some() {
            file(came, cx, grant, field, &unread).await?;
            continue;
        }
        let name = field.name().unwrap_or_default().to_owned();
        if is_unnamed_file(&field) {
            let why = format!("the name of the file in {name} is not UTF-8");
            return Err(Problem::Bad(why));
        }
        fields += 1;
        if fields > FIELDS {
            return Err(Problem::Bad(format!("a form has at most {FIELDS} fields")));
        }
        let value = value(field, &mut text, &unread).await?;
        if name == "back" && is_own(&value) {
            came.back = Some(value);
        }
    }
    match came.begun.is_empty() {
        true => Err(Problem::Bad(cx.t("upload-no-file", &[]))),
        false => Ok(()),
    }
}

async fn file(
    came: &mut Came,
    cx: &Cx,
    grant: &Grant,
    mut field: Field<'static>,
    unread: &Unread,
) -> Result<(), Problem> {
    let path = unescaped(field.file_name().unwrap_or_default());
    let kind = field.content_type().map(ToString::to_string);
    let first = field.chunk().await.map_err(unreadable)?.unwrap_or_default();
    unread.none();
    // So browsers send a field in which nothing was chosen.
    if path.is_empty() && first.is_empty() {
        return Ok(());
    }
    let wrong = |error| problem(cx, error);
    let new = NewUpload {
        path,
        media_type: kind.unwrap_or_default(),
        length: None,
        user: cx.viewer.user,
    };
    let uploads = &cx.app()?.uploads;
    let begun = uploads.begin(grant, new).await.map_err(wrong)?;
    came.begun.push(begun.id.clone());
    let mut writer = uploads.go_on(grant, &begun.id, 0).await.map_err(wrong)?;
    pour(cx, &mut writer, first, &mut field, unread).await?;
    came.whole.push(writer.whole().await.map_err(wrong)?);
    Ok(())
}

async fn pour(
    cx: &Cx,
    writer: &mut Writer,
    first: Bytes,
    field: &mut Field<'static>,
    unread: &Unread,
) -> Result<(), Problem> {
    let mut next = Some(first);
    while let Some(bytes) = next {
        unread.none();
        let written = writer.write(bytes).await;
        written.map_err(|error| problem(cx, error))?;
        next = field.chunk().await.map_err(unreadable)?;
    }
    Ok(())
}

/// A path of this site and nothing else.
fn is_own(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\0'])
}
