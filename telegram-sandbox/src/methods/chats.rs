//! `getChat`, `sendChatAction`, <https://core.telegram.org/bots/api#getchat>.

use serde_json::json;

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{ChatKind, PhotoSize};
use crate::world::State;

/// Actions and their older names.
const ACTIONS: [&str; 15] = [
    "cancel",
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "record_audio",
    "upload_voice",
    "upload_audio",
    "upload_document",
    "choose_sticker",
    "find_location",
    "pick_up_location",
    "record_video_note",
    "upload_video_note",
];

/// `ChatFullInfo`, <https://core.telegram.org/bots/api#chatfullinfo>.
pub(crate) fn get(state: &mut State, params: &Params) -> Outcome {
    let id = input::chat_id(state, params)?;
    let me = state.bot.me.id;
    let chat = state.visible_chat(id)?;
    let mut info = json!(chat.head);
    info["accent_color_id"] = json!(id.unsigned_abs() % 7);
    info["max_reaction_count"] = json!(11);
    info["accepted_gift_types"] = json!({
        "unlimited_gifts": false,
        "limited_gifts": false,
        "unique_gifts": false,
        "premium_subscription": false,
    });
    if let Some(username) = &chat.head.username {
        info["active_usernames"] = json!([username]);
    }
    if let Some(description) = &chat.description {
        info["description"] = json!(description);
    }
    let photo = match chat.head.kind {
        ChatKind::Private => state
            .people
            .get(&id)
            .and_then(|person| person.photos.first()),
        _ => chat.photo.as_ref(),
    };
    if let Some(photo) = photo {
        info["photo"] = chat_photo(photo);
    }
    if chat.head.kind.is_group() {
        info["permissions"] = json!(chat.permissions);
    }
    let primary = chat.invites.links.values();
    let mut primary = primary.filter(|link| link.is_primary && !link.is_revoked);
    if let Some(link) = primary.find(|link| link.creator == me) {
        info["invite_link"] = json!(link.link);
    }
    let pinned = chat.pinned.iter().filter_map(|id| chat.history.get(*id));
    if let Some(message) = pinned.max_by_key(|message| message.message_id) {
        info["pinned_message"] = json!(message);
    }
    Ok(Answer::Json(info))
}

/// `ChatPhoto`; small and big are one file here.
fn chat_photo(photo: &PhotoSize) -> serde_json::Value {
    json!({
        "small_file_id": photo.file_id,
        "small_file_unique_id": photo.file_unique_id,
        "big_file_id": photo.file_id,
        "big_file_unique_id": photo.file_unique_id,
    })
}

pub(crate) fn send_action(state: &mut State, params: &Params) -> Outcome {
    let action = params.owned("action").unwrap_or_default();
    let action = action.to_ascii_lowercase();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(ApiError::bad_request("wrong parameter action in request"));
    }
    let id = input::target(state, params)?;
    let at = state.clock.instant();
    if let Some(chat) = state.chats.get_mut(&id) {
        chat.action = Some((action, at)).filter(|(action, _)| action != "cancel");
    }
    state.signals.changes.notify_waiters();
    Ok(Answer::TRUE)
}
