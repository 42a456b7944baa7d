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
use crate::text::{MOST_CAPTION, MOST_ENTITIES, MOST_TEXT, tidy::tidy_plain, units};
use crate::types::{ChatKind, Content, Media, Message, Origin, Place, Standing, Text, Thing, User};
use crate::world::attachments::{Kind, upload_as};
use crate::world::messages::Draft;
use crate::world::topics::{COLOURS, Topic};
use crate::world::{State, signals};

const FIELDS: [&str; 17] = [
    "from",
    "chat",
    "bot",
    "text",
    "caption",
    "reply_to",
    "thread",
    "album",
    "late_ms",
    "duration",
    "emoji",
    "length",
    "location",
    "contact",
    "users_shared",
    "chat_shared",
    "forward_from",
];

/// `{from, chat, bot?, text?, caption?, reply_to?, thread?, album?, late_ms?, forward_from?,
/// location? | contact? | users_shared? | chat_shared?}` and, as multipart, one file in
/// `document`, `photo`, `video`, `animation`, `audio`, `voice`, `video_note` or `sticker`. Answers the `Message`; an array
/// is written in order and answers `{"messages":[…]}`.
pub(crate) async fn post(context: Context, params: Many) -> Outcome {
    match params {
        Many::One(params) => {
            let message = write(&mut *fields::world(&context, &params)?, &params)?;
            shown(&message)
        }
        Many::List(list) => {
            let mut state = context.world.lock();
            // Everything is looked at before the first one is written.
            let mut ready = Vec::with_capacity(list.len());
            for (place, params) in list.iter().enumerate() {
                let bot = fields::optional_id(params, "bot")?.unwrap_or(state.bot.me.id);
                let read = state.as_bot(bot, |state| read(state, params));
                let read = read.unwrap_or_else(|| Err(fields::no_bot(bot)));
                let read = read.map_err(|error| {
                    ControlError::bad(format!("message {place}: {}", error.description))
                })?;
                ready.push((bot, read));
            }
            let mut messages = Vec::with_capacity(ready.len());
            for (bot, ready) in ready {
                let written = state.as_bot(bot, |state| ready.write(state));
                messages.push(written.unwrap_or_else(|| Err(fields::no_bot(bot)))?);
            }
            drop(state);
            #[derive(Serialize)]
            struct Written {
                messages: Vec<Arc<Message>>,
            }
            shown(&Written { messages })
        }
    }
}

pub(crate) fn write(state: &mut State, params: &Params) -> Result<Arc<Message>, ControlError> {
    let mut ready = read(state, params)?;
    if !params.files.is_empty() {
        ready.draft.content = media(state, params)?;
    }
    ready.write(state)
}

/// What somebody may write, before it is there.
struct Ready {
    from: Arc<User>,
    chat: i64,
    draft: Draft,
    late_ms: i64,
}

/// Reads and checks everything but a file.
fn read(state: &State, params: &Params) -> Result<Ready, ControlError> {
    fields::only(params, &FIELDS)?;
    let from = fields::person(state, params, "from")?;
    let chat = fields::chat(state, params)?;
    may_write(state, &from, chat)?;
    let content = match thing(params)? {
        Some(thing) => thing,
        None if !params.files.is_empty() => Content::Text(Text::default()),
        None => text(params)?,
    };
    let mut draft = Draft::from(content);
    if let Some(id) = fields::optional_id(params, "reply_to")? {
        let replied = state.message(chat, id).cloned();
        draft.reply_to = Some(replied.ok_or_else(|| {
            ControlError::bad(format!("`reply_to`: there is no message {id} in this chat"))
        })?);
    }
    let of_reply = draft.reply_to.as_ref().and_then(|message| message.topic());
    draft.thread = fields::optional_id(params, "thread")?.or(of_reply);
    may_enter(state, &from, chat, draft.thread)?;
    draft.album = params.owned("album");
    if params.has("forward_from") {
        draft.origin = Some(Origin::User {
            date: state.now(),
            sender_user: fields::person(state, params, "forward_from")?,
        });
    }
    let late_ms = fields::optional_id(params, "late_ms")?.unwrap_or(0);
    if !(0..=fields::FARTHEST_MS).contains(&late_ms) {
        return Err(ControlError::bad("`late_ms` must be 0 to ten years"));
    }
    Ok(Ready {
        from,
        chat,
        draft,
        late_ms,
    })
}

impl Ready {
    fn write(self, state: &mut State) -> Result<Arc<Message>, ControlError> {
        if let Some(thread) = self.draft.thread {
            open_topic(state, &self.from, self.chat, thread);
        }
        state.bot.strangers.remove(&self.chat);
        let message = state.post(self.chat, self.from, self.draft)?;
        state.tell_of_message(&message, self.late_ms);
        Ok(message)
    }
}

/// A place, a contact, or what a reply keyboard asked for, in Telegram's own form.
fn thing(params: &Params) -> Result<Option<Content>, ControlError> {
    let read = |field: &str| -> Result<Option<Value>, ControlError> {
        let value: Option<Value> = params
            .object(field)
            .map_err(|fault| ControlError::bad(format!("`{field}`: {fault}")))?;
        match value {
            Some(value) if !value.is_object() => {
                Err(ControlError::bad(format!("`{field}` must be an object")))
            }
            value => Ok(value),
        }
    };
    if let Some(location) = read("location")? {
        let venue = None;
        return Ok(Some(Content::Place(Place { venue, location })));
    }
    for (field, make) in [
        ("contact", Thing::Contact as fn(Value) -> Thing),
        ("users_shared", Thing::UsersShared),
        ("chat_shared", Thing::ChatShared),
    ] {
        if let Some(value) = read(field)? {
            return Ok(Some(Content::Thing(make(value))));
        }
    }
    Ok(None)
}

/// A closed topic takes no words but those of administrators and of whoever opened it.
fn may_enter(
    state: &State,
    from: &User,
    chat: i64,
    thread: Option<i64>,
) -> Result<(), ControlError> {
    let Some(chat) = state.chats.get(&chat).filter(|chat| chat.head.is_forum) else {
        return Ok(());
    };
    let manages = chat
        .standing(from.id)
        .may(|rights| rights.can_manage_topics);
    let Some(thread) = thread else {
        return match chat.topics.general.is_closed && !manages {
            true => Err(ControlError::bad("the general topic is closed")),
            false => Ok(()),
        };
    };
    let topic = chat.topics.by_id.get(&thread);
    match topic.is_some_and(|topic| topic.is_closed && !manages && topic.creator != from.id) {
        true => Err(ControlError::bad("`thread`: the topic is closed")),
        false => Ok(()),
    }
}

/// A topic that nobody opened is there once somebody writes in it.
fn open_topic(state: &mut State, from: &User, chat: i64, thread: i64) {
    let chat = state.chats.get_mut(&chat);
    let Some(chat) = chat.filter(|chat| chat.head.is_forum) else {
        return;
    };
    chat.topics.by_id.entry(thread).or_insert_with(|| Topic {
        message_thread_id: thread,
        name: format!("Topic {thread}"),
        icon_color: COLOURS[0],
        icon_custom_emoji_id: None,
        creator: from.id,
        is_closed: false,
    });
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
        if state.bot.blocked_by.contains(&from.id) {
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
    let standing = chat.standing(from.id);
    let restricted = match &standing {
        Standing::Restricted { permissions, .. } => !permissions.can_send_messages,
        standing => !standing.is_admin() && !chat.permissions.can_send_messages,
    };
    let mute = match chat.head.kind {
        ChatKind::Channel => !standing.may(|rights| rights.can_post_messages),
        _ => restricted,
    };
    match standing {
        standing if standing.is_present() && mute => Err(ControlError::bad(
            "`from` is restricted and may not write here",
        )),
        standing if standing.is_present() => Ok(()),
        _ => Err(ControlError::bad("`from` is not a member of `chat`")),
    }
}

fn text(params: &Params) -> Result<Content, ControlError> {
    let given = fields::text(params, "text")?;
    let (text, mut entities) = tidy_plain(&given);
    entities.truncate(MOST_ENTITIES);
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
        let reason = "the file part must be named photo, document, video, animation, audio, voice, video_note \
                      or sticker";
        return Err(ControlError::bad(reason));
    };
    let given = params.text("caption").or_else(|| params.text("text"));
    let (caption, caption_entities) = tidy_plain(&given.unwrap_or_default());
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

/// `GET chats/{id}/messages?after=N&wait=MS&bot=`: what changed in the chat after cursor N, oldest
/// change first; waits until there is something. With `last=N&before=ID` the newest N messages (below
/// that id).
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
    /// Whether there are messages before the first one here; only where `last` asked for the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier: Option<bool>,
}

async fn watch(context: Context, chat: i64, params: Params) -> Outcome {
    fields::only(&params, &["after", "wait", "bot", "last", "before"])?;
    let after = fields::after(&params)?;
    if let Some(last) = fields::optional_id(&params, "last")? {
        let before = fields::optional_id(&params, "before")?.unwrap_or(i64::MAX);
        let most = usize::try_from(last).ok().filter(|most| *most > 0);
        let most = most.ok_or_else(|| ControlError::bad("`last` must be 1 or more"))?;
        let state = fields::world(&context, &params)?;
        return shown(&ending(&state, chat, before, most)?);
    }
    let wait = fields::wait(&params, Duration::ZERO)?;
    let changed = match fields::world(&context, &params)?.chats.get(&chat) {
        Some(chat) => chat.changed.clone(),
        None => {
            return Err(ControlError::bad(format!(
                "`chat`: there is no chat {chat}"
            )));
        }
    };
    let news = signals::until(&changed, wait, || {
        let state = fields::world(&context, &params).ok()?;
        let found = state.chats.get(&chat)?.history.changed_after(after);
        found.then(|| view(&state, chat, after))
    });
    let found = tokio::select! {
        found = news => found,
        () = context.closing.cancelled() => None,
    };
    match found {
        Some(found) => shown(&found),
        None => shown(&view(&*fields::world(&context, &params)?, chat, after)),
    }
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
        earlier: None,
    }
}

/// The newest messages below an id.
fn ending(state: &State, id: i64, before: i64, most: usize) -> Result<View, ControlError> {
    let chat = state.chats.get(&id);
    let chat = chat.ok_or_else(|| ControlError::bad(format!("`chat`: there is no chat {id}")))?;
    let messages = chat.history.before(before, most);
    let first = messages.first().map_or(before, |first| first.message_id);
    Ok(View {
        earlier: Some(!chat.history.before(first, 1).is_empty()),
        reactions: chat.reactions.clone(),
        reply_keyboard: chat.reply_keyboard.clone(),
        messages,
        deleted: Vec::new(),
        cursor: state.cursor,
    })
}
