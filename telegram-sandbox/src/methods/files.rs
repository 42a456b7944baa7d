//! `getFile`, <https://core.telegram.org/bots/api#getfile>, and `getUserProfilePhotos`.

use serde_json::json;

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::world::State;
use crate::world::files::DOWNLOADABLE;

pub(crate) fn get(state: &mut State, params: &Params) -> Outcome {
    let id = params.text("file_id").unwrap_or_default();
    if id.is_empty() {
        return Err(ApiError::bad_request("file_id not specified"));
    }
    let Some(file) = state.files.get(&id) else {
        return Err(ApiError::bad_request("invalid file_id"));
    };
    if file.bytes.len() > DOWNLOADABLE {
        return Err(ApiError::bad_request("file is too big"));
    }
    Ok(Answer::Json(json!({
        "file_id": file.file_id,
        "file_unique_id": file.file_unique_id,
        "file_size": file.bytes.len(),
        "file_path": file.path,
    })))
}

/// `UserProfilePhotos`, the latest first,
/// <https://core.telegram.org/bots/api#getuserprofilephotos>.
pub(crate) fn profile_photos(state: &mut State, params: &Params) -> Outcome {
    let id = input::user_id(params, "user_id")?;
    let offset = input::integer(params, "offset", 0, 0, i64::from(i32::MAX));
    let limit = input::integer(params, "limit", 100, 1, 100);
    if state.user(id).is_none() {
        return Err(ApiError::bad_request("user not found"));
    }
    let photos = state.people.get(&id).map(|person| person.photos.clone());
    let photos = photos.unwrap_or_default();
    let shown: Vec<_> = photos
        .iter()
        .skip(usize::try_from(offset).unwrap_or(0))
        .take(usize::try_from(limit).unwrap_or(100))
        .map(|photo| [photo])
        .collect();
    Ok(Answer::Json(
        json!({"total_count": photos.len(), "photos": shown}),
    ))
}
