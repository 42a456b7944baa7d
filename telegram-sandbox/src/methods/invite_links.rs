//! `exportChatInviteLink`, `createChatInviteLink`, `editChatInviteLink`, `revokeChatInviteLink`,
//! <https://core.telegram.org/bots/api#createchatinvitelink>.

use serde_json::json;

use super::{Answer, Outcome, chat_settings, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::world::State;
use crate::world::chat::Chat;
use crate::world::invites::InviteLink;

const LONGEST_NAME: usize = 32;
const MOST_MEMBERS: i64 = 100_000;

/// A new primary link of the bot's; the one before is revoked.
pub(crate) fn export(state: &mut State, params: &Params) -> Outcome {
    let id = manageable(state, params)?;
    let fresh = renew_primary(state, id);
    Ok(Answer::Json(json!(fresh)))
}

fn renew_primary(state: &mut State, id: i64) -> String {
    let me = state.bot.me.id;
    let fresh = state.new_invite_link(true);
    let link = fresh.link.clone();
    if let Some(chat) = state.chats.get_mut(&id) {
        let old = chat.invites.links.values_mut();
        for old in old.filter(|old| old.is_primary && old.creator == me) {
            old.is_revoked = true;
        }
        chat.invites.links.insert(link.clone(), fresh);
    }
    link
}

pub(crate) fn create(state: &mut State, params: &Params) -> Outcome {
    let id = manageable(state, params)?;
    let mut link = state.new_invite_link(false);
    set(&mut link, params)?;
    let shown = state.show_link(&link);
    if let Some(chat) = state.chats.get_mut(&id) {
        chat.invites.links.insert(link.link.clone(), link);
    }
    Ok(Answer::Json(shown))
}

/// Sets every field; what is left out goes back to its default.
pub(crate) fn edit(state: &mut State, params: &Params) -> Outcome {
    let id = manageable(state, params)?;
    let mut link = own_link(state, id, params)?;
    if link.is_primary {
        return Err(ApiError::bad_request("CHAT_INVITE_PERMANENT"));
    }
    if link.is_revoked {
        return Err(ApiError::bad_request("INVITE_HASH_EXPIRED"));
    }
    set(&mut link, params)?;
    keep(state, id, link)
}

pub(crate) fn revoke(state: &mut State, params: &Params) -> Outcome {
    let id = manageable(state, params)?;
    let mut link = own_link(state, id, params)?;
    link.is_revoked = true;
    let was_primary = link.is_primary;
    let answer = keep(state, id, link);
    if was_primary {
        renew_primary(state, id);
    }
    answer
}

fn keep(state: &mut State, id: i64, link: InviteLink) -> Outcome {
    let shown = state.show_link(&link);
    if let Some(chat) = state.chats.get_mut(&id) {
        chat.invites.links.insert(link.link.clone(), link);
    }
    Ok(Answer::Json(shown))
}

fn set(link: &mut InviteLink, params: &Params) -> Result<(), ApiError> {
    let name = chat_settings::clean_name(&params.text("name").unwrap_or_default());
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let limit = input::integer(params, "member_limit", 0, 0, MOST_MEMBERS);
    let expires = input::integer(params, "expire_date", 0, 0, i64::from(i32::MAX));
    let on_request = params.flag("creates_join_request");
    if on_request && limit > 0 {
        let reason = "member limit can't be specified for links requiring administrator approval";
        return Err(ApiError::bad_request(reason));
    }
    link.name = Some(name).filter(|name| !name.is_empty());
    link.member_limit = usize::try_from(limit).ok().filter(|limit| *limit > 0);
    link.expire_date = Some(expires).filter(|date| *date > 0);
    link.creates_join_request = on_request;
    Ok(())
}

fn own_link(state: &State, id: i64, params: &Params) -> Result<InviteLink, ApiError> {
    let named = params.text("invite_link").unwrap_or_default();
    if named.is_empty() {
        return Err(ApiError::bad_request("invite link must be non-empty"));
    }
    let chat: &Chat = state.visible_chat(id)?;
    let link = chat.invites.links.get(named.as_ref());
    let link = link.ok_or_else(|| ApiError::bad_request("INVITE_HASH_INVALID"))?;
    if link.creator != state.bot.me.id {
        return Err(ApiError::bad_request("CHAT_ADMIN_REQUIRED"));
    }
    Ok(link.clone())
}

/// The chat, if the bot may invite to it.
fn manageable(state: &State, params: &Params) -> Result<i64, ApiError> {
    let id = input::target(state, params)?;
    let chat = state.visible_chat(id)?;
    let me = chat.standing(state.bot.me.id);
    if chat.is_private() {
        return Err(ApiError::bad_request(
            "can't invite members to a private chat",
        ));
    }
    if !me.may(|rights| rights.can_invite_users) {
        let reason = "not enough rights to manage chat invite link";
        return Err(ApiError::bad_request(reason));
    }
    Ok(id)
}
