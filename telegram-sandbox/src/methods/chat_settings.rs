//! `setChatTitle`, `setChatDescription`, `setChatPhoto`, `deleteChatPhoto`, `setChatPermissions`,
//! <https://core.telegram.org/bots/api#setchattitle> and the sections around it.

use serde_json::Value;

use super::json::{Fault, Fields};
use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{
    AdminRights, Attachment, ChatHead, ChatKind, Content, Permissions, PhotoSize, Service,
};
use crate::world::State;
use crate::world::attachments::{self, Kind};
use crate::world::chat::Chat;
use crate::world::messages::Draft;

const LONGEST_TITLE: usize = 128;
const LONGEST_DESCRIPTION: usize = 255;

/// A longer one is cut; white space becomes single spaces.
pub(crate) fn title(state: &mut State, params: &Params) -> Outcome {
    let id = input::target(state, params)?;
    let title = clean_name(&params.text("title").unwrap_or_default());
    if title.is_empty() {
        return Err(ApiError::bad_request("title must be non-empty"));
    }
    let chat = changeable(
        state,
        id,
        "can't change private chat title",
        "not enough rights to change chat title",
    )?;
    if chat.head.title.as_ref() == Some(&title) {
        return Ok(Answer::TRUE);
    }
    chat.head = ChatHead {
        title: Some(title.clone()),
        ..ChatHead::clone(&chat.head)
    }
    .into();
    announce(state, id, Service::NewChatTitle(title))
}

/// A name as Telegram keeps it: one line, single spaces, at most 128 characters.
pub(crate) fn clean_name(given: &str) -> String {
    let words: Vec<&str> = given.split_whitespace().collect();
    let joined = words.join(" ");
    let cut: String = joined.chars().take(LONGEST_TITLE).collect();
    cut.trim_end().to_owned()
}

pub(crate) fn description(state: &mut State, params: &Params) -> Outcome {
    let id = input::target(state, params)?;
    let given = params.text("description").unwrap_or_default();
    let given: String = given.trim().chars().take(LONGEST_DESCRIPTION).collect();
    let chat = changeable(
        state,
        id,
        "can't change private chat description",
        "not enough rights to set chat description",
    )?;
    let description = Some(given).filter(|text| !text.is_empty());
    if chat.description == description {
        return Err(ApiError::bad_request("chat description is not modified"));
    }
    chat.description = description;
    state.signals.changes.notify_waiters();
    Ok(Answer::TRUE)
}

pub(crate) fn set_photo(state: &mut State, params: &Params) -> Outcome {
    let named = params.text("photo").unwrap_or_default();
    let part = named.strip_prefix("attach://").unwrap_or("photo");
    let Some(upload) = params.file(part) else {
        return Err(ApiError::bad_request(match named.is_empty() {
            true => "there is no photo in the request",
            false => "photo must be uploaded as an InputFile",
        }));
    };
    let upload = upload.clone();
    let id = input::target(state, params)?;
    photo_of(state, id)?;
    let attachment = attachments::upload_as(state, params, Kind::Photo, &upload)?;
    let Attachment::Photo(sizes) = attachment else {
        return Err(ApiError::bad_request("IMAGE_PROCESS_FAILED"));
    };
    photo_of(state, id)?.photo = sizes.last().cloned();
    let sizes: Vec<PhotoSize> = sizes;
    announce(state, id, Service::NewChatPhoto(sizes))
}

pub(crate) fn delete_photo(state: &mut State, params: &Params) -> Outcome {
    let id = input::target(state, params)?;
    if photo_of(state, id)?.photo.take().is_none() {
        return Err(ApiError::bad_request("CHAT_NOT_MODIFIED"));
    }
    announce(state, id, Service::DeleteChatPhoto(true))
}

fn photo_of(state: &mut State, id: i64) -> Result<&mut Chat, ApiError> {
    changeable(
        state,
        id,
        "can't change private chat photo",
        "not enough rights to change chat photo",
    )
}

pub(crate) fn permissions(state: &mut State, params: &Params) -> Outcome {
    let permissions = read_permissions(params)?;
    let id = input::target(state, params)?;
    let kind = state.visible_chat(id)?.head.kind;
    if kind == ChatKind::Channel {
        let reason = "can't change channel chat permissions";
        return Err(ApiError::bad_request(reason));
    }
    let chat = with_right(
        state,
        id,
        "can't change private chat permissions",
        "not enough rights to change chat permissions",
        |rights| rights.can_restrict_members,
    )?;
    if chat.permissions == permissions {
        return Err(ApiError::bad_request("CHAT_NOT_MODIFIED"));
    }
    chat.permissions = permissions;
    state.signals.changes.notify_waiters();
    Ok(Answer::TRUE)
}

/// `permissions`: what is not named is not allowed, and unless told otherwise broad permissions
/// bring the narrow ones that they need.
pub(crate) fn read_permissions(params: &Params) -> Result<Permissions, ApiError> {
    let unreadable = || ApiError::bad_request("can't parse permissions JSON object");
    let value: Option<Value> = params.object("permissions").map_err(|_| unreadable())?;
    let value = value.ok_or_else(unreadable)?;
    let fields = Fields::of(&value)
        .ok_or_else(|| ApiError::bad_request("object expected as permissions"))?;
    let apart = params.flag("use_independent_chat_permissions");
    let read = permissions_of(fields, apart);
    read.map_err(|fault| ApiError::bad_request(format!("can't parse chat permissions: {fault}")))
}

fn permissions_of(fields: Fields<'_>, apart: bool) -> Result<Permissions, Fault> {
    let mut may = Permissions {
        can_send_messages: fields.flag("can_send_messages")?,
        can_send_polls: fields.flag("can_send_polls")?,
        can_send_other_messages: fields.flag("can_send_other_messages")?,
        can_add_web_page_previews: fields.flag("can_add_web_page_previews")?,
        can_change_info: fields.flag("can_change_info")?,
        can_invite_users: fields.flag("can_invite_users")?,
        can_pin_messages: fields.flag("can_pin_messages")?,
        can_send_audios: fields.flag("can_send_audios")?,
        can_send_documents: fields.flag("can_send_documents")?,
        can_send_photos: fields.flag("can_send_photos")?,
        can_send_videos: fields.flag("can_send_videos")?,
        can_send_video_notes: fields.flag("can_send_video_notes")?,
        can_send_voice_notes: fields.flag("can_send_voice_notes")?,
        can_manage_topics: fields.flag("can_manage_topics")?,
    };
    if !fields.has("can_manage_topics") {
        may.can_manage_topics = may.can_pin_messages;
    }
    let mut media = false;
    let named = [
        "can_send_audios",
        "can_send_documents",
        "can_send_photos",
        "can_send_videos",
        "can_send_video_notes",
        "can_send_voice_notes",
    ];
    if !named.iter().any(|name| fields.has(name)) {
        media = fields.flag("can_send_media_messages")?;
    }
    if !apart {
        media |= may.can_send_other_messages || may.can_add_web_page_previews;
        may.can_send_messages |= media || may.can_send_polls;
    }
    if media {
        may.can_send_audios = true;
        may.can_send_documents = true;
        may.can_send_photos = true;
        may.can_send_videos = true;
        may.can_send_video_notes = true;
        may.can_send_voice_notes = true;
    }
    Ok(may)
}

fn changeable<'a>(
    state: &'a mut State,
    id: i64,
    private: &str,
    refusal: &str,
) -> Result<&'a mut Chat, ApiError> {
    with_right(state, id, private, refusal, |rights| rights.can_change_info)
}

/// The chat, if the bot administers it with this right.
fn with_right<'a>(
    state: &'a mut State,
    id: i64,
    private: &str,
    refusal: &str,
    right: impl Fn(&AdminRights) -> bool,
) -> Result<&'a mut Chat, ApiError> {
    let me = state.bot.me.id;
    let chat = state.chats.get_mut(&id);
    let chat = chat.ok_or_else(|| ApiError::bad_request("chat not found"))?;
    if chat.is_private() {
        return Err(ApiError::bad_request(private));
    }
    if !chat.standing(me).may(right) {
        return Err(ApiError::bad_request(refusal));
    }
    Ok(chat)
}

fn announce(state: &mut State, chat: i64, service: Service) -> Outcome {
    let me = state.bot.me.clone();
    state.announce(chat, me, Draft::from(Content::Service(service)))?;
    Ok(Answer::TRUE)
}
