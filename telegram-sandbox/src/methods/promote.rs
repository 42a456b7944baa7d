//! `promoteChatMember`, `setChatAdministratorCustomTitle`,
//! <https://core.telegram.org/bots/api#promotechatmember>.

use std::sync::Arc;

use serde_json::Value;

use super::members::change;
use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{AdminRights, ChatKind, Standing, User};
use crate::world::State;

/// Characters of a title.
const LONGEST_TITLE: usize = 16;

/// Rights come as parameters of their own; none of them demotes.
pub(crate) fn promote(state: &mut State, params: &Params) -> Outcome {
    input::user_id(params, "user_id")?;
    let chat_id = input::target(state, params)?;
    let chat = state.visible_chat(chat_id)?;
    if !chat.head.kind.is_super() {
        let reason = "method is available for supergroup and channel chats only";
        return Err(ApiError::bad_request(reason));
    }
    let user = input::user(state, params)?;
    let mut rights = read(params)?;
    match chat.head.kind {
        ChatKind::Channel => {
            rights.is_anonymous = false;
            rights.can_pin_messages = false;
            rights.can_manage_topics = false;
        }
        _ => {
            rights.can_post_messages = false;
            rights.can_edit_messages = false;
        }
    }
    if user.id == state.bot.me.id {
        return Err(ApiError::bad_request("can't promote self"));
    }
    let mine = chat.standing(state.bot.me.id);
    if !mine.may(|rights| rights.can_promote_members) {
        return Err(ApiError::bad_request("not enough rights"));
    }
    let before = chat.standing(user.id);
    let custom_title = match &before {
        Standing::Creator { .. } => {
            return Err(ApiError::bad_request("can't remove chat owner"));
        }
        Standing::Administrator {
            can_be_edited: false,
            ..
        } => return Err(ApiError::bad_request("CHAT_ADMIN_REQUIRED")),
        Standing::Administrator { custom_title, .. } => custom_title.clone(),
        _ => None,
    };
    if let Standing::Administrator { rights: own, .. } = &mine
        && !covers(own, &rights)
    {
        return Err(ApiError::bad_request("RIGHT_FORBIDDEN"));
    }
    if !rights.any() {
        return match before.is_admin() {
            true => change(state, chat_id, &user, Standing::Member),
            false => Ok(Answer::TRUE),
        };
    }
    if !before.is_present() {
        return Err(ApiError::bad_request("USER_NOT_MUTUAL_CONTACT"));
    }
    rights.can_manage_chat = true;
    let standing = Standing::Administrator {
        can_be_edited: true,
        custom_title,
        rights,
    };
    change(state, chat_id, &user, standing)
}

fn read(params: &Params) -> Result<AdminRights, ApiError> {
    let mut flags: serde_json::Map<String, Value> = params
        .fields
        .keys()
        .filter(|name| name.starts_with("can_") || *name == "is_anonymous")
        .map(|name| (name.clone(), Value::Bool(params.flag(name))))
        .collect();
    // The older name.
    if params.flag("can_manage_voice_chats") {
        flags.insert("can_manage_video_chats".to_owned(), Value::Bool(true));
    }
    serde_json::from_value(Value::Object(flags))
        .map_err(|_| ApiError::bad_request("can't parse administrator rights"))
}

/// Whether every right wanted is one that the bot has itself.
fn covers(own: &AdminRights, wanted: &AdminRights) -> bool {
    let flags = |rights: &AdminRights| serde_json::to_value(rights).unwrap_or_default();
    let (own, wanted) = (flags(own), flags(wanted));
    let mut wanted = wanted.as_object().into_iter().flatten();
    wanted.all(|(name, flag)| {
        *flag != Value::Bool(true) || name == "is_anonymous" || own[name] == Value::Bool(true)
    })
}

pub(crate) fn custom_title(state: &mut State, params: &Params) -> Outcome {
    input::user_id(params, "user_id")?;
    let chat_id = input::target(state, params)?;
    let chat = state.visible_chat(chat_id)?;
    if chat.head.kind != ChatKind::Supergroup {
        let reason = "method is available only for supergroups";
        return Err(ApiError::bad_request(reason));
    }
    let user: Arc<User> = input::user(state, params)?;
    let rights = match chat.standing(user.id) {
        Standing::Creator { .. } => {
            let reason = "only creator can edit their custom title";
            return Err(ApiError::bad_request(reason));
        }
        Standing::Administrator {
            can_be_edited: true,
            rights,
            ..
        } => rights,
        Standing::Administrator { .. } => {
            let reason = "not enough rights to change custom title of the user";
            return Err(ApiError::bad_request(reason));
        }
        _ => return Err(ApiError::bad_request("user is not an administrator")),
    };
    let title = params.owned("custom_title").unwrap_or_default();
    if title.chars().count() > LONGEST_TITLE {
        return Err(ApiError::bad_request("ADMIN_RANK_INVALID"));
    }
    if title.chars().any(is_emoji) {
        return Err(ApiError::bad_request("ADMIN_RANK_EMOJI_NOT_ALLOWED"));
    }
    let standing = Standing::Administrator {
        can_be_edited: true,
        custom_title: Some(title).filter(|title| !title.is_empty()),
        rights,
    };
    change(state, chat_id, &user, standing)
}

/// Roughly: pictographs and symbols.
fn is_emoji(c: char) -> bool {
    matches!(u32::from(c), 0x2600..=0x27bf | 0x2b00..=0x2bff | 0x1f000..=0x1faff | 0xfe0f)
}
