//! `/u/<token>`: whoever has the link brings files, in as many requests as it takes.
//!
//! The token is the right; a session only says in whose name. Browsers bring files from our own
//! pages alone. Source: tus 1.0.0 (<https://tus.io/protocols/resumable-upload>), with the extensions
//! creation, creation-with-upload, expiration and termination.

pub(crate) mod append;
pub(crate) mod create;
pub(crate) mod form;
pub(crate) mod look;
mod tus;

use bot_core::uploads::{Grant, UploadError};
use vahta_texts::Arg;
use warp::http::StatusCode;

use crate::cx::Cx;
use crate::guard::files::Turn;
use crate::problem::Problem;
use crate::{Bringer, parts};

/// The grant that the path names.
async fn grant(cx: &Cx) -> Result<Grant, Problem> {
    let token: String = cx.param("token")?;
    let found = cx.app()?.uploads.open(&token).await;
    found.map_err(|error| problem(cx, error))
}

/// One of few places for those who bring files by this grant from there.
fn turn(cx: &Cx, grant: &Grant) -> Result<Turn<Bringer>, Problem> {
    let bringer = (grant.id, cx.request.address());
    let turn = cx.site.bringers().take(bringer);
    turn.ok_or(Problem::TooMany(2))
}

/// What somebody is told, in their language.
fn problem(cx: &Cx, error: UploadError) -> Problem {
    let said = |status, id: &str, args: &[(&str, Arg<'_>)]| Problem::Said(status, cx.t(id, args));
    match error {
        UploadError::Blob(error) => error.into(),
        UploadError::Unknown | UploadError::Gone => Problem::NotFound,
        UploadError::Over => said(StatusCode::GONE, "upload-over", &[]),
        UploadError::Offset(offset) => {
            let offset = offset.to_string();
            let args = [("offset", Arg::from(offset.as_str()))];
            said(StatusCode::CONFLICT, "upload-offset", &args)
        }
        UploadError::TooLong => said(StatusCode::PAYLOAD_TOO_LARGE, "upload-too-long", &[]),
        UploadError::TooManyParts => said(StatusCode::CONFLICT, "upload-too-many-parts", &[]),
        UploadError::TooLarge { left, most } => {
            let (left, most) = (parts::bytes(left), parts::bytes(most));
            let args = [
                ("left", Arg::from(left.as_str())),
                ("most", Arg::from(most.as_str())),
            ];
            said(StatusCode::PAYLOAD_TOO_LARGE, "upload-too-large", &args)
        }
        UploadError::TooManyFiles(most) => {
            let args = [("most", Arg::from(i64::from(most)))];
            said(StatusCode::PAYLOAD_TOO_LARGE, "upload-too-many", &args)
        }
        UploadError::MediaType(kinds) => Problem::MediaType(kinds),
        UploadError::Wrong(why) => Problem::Bad(why),
    }
}
