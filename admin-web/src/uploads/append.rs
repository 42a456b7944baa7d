//! `PATCH /u/<token>/files/<id>`: the next bytes of a file.

use bot_core::uploads::Writer;
use warp::http::{StatusCode, header};

use super::{grant, problem, turn, tus};
use crate::answer::Answer;
use crate::cx::Cx;
use crate::guard::pieces::{Piece, Pieces};
use crate::problem::Problem;

pub(crate) async fn append(cx: Cx, pieces: Pieces) -> Answer {
    let work = append_in(&cx, pieces);
    tus::answer(&cx, Box::pin(work)).await
}

async fn append_in(cx: &Cx, mut pieces: Pieces) -> Answer {
    if !tus::brings_bytes(cx) {
        let detail = "Content-Type: application/offset+octet-stream".to_owned();
        return Err(Problem::Said(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let offset = tus::number(cx, "upload-offset")?;
    let offset = offset.ok_or_else(|| Problem::Bad("Upload-Offset is missing".to_owned()))?;
    let id: String = cx.param("id")?;
    let grant = grant(cx).await?;
    let _turn = turn(cx, &grant)?;
    let uploads = &cx.app()?.uploads;
    let wrong = |error| problem(cx, error);
    let mut writer = uploads.go_on(&grant, &id, offset).await.map_err(wrong)?;
    // Said before it is sent: then nothing of it is taken.
    let comes = tus::number(cx, header::CONTENT_LENGTH.as_str())?.unwrap_or_default();
    let length = writer.upload().length.unwrap_or(u64::MAX);
    if offset.saturating_add(comes) > length {
        writer.end().await.map_err(wrong)?;
        return Err(wrong(bot_core::uploads::UploadError::TooLong));
    }
    let whole_body = pour(cx, &mut writer, &mut pieces).await?;
    let upload = writer.end().await.map_err(wrong)?;
    if !whole_body && !upload.is_whole {
        return Err(cut(cx));
    }
    let mut response = tus::empty(StatusCode::NO_CONTENT);
    tus::stands(response.headers_mut(), &upload);
    Ok(response)
}

/// To whoever still listens. They may go on at once, or when the site is back.
pub(super) fn cut(cx: &Cx) -> Problem {
    match cx.site.stopping().is_cancelled() {
        true => Problem::Unavailable,
        false => Problem::Said(StatusCode::REQUEST_TIMEOUT, cx.t("upload-cut", &[])),
    }
}

/// Writes a body as it comes; false when it broke off, or the site stops. What came is kept either
/// way.
pub(super) async fn pour(
    cx: &Cx,
    writer: &mut Writer,
    pieces: &mut Pieces,
) -> Result<bool, Problem> {
    let wrong = |error| problem(cx, error);
    loop {
        let next = tokio::select! {
            next = tokio::time::timeout_at(writer.due_at().into(), pieces.next()) => next,
            () = cx.site.stopping().cancelled() => return Ok(false),
        };
        match next {
            Ok(Piece::Bytes(bytes)) => writer.write(bytes).await.map_err(wrong)?,
            Ok(Piece::End) => return Ok(true),
            Ok(Piece::Cut) => return Ok(false),
            Err(_) => writer.flush().await.map_err(wrong)?,
        }
    }
}
