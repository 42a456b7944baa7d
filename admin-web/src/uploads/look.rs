//! What is left of a grant, where a file stands, and giving one up.

use bot_core::uploads::Upload;
use serde_json::{Value, json};
use warp::http::{HeaderValue, StatusCode};

use super::{grant, problem, tus};
use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::problem::Problem;

/// `GET /u/<token>`: what is left, for pages and scripts.
pub(crate) async fn show(cx: Cx) -> Answer {
    let grant = grant(&cx).await?;
    let uploads = cx.app()?.uploads.under_way(&grant).await;
    let uploads = uploads.map_err(|error| problem(&cx, error))?;
    let token: String = cx.param("token")?;
    let uploads = uploads.iter().map(|upload| shown(&token, upload));
    let left = json!({
        "max_bytes": grant.max_bytes, "left_bytes": grant.left_bytes(),
        "max_files": grant.max_files, "left_files": grant.left_files(),
        "media_types": grant.media_types, "expires_at": grant.expires_at,
        "uploads": uploads.collect::<Vec<_>>(),
    });
    Ok(answer::typed(left.to_string(), "application/json"))
}

fn shown(token: &str, upload: &Upload) -> Value {
    json!({
        "path": format!("/u/{token}/files/{}", upload.id), "name": upload.path,
        "offset": upload.offset, "length": upload.length, "expires_at": upload.expires_at,
    })
}

/// `OPTIONS /u/<token>/files`.
pub(crate) async fn options(cx: Cx) -> Answer {
    let work = async {
        let grant = grant(&cx).await?;
        let mut response = tus::empty(StatusCode::NO_CONTENT);
        let headers = response.headers_mut();
        headers.insert("tus-version", HeaderValue::from_static(tus::VERSION));
        headers.insert("tus-extension", HeaderValue::from_static(tus::EXTENSIONS));
        headers.insert("tus-max-size", HeaderValue::from(grant.left_bytes()));
        Ok(response)
    };
    tus::answer(&cx, work).await
}

/// `HEAD /u/<token>/files/<id>`, and GET for people who look.
pub(crate) async fn upload(cx: Cx) -> Answer {
    let work = async {
        let upload = find(&cx).await?;
        let token: String = cx.param("token")?;
        let text = shown(&token, &upload).to_string();
        let mut response = answer::typed(text, "application/json");
        let headers = response.headers_mut();
        tus::stands(headers, &upload);
        if let Some(length) = upload.length {
            headers.insert("upload-length", HeaderValue::from(length));
        }
        if let Some(said) = tus::metadata(&upload) {
            headers.insert("upload-metadata", said);
        }
        Ok(response)
    };
    tus::answer(&cx, work).await
}

async fn find(cx: &Cx) -> Result<Upload, Problem> {
    let id: String = cx.param("id")?;
    let grant = grant(cx).await?;
    let found = cx.app()?.uploads.find(&grant, &id).await;
    found
        .map_err(|error| problem(cx, error))?
        .ok_or(Problem::NotFound)
}

/// `DELETE /u/<token>/files/<id>`: of one that is not whole.
pub(crate) async fn give_up(cx: Cx) -> Answer {
    let work = async {
        let id: String = cx.param("id")?;
        let grant = grant(&cx).await?;
        let ended = cx.app()?.uploads.give_up(&grant, &id).await;
        match ended.map_err(|error| problem(&cx, error))? {
            true => Ok(tus::empty(StatusCode::NO_CONTENT)),
            false => Err(Problem::NotFound),
        }
    };
    tus::answer(&cx, work).await
}
