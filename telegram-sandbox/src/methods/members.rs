//! Members and their standing, <https://core.telegram.org/bots/api#getchatmember> and the methods
//! that change it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{AdminRights, ChatMember, Permissions, Standing, User};
use crate::world::State;

pub(crate) fn get(state: &mut State, params: &Params) -> Outcome {
    let chat_id = input::chat_id(state, params)?;
    let user = user(state, params)?;
    let standing = state.visible_chat(chat_id)?.standing(user.id);
    Ok(Answer::Json(json!(ChatMember { user, standing })))
}

pub(crate) fn count(state: &mut State, params: &Params) -> Outcome {
    let chat_id = input::chat_id(state, params)?;
    let chat = state.visible_chat(chat_id)?;
    let present = chat.members.values().filter(|m| m.is_present()).count();
    // In a private chat the bot is the other one.
    let count = if chat.is_private() { 2 } else { present };
    Ok(Answer::Json(json!(count)))
}

/// Administrators but for other bots; the bot itself is listed.
pub(crate) fn administrators(state: &mut State, params: &Params) -> Outcome {
    let chat_id = input::chat_id(state, params)?;
    let chat = state.visible_chat(chat_id)?;
    if chat.is_private() {
        let reason = "there are no administrators in the private chat";
        return Err(ApiError::bad_request(reason));
    }
    let admins: Vec<Value> = chat
        .members
        .iter()
        .filter(|(_, standing)| standing.is_admin())
        .filter_map(|(id, standing)| {
            let user = state.user(*id)?;
            let standing = standing.clone();
            Some(json!(ChatMember { user, standing }))
        })
        .collect();
    Ok(Answer::Json(json!(admins)))
}

pub(crate) fn ban(state: &mut State, params: &Params) -> Outcome {
    let (chat, user) = restrictable(state, params)?;
    let until_date = params.integer("until_date").unwrap_or(0);
    change(state, chat, &user, Standing::Kicked { until_date })
}

/// Without `only_if_banned` this also removes a member from the chat, as at Telegram.
pub(crate) fn unban(state: &mut State, params: &Params) -> Outcome {
    let (chat, user) = restrictable(state, params)?;
    let banned = matches!(
        state.visible_chat(chat)?.standing(user.id),
        Standing::Kicked { .. }
    );
    if params.flag("only_if_banned") && !banned {
        return Ok(Answer::TRUE);
    }
    change(state, chat, &user, Standing::Left)
}

pub(crate) fn restrict(state: &mut State, params: &Params) -> Outcome {
    let (chat, user) = restrictable(state, params)?;
    let permissions: Permissions = params
        .object("permissions")
        .map_err(|_| ApiError::bad_request("can't parse permissions JSON object"))?
        .ok_or_else(|| ApiError::bad_request("permissions must be specified"))?;
    let standing = if permissions == Permissions::all() {
        Standing::Member
    } else {
        Standing::Restricted {
            is_member: state.visible_chat(chat)?.has(user.id),
            until_date: params.integer("until_date").unwrap_or(0),
            permissions,
        }
    };
    change(state, chat, &user, standing)
}

/// Rights come as parameters of their own; none of them demotes.
pub(crate) fn promote(state: &mut State, params: &Params) -> Outcome {
    let (chat, user) = manageable(
        state,
        params,
        |rights| rights.can_promote_members,
        "not enough rights",
    )?;
    let flags: serde_json::Map<String, Value> = params
        .fields
        .keys()
        .filter(|name| name.starts_with("can_") || *name == "is_anonymous")
        .map(|name| (name.clone(), Value::Bool(params.flag(name))))
        .collect();
    let rights: AdminRights = serde_json::from_value(Value::Object(flags))
        .map_err(|_| ApiError::bad_request("can't parse administrator rights"))?;
    let standing = if rights.any() {
        Standing::Administrator {
            can_be_edited: true,
            rights,
        }
    } else {
        Standing::Member
    };
    change(state, chat, &user, standing)
}

pub(crate) fn leave(state: &mut State, params: &Params) -> Outcome {
    let chat_id = input::chat_id(state, params)?;
    if state.visible_chat(chat_id)?.is_private() {
        let reason = "chat member status can't be changed in private chats";
        return Err(ApiError::bad_request(reason));
    }
    let me = state.bot.me.clone();
    change(state, chat_id, &me, Standing::Left)
}

fn change(state: &mut State, chat: i64, user: &Arc<User>, standing: Standing) -> Outcome {
    let me = state.bot.me.clone();
    state.change_member(chat, user, &me, standing);
    Ok(Answer::TRUE)
}

fn user(state: &State, params: &Params) -> Result<Arc<User>, ApiError> {
    let id = params
        .integer("user_id")
        .ok_or_else(|| ApiError::bad_request("invalid user_id specified"))?;
    state
        .user(id)
        .ok_or_else(|| ApiError::bad_request("PARTICIPANT_ID_INVALID"))
}

fn restrictable(state: &State, params: &Params) -> Result<(i64, Arc<User>), ApiError> {
    manageable(
        state,
        params,
        |rights| rights.can_restrict_members,
        "not enough rights to restrict/unrestrict chat member",
    )
}

/// The chat and the person, if the bot may manage that person there; else the refusal.
fn manageable(
    state: &State,
    params: &Params,
    may: impl Fn(&AdminRights) -> bool,
    refusal: &str,
) -> Result<(i64, Arc<User>), ApiError> {
    let chat_id = input::chat_id(state, params)?;
    let user = user(state, params)?;
    let chat = state.visible_chat(chat_id)?;
    if chat.is_private() {
        let reason = "chat member status can't be changed in private chats";
        return Err(ApiError::bad_request(reason));
    }
    if user.id == state.bot.me.id {
        return Err(ApiError::bad_request("can't restrict self"));
    }
    match chat.standing(state.bot.me.id) {
        Standing::Creator { .. } => {}
        Standing::Administrator { rights, .. } if may(&rights) => {}
        _ => return Err(ApiError::bad_request(refusal)),
    }
    if matches!(chat.standing(user.id), Standing::Creator { .. }) {
        return Err(ApiError::bad_request("can't remove chat owner"));
    }
    Ok((chat_id, user))
}
