//! `POST chats`, `GET chats`: groups and private chats.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::types::{ChatHead, ChatKind, ChatMember, Message, Permissions, PhotoSize};

/// Characters of a title.
const LONGEST_TITLE: usize = 128;

/// `{id?, type, title?, username?, members, is_forum?, quiet?}` adds a group of these people (the
/// first owns it) and the bot, who is an administrator and hears `my_chat_member`, if it is not
/// `quiet`. Answers the `Chat`.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(
        &params,
        &[
            "id", "type", "title", "username", "members", "is_forum", "quiet",
        ],
    )?;
    let kind = fields::text(&params, "type")?;
    let kind = ChatKind::deserialize(&Value::String(kind))
        .ok()
        .filter(|kind| *kind != ChatKind::Private)
        .ok_or_else(|| {
            let reason = "`type` must be group, supergroup or channel; POST users opens private \
                          chats";
            ControlError::bad(reason)
        })?;
    let members: Vec<i64> = params
        .object("members")
        .map_err(|_| ControlError::bad("`members` must be an array of user ids"))?
        .unwrap_or_default();
    let given = fields::optional_id(&params, "id")?;
    let mut state = context.world.lock();
    if let Some(stranger) = members.iter().find(|id| !state.people.contains_key(id)) {
        return Err(ControlError::bad(format!(
            "`members`: there is no person {stranger}"
        )));
    }
    let id = given.unwrap_or_else(|| state.free_group_id(kind));
    if !(-fields::LARGEST_ID..0).contains(&id) || state.chats.contains_key(&id) {
        return Err(ControlError::bad(
            "`id` must be negative, of 52 bits, and new",
        ));
    }
    let title = params
        .owned("title")
        .unwrap_or_else(|| format!("Group {id}"));
    if !(1..=LONGEST_TITLE).contains(&title.trim().chars().count()) {
        let reason = format!("`title` must have 1 to {LONGEST_TITLE} characters");
        return Err(ControlError::bad(reason));
    }
    let is_forum = params.flag("is_forum");
    if is_forum && kind != ChatKind::Supergroup {
        return Err(ControlError::bad(
            "`is_forum`: only supergroups have topics",
        ));
    }
    let mut head = ChatHead::group(id, kind, title);
    head.username = fields::username(&state, &params, id)?;
    head.is_forum = is_forum;
    state.add_group(head.clone(), &members);
    if !params.flag("quiet") {
        let by = members.first().and_then(|id| state.user(*id));
        state.tell_of_new_group(id, by);
    }
    shown(&head)
}

/// `?bot=`: every chat, with the bot's private ones: `{"chats":[{…Chat, "members":[ChatMember],
/// "pinned":[ids], "last_message"}]}`, the latest message first.
pub(crate) async fn get(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["bot"])?;
    #[derive(Serialize)]
    struct Shown {
        #[serde(flatten)]
        head: Arc<ChatHead>,
        members: Vec<ChatMember>,
        pinned: Vec<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        photo: Option<PhotoSize>,
        permissions: Permissions,
        /// What stands beside the text box, where the bot set it.
        #[serde(skip_serializing_if = "Option::is_none")]
        menu_button: Option<Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        migrated_to: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        last_message: Option<Arc<Message>>,
    }
    #[derive(Serialize)]
    struct Chats {
        chats: Vec<Shown>,
    }
    let state = fields::world(&context, &params)?;
    let mut chats: Vec<_> = state
        .chats
        .values()
        .map(|chat| Shown {
            head: chat.head.clone(),
            members: chat
                .members
                .iter()
                .filter_map(|(id, standing)| {
                    let user = state.user(*id)?;
                    let standing = standing.clone();
                    Some(ChatMember { user, standing })
                })
                .collect(),
            pinned: chat.pinned.clone(),
            description: chat.description.clone(),
            photo: match chat.is_private() {
                true => state
                    .people
                    .get(&chat.head.id)
                    .and_then(|person| person.photos.first().cloned()),
                false => chat.photo.clone(),
            },
            permissions: chat.permissions.clone(),
            menu_button: match chat.is_private() {
                true => chat.menu_button.clone().or(state.bot.menu_button.clone()),
                false => None,
            },
            migrated_to: chat.migrated_to,
            last_message: chat.history.latest().cloned(),
        })
        .collect();
    drop(state);
    chats.sort_by_key(|chat| {
        let date = chat.last_message.as_ref().map_or(0, |message| message.date);
        (std::cmp::Reverse(date), chat.head.id)
    });
    shown(&Chats { chats })
}
