//! `getFile`, <https://core.telegram.org/bots/api#getfile>.

use serde_json::json;

use super::{Answer, Outcome};
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
