//! `POST /u/<token>/files`: a file is announced, and may begin at once.

use bot_core::uploads::{NewUpload, Upload};
use warp::http::{HeaderValue, StatusCode, header};

use super::append::{cut, pour};
use super::{grant, problem, turn, tus};
use crate::answer::Answer;
use crate::cx::Cx;
use crate::guard::pieces::Pieces;
use crate::problem::Problem;

pub(crate) async fn create(cx: Cx, pieces: Pieces) -> Answer {
    let work = create_in(&cx, pieces);
    tus::answer(&cx, Box::pin(work)).await
}

async fn create_in(cx: &Cx, pieces: Pieces) -> Answer {
    let length = tus::number(cx, "upload-length")?;
    let length = length.ok_or_else(|| Problem::Bad("Upload-Length is missing".to_owned()))?;
    let (path, media_type) = tus::described(cx)?;
    let grant = grant(cx).await?;
    let brings = tus::brings_bytes(cx);
    let _turn = brings.then(|| turn(cx, &grant)).transpose()?;
    let new = NewUpload {
        path,
        media_type,
        length: Some(length),
        user: cx.viewer.user,
    };
    let uploads = &cx.app()?.uploads;
    let begun = uploads.begin(&grant, new).await;
    let begun = begun.map_err(|error| problem(cx, error))?;
    let upload = match brings && !begun.is_whole {
        true => match append(cx, &grant, begun.clone(), pieces).await {
            Ok(upload) => upload,
            Err(problem) => {
                // Nobody knows its address: it would only wait for its end.
                if let Err(error) = uploads.give_up(&grant, &begun.id).await {
                    tracing::warn!(%error, "an upload that did not begin ends by itself later");
                }
                return Err(problem);
            }
        },
        false => begun,
    };
    let token: String = cx.param("token")?;
    let mut response = tus::empty(StatusCode::CREATED);
    let headers = response.headers_mut();
    tus::stands(headers, &upload);
    let place = format!("/u/{token}/files/{}", upload.id);
    if let Ok(place) = HeaderValue::from_str(&place) {
        headers.insert(header::LOCATION, place);
    }
    Ok(response)
}

/// What comes with the announcement. Of a body that breaks off nothing is kept: nobody was told yet
/// where to go on.
async fn append(
    cx: &Cx,
    grant: &bot_core::uploads::Grant,
    begun: Upload,
    mut pieces: Pieces,
) -> Result<Upload, Problem> {
    let uploads = &cx.app()?.uploads;
    let wrong = |error| problem(cx, error);
    let mut writer = uploads.go_on(grant, &begun.id, 0).await.map_err(wrong)?;
    if !pour(cx, &mut writer, &mut pieces).await? {
        return Err(cut(cx));
    }
    writer.end().await.map_err(wrong)
}
