//! Members and their standing, <https://core.telegram.org/bots/api#getchatmember> and the methods
//! that change it. Making administrators is in `promote`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Answer, Outcome, chat_settings, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{ChatKind, ChatMember, Permissions, Standing, User};
use crate::world::State;

/// Nearer and farther ends of a ban or restriction mean: for ever.
const SHORTEST: i64 = 30;
const LONGEST: i64 = 366 * 86_400;

pub(crate) fn get(state: &mut State, params: &Params) -> Outcome {
    let user_id = input::user_id(params, "user_id")?;
    let chat_id = input::chat_id(state, params)?;
    let standing = state.visible_chat(chat_id)?.standing(user_id);
    let user = state.user(user_id);
    let user = user.ok_or_else(|| ApiError::bad_request("PARTICIPANT_ID_INVALID"))?;
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
    let me = state.bot.me.id;
    let admins: Vec<Value> = chat
        .members
        .iter()
        .filter(|(id, standing)| standing.is_admin() && (**id == me || !state.is_bot(**id)))
        .filter_map(|(id, standing)| {
            let user = state.user(*id)?;
            let standing = standing.clone();
            Some(json!(ChatMember { user, standing }))
        })
        .collect();
    Ok(Answer::Json(json!(admins)))
}

/// A basic group keeps no list of bans: whoever is banned there is only gone.
pub(crate) fn ban(state: &mut State, params: &Params) -> Outcome {
    let (chat, user) = restrictable(state, params, "can't ban members in private chats")?;
    let is_super = state.visible_chat(chat)?.head.kind.is_super();
    let standing = match is_super {
        true => Standing::Kicked {
            until_date: until_date(state, params),
        },
        false => Standing::Left,
    };
    change(state, chat, &user, standing)
}

/// Without `only_if_banned` this also removes a member from the chat, as at Telegram.
pub(crate) fn unban(state: &mut State, params: &Params) -> Outcome {
    input::user_id(params, "user_id")?;
    let chat = input::target(state, params)?;
    if !state.visible_chat(chat)?.head.kind.is_super() {
        let reason = "method is available for supergroup and channel chats only";
        return Err(ApiError::bad_request(reason));
    }
    let user = input::user(state, params)?;
    let standing = state.visible_chat(chat)?.standing(user.id);
    let banned = matches!(standing, Standing::Kicked { .. });
    // Whether the bot may, and whom, is looked at only if there is a ban to lift.
    if params.flag("only_if_banned") && !banned {
        return Ok(Answer::TRUE);
    }
    let (chat, user) = restrictable(state, params, "")?;
    let restricted_outside = matches!(
        standing,
        Standing::Restricted {
            is_member: false,
            ..
        }
    );
    if restricted_outside {
        return Ok(Answer::TRUE);
    }
    change(state, chat, &user, Standing::Left)
}

pub(crate) fn restrict(state: &mut State, params: &Params) -> Outcome {
    input::user_id(params, "user_id")?;
    let permissions = chat_settings::read_permissions(params)?;
    let chat = input::target(state, params)?;
    if state.visible_chat(chat)?.head.kind != ChatKind::Supergroup {
        let reason = "method is available only for supergroups";
        return Err(ApiError::bad_request(reason));
    }
    let (chat, user) = restrictable(state, params, "")?;
    let is_member = state.visible_chat(chat)?.has(user.id);
    let standing = if permissions == Permissions::all() {
        match is_member {
            true => Standing::Member,
            false => Standing::Left,
        }
    } else {
        Standing::Restricted {
            is_member,
            until_date: until_date(state, params),
            permissions,
        }
    };
    change(state, chat, &user, standing)
}

pub(crate) fn leave(state: &mut State, params: &Params) -> Outcome {
    let chat_id = input::chat_id(state, params)?;
    if state.visible_chat(chat_id)?.is_private() {
        return Err(ApiError::bad_request("can't leave private chats"));
    }
    let me = state.bot.me.clone();
    change(state, chat_id, &me, Standing::Left)
}

/// `until_date`, or 0 where it means for ever.
fn until_date(state: &State, params: &Params) -> i64 {
    let given = params.integer("until_date").unwrap_or(0);
    let ahead = given.saturating_sub(state.now());
    match (SHORTEST..=LONGEST).contains(&ahead) {
        true => given,
        false => 0,
    }
}

pub(crate) fn change(
    state: &mut State,
    chat: i64,
    user: &Arc<User>,
    standing: Standing,
) -> Outcome {
    let me = state.bot.me.clone();
    state.change_member(chat, user, &me, standing);
    Ok(Answer::TRUE)
}

/// The chat and the person, if the bot may ban or restrict that person there; else the refusal.
fn restrictable(
    state: &State,
    params: &Params,
    private: &str,
) -> Result<(i64, Arc<User>), ApiError> {
    input::user_id(params, "user_id")?;
    let chat_id = input::target(state, params)?;
    let chat = state.visible_chat(chat_id)?;
    if chat.is_private() {
        return Err(ApiError::bad_request(private));
    }
    let user = input::user(state, params)?;
    if user.id == state.bot.me.id {
        return Err(ApiError::bad_request("can't restrict self"));
    }
    let me = chat.standing(state.bot.me.id);
    if !me.may(|rights| rights.can_restrict_members) {
        let reason = match chat.head.kind {
            ChatKind::Group => "CHAT_ADMIN_REQUIRED",
            _ => "not enough rights to restrict/unrestrict chat member",
        };
        return Err(ApiError::bad_request(reason));
    }
    match chat.standing(user.id) {
        Standing::Creator { .. } => Err(ApiError::bad_request("can't remove chat owner")),
        Standing::Administrator { .. } => Err(ApiError::bad_request(
            "user is an administrator of the chat",
        )),
        _ => Ok((chat_id, user)),
    }
}
