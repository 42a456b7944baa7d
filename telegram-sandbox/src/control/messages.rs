//! `POST messages`, `GET chats/{id}/messages`: writing, and what a chat shows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::server::body::Many;
use crate::text::{MOST_CAPTION, MOST_TEXT, tidy::tidy, units};
use crate::types::{Content, Media, Message, Standing, Text, User};
use crate::world::attachments::{Kind, upload_as};
use crate::world::messages::Draft;
use crate::world::{State, signals};

const FIELDS: [&str; 9] = [
    "from", "chat", "text", "caption", "reply_to", "thread", "album", "duration", "emoji",
];

/// `{from, chat, text?, caption?, reply_to?, thread?, album?}` and, as multipart, one file in
/// `document`, `photo`, `video`, `audio`, `voice` or `sticker`. Answers the `Message`; an array
/// is written in order and answers `{"messages":[…]}`.
pub(crate) async fn post(context: Context, params: Many) -> Outcome {
    match params {
        Many::One(params) => {
            let message = write(&mut context.world.lock(), &params)?;
            shown(&message)
        }
        Many::List(list) => {
            let mut messages = Vec::with_capacity(list.len());
            for (place, params) in list.iter().enumerate() {
                // Locked one by one: the bot is served meanwhile.
                let written = write(&mut context.world.lock(), params);
                messages.push(written.map_err(|error| {
                    ControlError::bad(format!("message {place}: {}", error.description))
                })?);
            }
            #[derive(Serialize)]
            struct Written {
                messages: Vec<Arc<Message>>,
            }
            shown(&Written { messages })
        }
    }
}

fn write(state: &mut State, params: &Params) -> Result<Arc<Message>, ControlError> {
    fields::only(params, &FIELDS)?;
    let from = fields::person(state, params, "from")?;
    let chat = fields::chat(state, params)?;
    may_write(state, &from, chat)?;
    let content = match params.files.first() {
        Some(_) => media(state, params)?,
        None => text(params)?,
    };
    let mut draft = Draft::from(content);
    draft.thread = fields::optional_id(params, "thread")?;
    draft.album = params.owned("album");
    if let Some(id) = fields::optional_id(params, "reply_to")? {
        let replied = state.message(chat, id).cloned();
        draft.reply_to = Some(replied.ok_or_else(|| {
            ControlError::bad(format!("`reply_to`: there is no message {id} in this chat"))
        })?);
    }
    if let Some(person) = state.people.get_mut(&chat) {
        person.started = true;
    }
    Ok(state.post_as_person(chat, from, draft)?)
}

fn may_write(state: &State, from: &User, chat_id: i64) -> Result<(), ControlError> {
    let Some(chat) = state.chats.get(&chat_id) else {
        return Err(ControlError::bad("`chat`: there is no such chat"));
    };
    if chat.is_private() {
        if chat_id != from.id {
            return Err(ControlError::bad(
                "`from`: this is somebody else's private chat",
            ));
        }
        if state
            .people
            .get(&from.id)
            .is_some_and(|person| person.blocked_bot)
        {
            return Err(ControlError::bad(
                "`from` has blocked the bot; unblock it first",
            ));
        }
        return Ok(());
    }
    if let Some(new_id) = chat.migrated_to {
        let reason = format!("`chat` has become the supergroup {new_id}");
        return Err(ControlError::bad(reason));
    }
    match chat.standing(from.id) {
        Standing::Restricted { permissions, .. } if !permissions.can_send_messages => Err(
            ControlError::bad("`from` is restricted and may not write here"),
        ),
        standing if standing.is_present() => Ok(()),
        _ => Err(ControlError::bad("`from` is not a member of `chat`")),
    }
}

fn text(params: &Params) -> Result<Content, ControlError> {
    let given = fields::text(params, "text")?;
    let (text, entities) = tidy(&given, Vec::new());
    if text.is_empty() {
        return Err(ControlError::bad("`text` is empty"));
    }
    if units(&text) > MOST_TEXT {
        return Err(ControlError::bad(
            "`text` is longer than 4096 UTF-16 code units",
        ));
    }
    Ok(Content::Text(Text {
        text,
        entities,
        link_preview_options: None,
    }))
}

/// A file with its caption; `text` does for `caption`.
fn media(state: &mut State, params: &Params) -> Result<Content, ControlError> {
    let Some((kind, upload)) = Kind::ALL
        .into_iter()
        .find_map(|kind| Some((kind, params.file(kind.field())?)))
    else {
        let reason = "the file part must be named document, photo, video, audio, voice or sticker";
        return Err(ControlError::bad(reason));
    };
    let given = params.text("caption").or_else(|| params.text("text"));
    let (caption, caption_entities) = tidy(&given.unwrap_or_default(), Vec::new());
    if units(&caption) > MOST_CAPTION {
        return Err(ControlError::bad(
            "`caption` is longer than 1024 UTF-16 code units",
        ));
    }
    Ok(Content::Media(Box::new(Media {
        attachment: upload_as(state, params, kind, upload)?,
        caption: Some(caption).filter(|caption| !caption.is_empty()),
        caption_entities,
        show_caption_above_media: false,
        has_media_spoiler: false,
    })))
}

/// `GET chats/{id}/messages?after=N&wait=MS`: what changed in the chat after cursor N, oldest
/// change first; waits until there is something.
pub(crate) fn shown_in_chat(context: &Context) -> BoxedFilter<(Response,)> {
    let context = context.clone();
    let query = warp::query::<Vec<(String, String)>>();
    warp::path!("sandbox" / "api" / "chats" / i64 / "messages")
        .and(warp::get())
        .and(query)
        .then(move |chat: i64, query: Vec<(String, String)>| {
            let context = context.clone();
            async move {
                let params = Params::from_pairs(query);
                let outcome = watch(context, chat, params).await;
                outcome.unwrap_or_else(ControlError::into_response)
            }
        })
        .boxed()
}

#[derive(Serialize)]
struct View {
    messages: Vec<Arc<Message>>,
    /// Ids of messages that were deleted.
    deleted: Vec<i64>,
    /// The world's change counter: the next `after`.
    cursor: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_keyboard: Option<Value>,
    /// Reactions by message id, then by who reacted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    reactions: BTreeMap<i64, BTreeMap<i64, Vec<Value>>>,
}

async fn watch(context: Context, chat: i64, params: Params) -> Outcome {
    fields::only(&params, &["after", "wait"])?;
    let after = fields::after(&params)?;
    let wait = fields::wait(&params, Duration::ZERO)?;
    let changed = match context.world.lock().chats.get(&chat) {
        Some(chat) => chat.changed.clone(),
        None => {
            return Err(ControlError::bad(format!(
                "`chat`: there is no chat {chat}"
            )));
        }
    };
    let news = signals::until(&changed, wait, || {
        let state = context.world.lock();
        let found = state.chats.get(&chat)?.history.changed_after(after);
        found.then(|| view(&state, chat, after))
    });
    let found = tokio::select! {
        found = news => found,
        () = context.closing.cancelled() => None,
    };
    let found = found.unwrap_or_else(|| view(&context.world.lock(), chat, after));
    shown(&found)
}

fn view(state: &State, chat: i64, after: u64) -> View {
    let chat = state.chats.get(&chat);
    let changes = chat
        .map(|chat| chat.history.after(after))
        .unwrap_or_default();
    View {
        reactions: chat.map(|chat| chat.reactions.clone()).unwrap_or_default(),
        reply_keyboard: chat.and_then(|chat| chat.reply_keyboard.clone()),
        messages: changes.messages,
        deleted: changes.deleted,
        cursor: state.cursor,
    }
}
