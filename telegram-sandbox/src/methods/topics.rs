//! Forum topics, <https://core.telegram.org/bots/api#createforumtopic> and the sections after it.

use serde_json::json;

use super::chat_settings::clean_name;
use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{AdminRights, Content, Service, Standing};
use crate::world::State;
use crate::world::chat::Chat;
use crate::world::messages::Draft;
use crate::world::topics::{COLOURS, Topic};

pub(crate) fn create(state: &mut State, params: &Params) -> Outcome {
    let id = forum(state, params)?;
    let me = state.bot.me.id;
    let chat = state.visible_chat(id)?;
    let standing = chat.standing(me);
    let ordinary = !standing.is_admin() && may_as_member(&standing, chat);
    if !standing.may(|rights| rights.can_manage_topics) && !ordinary {
        return Err(ApiError::bad_request("not enough rights to create a topic"));
    }
    let name = clean_name(&params.text("name").unwrap_or_default());
    if name.is_empty() {
        return Err(ApiError::bad_request("title must be non-empty"));
    }
    let colour = params.integer("icon_color").unwrap_or(0);
    if !(0..=0xff_ffff).contains(&colour) {
        return Err(ApiError::bad_request("invalid icon color specified"));
    }
    if colour != 0 && !COLOURS.contains(&colour) {
        return Err(ApiError::bad_request("TOPIC_ICON_COLOR_INVALID"));
    }
    let icon_color = if colour == 0 { COLOURS[0] } else { colour };
    let icon_custom_emoji_id = icon(params);
    let mut shown = json!({"name": name, "icon_color": icon_color});
    if let Some(icon) = &icon_custom_emoji_id {
        shown["icon_custom_emoji_id"] = json!(icon);
    }
    let from = state.bot.me.clone();
    let service = Content::Service(Service::ForumTopicCreated(shown));
    let message = state.open_topic(
        id,
        from,
        Draft::from(service),
        Topic {
            message_thread_id: 0,
            name,
            icon_color,
            icon_custom_emoji_id,
            creator: me,
            is_closed: false,
        },
    )?;
    Ok(Answer::Json(json!(message)))
}

fn may_as_member(standing: &Standing, chat: &Chat) -> bool {
    let restricted = match standing {
        Standing::Restricted { permissions, .. } => permissions.can_manage_topics,
        _ => true,
    };
    restricted && chat.permissions.can_manage_topics
}

fn icon(params: &Params) -> Option<String> {
    params
        .owned("icon_custom_emoji_id")
        .filter(|icon| !icon.is_empty() && icon != "0")
}

/// An empty name keeps the old one.
pub(crate) fn edit(state: &mut State, params: &Params) -> Outcome {
    let (id, thread) = topic(state, params, "not enough rights to edit the topic")?;
    let given = params.text("name").unwrap_or_default();
    let name = clean_name(&given);
    if !given.is_empty() && name.is_empty() {
        return Err(ApiError::bad_request("title must be non-empty"));
    }
    if name.is_empty() && !params.has("icon_custom_emoji_id") {
        return Ok(Answer::TRUE);
    }
    let new_icon = icon(params);
    let topic = found(state, id, thread)?;
    let mut shown = json!({});
    if !name.is_empty() && topic.name != name {
        shown["name"] = json!(name);
        topic.name = name;
    }
    if params.has("icon_custom_emoji_id") && topic.icon_custom_emoji_id != new_icon {
        shown["icon_custom_emoji_id"] = json!(new_icon.clone().unwrap_or_default());
        topic.icon_custom_emoji_id = new_icon;
    }
    if shown == json!({}) {
        return Err(ApiError::bad_request("TOPIC_NOT_MODIFIED"));
    }
    announce(state, id, Some(thread), Service::ForumTopicEdited(shown))
}

pub(crate) fn close(state: &mut State, params: &Params) -> Outcome {
    let (id, thread) = topic(
        state,
        params,
        "not enough rights to close or open the topic",
    )?;
    let topic = found(state, id, thread)?;
    if std::mem::replace(&mut topic.is_closed, true) {
        return Err(ApiError::bad_request("TOPIC_NOT_MODIFIED"));
    }
    announce(
        state,
        id,
        Some(thread),
        Service::ForumTopicClosed(json!({})),
    )
}

pub(crate) fn reopen(state: &mut State, params: &Params) -> Outcome {
    let (id, thread) = topic(
        state,
        params,
        "not enough rights to close or open the topic",
    )?;
    let topic = found(state, id, thread)?;
    if !std::mem::replace(&mut topic.is_closed, false) {
        return Err(ApiError::bad_request("TOPIC_NOT_MODIFIED"));
    }
    announce(
        state,
        id,
        Some(thread),
        Service::ForumTopicReopened(json!({})),
    )
}

/// With all its messages; nobody is told.
pub(crate) fn delete(state: &mut State, params: &Params) -> Outcome {
    let id = forum(state, params)?;
    let thread = thread(params)?;
    let refusal = "not enough rights to delete the topic";
    with_right(state, id, refusal, |rights| rights.can_delete_messages)?;
    found(state, id, thread)?;
    let Some(chat) = state.chats.get_mut(&id) else {
        return Ok(Answer::TRUE);
    };
    chat.topics.by_id.remove(&thread);
    let all = chat.history.after(0).messages;
    let inside = all.iter().filter(|message| {
        message.message_thread_id == Some(thread) || message.message_id == thread
    });
    let ids: Vec<i64> = inside.map(|message| message.message_id).collect();
    for message in ids {
        state.delete(id, message);
    }
    Ok(Answer::TRUE)
}

pub(crate) fn unpin_all(state: &mut State, params: &Params) -> Outcome {
    let id = forum(state, params)?;
    let thread = thread(params)?;
    unpin(state, id, Some(thread))
}

pub(crate) fn unpin_all_general(state: &mut State, params: &Params) -> Outcome {
    let id = forum(state, params)?;
    unpin(state, id, None)
}

fn unpin(state: &mut State, id: i64, thread: Option<i64>) -> Outcome {
    let refusal = "not enough rights to manage pinned messages in the chat";
    with_right(state, id, refusal, |rights| rights.can_pin_messages)?;
    if let Some(chat) = state.chats.get_mut(&id) {
        let history = &chat.history;
        let of = |message: &i64| {
            history
                .get(*message)
                .map(|message| message.message_thread_id)
        };
        chat.pinned.retain(|message| of(message) != Some(thread));
    }
    state.signals.changes.notify_waiters();
    Ok(Answer::TRUE)
}

pub(crate) fn edit_general(state: &mut State, params: &Params) -> Outcome {
    let id = general(state, params, "not enough rights to edit the topic")?;
    let name = clean_name(&params.text("name").unwrap_or_default());
    if name.is_empty() {
        return Ok(Answer::TRUE);
    }
    let chat = state.chats.get_mut(&id);
    let changed = chat.is_some_and(|chat| {
        let before = std::mem::replace(&mut chat.topics.general.name, name.clone());
        before != name
    });
    if !changed {
        return Err(ApiError::bad_request("TOPIC_NOT_MODIFIED"));
    }
    announce(
        state,
        id,
        None,
        Service::ForumTopicEdited(json!({"name": name})),
    )
}

pub(crate) fn close_general(state: &mut State, params: &Params) -> Outcome {
    let service = Service::ForumTopicClosed(json!({}));
    set_general(state, params, service, |is_closed, _| {
        !std::mem::replace(is_closed, true)
    })
}

/// A hidden one is shown again.
pub(crate) fn reopen_general(state: &mut State, params: &Params) -> Outcome {
    let service = Service::ForumTopicReopened(json!({}));
    set_general(state, params, service, |is_closed, is_hidden| {
        *is_hidden = false;
        std::mem::replace(is_closed, false)
    })
}

/// It is closed then, too.
pub(crate) fn hide_general(state: &mut State, params: &Params) -> Outcome {
    let service = Service::GeneralForumTopicHidden(json!({}));
    set_general(state, params, service, |is_closed, is_hidden| {
        *is_closed = true;
        !std::mem::replace(is_hidden, true)
    })
}

pub(crate) fn unhide_general(state: &mut State, params: &Params) -> Outcome {
    let service = Service::GeneralForumTopicUnhidden(json!({}));
    set_general(state, params, service, |_, is_hidden| {
        std::mem::replace(is_hidden, false)
    })
}

/// `change` says whether anything changed: (is closed, is hidden).
fn set_general(
    state: &mut State,
    params: &Params,
    service: Service,
    change: impl Fn(&mut bool, &mut bool) -> bool,
) -> Outcome {
    let id = general(
        state,
        params,
        "not enough rights to close or open the topic",
    )?;
    let changed = state.chats.get_mut(&id).is_some_and(|chat| {
        let general = &mut chat.topics.general;
        change(&mut general.is_closed, &mut general.is_hidden)
    });
    if !changed {
        return Err(ApiError::bad_request("TOPIC_NOT_MODIFIED"));
    }
    announce(state, id, None, service)
}

fn announce(state: &mut State, id: i64, thread: Option<i64>, service: Service) -> Outcome {
    let me = state.bot.me.clone();
    let mut draft = Draft::from(Content::Service(service));
    draft.thread = thread;
    state.announce(id, me, draft)?;
    Ok(Answer::TRUE)
}

/// A forum that the bot may write to.
fn forum(state: &State, params: &Params) -> Result<i64, ApiError> {
    let id = input::target(state, params)?;
    match state.visible_chat(id)?.head.is_forum {
        true => Ok(id),
        false => Err(ApiError::bad_request("the chat is not a forum")),
    }
}

fn thread(params: &Params) -> Result<i64, ApiError> {
    let given = params.integer("message_thread_id").filter(|id| *id > 0);
    given.ok_or_else(|| ApiError::bad_request("invalid forum topic identifier specified"))
}

fn found(state: &mut State, id: i64, thread: i64) -> Result<&mut Topic, ApiError> {
    let chat = state.chats.get_mut(&id);
    let topic = chat.and_then(|chat| chat.topics.by_id.get_mut(&thread));
    topic.ok_or_else(|| ApiError::bad_request("TOPIC_ID_INVALID"))
}

/// The forum and the topic, if the bot may manage topics or made this one.
fn topic(state: &mut State, params: &Params, refusal: &str) -> Result<(i64, i64), ApiError> {
    let id = forum(state, params)?;
    let thread = thread(params)?;
    let me = state.bot.me.id;
    let own = found(state, id, thread)?.creator == me;
    if !own {
        with_right(state, id, refusal, |rights| rights.can_manage_topics)?;
    }
    Ok((id, thread))
}

fn general(state: &State, params: &Params, refusal: &str) -> Result<i64, ApiError> {
    let id = forum(state, params)?;
    with_right(state, id, refusal, |rights| rights.can_manage_topics)?;
    Ok(id)
}

fn with_right(
    state: &State,
    id: i64,
    refusal: &str,
    right: impl Fn(&AdminRights) -> bool,
) -> Result<(), ApiError> {
    match state.visible_chat(id)?.standing(state.bot.me.id).may(right) {
        true => Ok(()),
        false => Err(ApiError::bad_request(refusal)),
    }
}
