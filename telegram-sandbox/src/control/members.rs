//! `POST members`: comings and goings in groups.

use serde_json::json;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::types::{AdminRights, ChatKind, Permissions, Standing};
use crate::world::State;

/// `{chat, user, action, by?, rights?, permissions?, until_date?, title?}` with action join, leave,
/// kick, unban, promote, demote, restrict or own; `user` may be a bot's id. `by` did it: for join
/// and leave the user, else the chat's owner. `rights` are those of an administrator (the usual
/// ones if not given; `{"is_anonymous": true, …}` hides them), `permissions` what a restricted
/// member may.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(
        &params,
        &[
            "chat",
            "user",
            "action",
            "by",
            "rights",
            "permissions",
            "until_date",
            "title",
        ],
    )?;
    let mut state = context.world.lock();
    let chat_id = fields::chat(&state, &params)?;
    let user_id = fields::id(&params, "user")?;
    let user = state
        .user(user_id)
        .ok_or_else(|| ControlError::bad(format!("`user`: there is no person {user_id}")))?;
    let action = fields::text(&params, "action")?;
    let standing = standing(&state, &params, &action, chat_id, user_id)?;
    let by_themselves = matches!(action.as_str(), "join" | "leave") && !state.is_bot(user_id);
    let by = match fields::optional_id(&params, "by")? {
        Some(id) => state.user(id),
        None if by_themselves => Some(user.clone()),
        None => state.owner(chat_id),
    };
    let by = by.unwrap_or_else(|| user.clone());
    if state
        .chats
        .get(&chat_id)
        .is_some_and(|chat| chat.is_private())
    {
        return Err(ControlError::bad("`chat` is private; see POST blocks"));
    }
    state.change_member(chat_id, &user, &by, standing.clone());
    let mut answer = json!(standing);
    answer["user"] = json!(user);
    shown(&answer)
}

fn standing(
    state: &State,
    params: &Params,
    action: &str,
    chat: i64,
    user: i64,
) -> Result<Standing, ControlError> {
    let until_date = fields::optional_id(params, "until_date")?.unwrap_or(0);
    let rights = params.object::<AdminRights>("rights");
    let rights = rights.map_err(|fault| ControlError::bad(format!("`rights`: {fault}")))?;
    let permissions = params.object::<Permissions>("permissions");
    let permissions =
        permissions.map_err(|fault| ControlError::bad(format!("`permissions`: {fault}")))?;
    let chat = state.chats.get(&chat);
    let in_channel = chat.is_some_and(|chat| chat.head.kind == ChatKind::Channel);
    let usual = match in_channel {
        true => AdminRights::usual().in_channel(),
        false => AdminRights::usual(),
    };
    let before = chat.map(|chat| chat.standing(user));
    Ok(match action {
        // Whoever was restricted comes back restricted.
        "join" => match before {
            Some(Standing::Restricted {
                until_date,
                permissions,
                ..
            }) => Standing::Restricted {
                is_member: true,
                until_date,
                permissions,
            },
            _ => Standing::Member,
        },
        "demote" => Standing::Member,
        "leave" | "unban" => match before {
            Some(Standing::Restricted {
                until_date,
                permissions,
                ..
            }) => Standing::Restricted {
                is_member: false,
                until_date,
                permissions,
            },
            _ => Standing::Left,
        },
        "kick" => Standing::Kicked { until_date },
        "restrict" => Standing::Restricted {
            is_member: before.is_some_and(|before| before.is_present()),
            until_date,
            permissions: permissions.unwrap_or_default(),
        },
        "promote" => Standing::Administrator {
            can_be_edited: false,
            custom_title: params.owned("title"),
            rights: rights.unwrap_or(usual),
        },
        "own" => Standing::Creator {
            is_anonymous: rights.is_some_and(|rights| rights.is_anonymous),
            custom_title: params.owned("title"),
        },
        _ => {
            let reason = "`action` must be join, leave, kick, unban, promote, demote, restrict or \
                          own";
            return Err(ControlError::bad(reason));
        }
    })
}

/// `POST migrations {chat}`: the group becomes a supergroup. Answers `{"migrate_to_chat_id"}`.
pub(crate) async fn migrate(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["chat"])?;
    let mut state = context.world.lock();
    let chat = fields::chat(&state, &params)?;
    let is_group = state
        .chats
        .get(&chat)
        .is_some_and(|chat| chat.head.kind == ChatKind::Group);
    if !is_group {
        return Err(ControlError::bad("`chat` is no basic group"));
    }
    let new = state.migrate(chat);
    shown(&json!({"migrate_to_chat_id": new}))
}
