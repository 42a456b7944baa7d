//! `getChat`, `sendChatAction`, `exportChatInviteLink`,
//! <https://core.telegram.org/bots/api#getchat>.

use serde_json::json;
use tokio::time::Instant;

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::world::State;

const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// `ChatFullInfo`, <https://core.telegram.org/bots/api#chatfullinfo>.
pub(crate) fn get(state: &mut State, params: &Params) -> Outcome {
    let id = input::chat_id(state, params)?;
    let chat = state.visible_chat(id)?;
    let mut info = json!(chat.head);
    info["accent_color_id"] = json!(0);
    info["max_reaction_count"] = json!(11);
    info["accepted_gift_types"] = json!({
        "unlimited_gifts": false,
        "limited_gifts": false,
        "unique_gifts": false,
        "premium_subscription": false,
    });
    if !chat.is_private() {
        info["permissions"] = json!(chat.permissions);
    }
    if let Some(message) = chat.pinned.last().and_then(|id| chat.history.get(*id)) {
        info["pinned_message"] = json!(message);
    }
    Ok(Answer::Json(info))
}

pub(crate) fn send_action(state: &mut State, params: &Params) -> Outcome {
    let id = input::target(state, params)?;
    let action = params.owned("action").unwrap_or_default();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(ApiError::bad_request("wrong parameter action in request"));
    }
    if let Some(chat) = state.chats.get_mut(&id) {
        chat.action = Some((action, Instant::now()));
    }
    state.signals.changes.notify_waiters();
    Ok(Answer::TRUE)
}

pub(crate) fn export_invite_link(state: &mut State, params: &Params) -> Outcome {
    let id = input::chat_id(state, params)?;
    let chat = state.visible_chat(id)?;
    if chat.is_private() || !chat.standing(state.bot.me.id).is_admin() {
        let reason = "not enough rights to manage chat invite link";
        return Err(ApiError::bad_request(reason));
    }
    let link = format!("https://t.me/+sandbox{}", id.unsigned_abs());
    Ok(Answer::Json(json!(link)))
}
