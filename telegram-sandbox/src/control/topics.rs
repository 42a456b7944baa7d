//! `POST topics`, `GET topics`: somebody opens a topic; what topics there are.

use serde_json::{Value, json};

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::types::{Content, Service};
use crate::world::messages::Draft;
use crate::world::topics::{COLOURS, Topic};

/// `{from, chat, name}`: the bots hear `forum_topic_created`. Answers the `ForumTopic`.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["from", "chat", "name"])?;
    let mut state = context.world.lock();
    let from = fields::person(&state, &params, "from")?;
    let chat = fields::chat(&state, &params)?;
    let name = fields::text(&params, "name")?;
    let found = state.chats.get(&chat);
    if !found.is_some_and(|chat| chat.head.is_forum && chat.has(from.id)) {
        return Err(ControlError::bad(
            "`chat` is no forum, or `from` is not in it",
        ));
    }
    let created = json!({"name": name, "icon_color": COLOURS[0]});
    let service = Content::Service(Service::ForumTopicCreated(created));
    let topic = Topic {
        message_thread_id: 0,
        name,
        icon_color: COLOURS[0],
        icon_custom_emoji_id: None,
        creator: from.id,
        is_closed: false,
    };
    shown(&state.open_topic(chat, from, Draft::from(service), topic)?)
}

/// `?chat=`: `{"general":{name, is_closed, is_hidden},"topics":[{…ForumTopic, is_closed}]}`.
pub(crate) async fn get(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["chat"])?;
    let state = context.world.lock();
    let id = fields::chat(&state, &params)?;
    let Some(chat) = state.chats.get(&id) else {
        return Err(ControlError::bad("`chat`: there is no such chat"));
    };
    let show = |topic: &Topic| {
        let mut shown = json!(topic);
        shown["is_closed"] = json!(topic.is_closed);
        shown
    };
    let topics: Vec<Value> = chat.topics.by_id.values().map(show).collect();
    let general = &chat.topics.general;
    shown(&json!({
        "general": {
            "name": general.name,
            "is_closed": general.is_closed,
            "is_hidden": general.is_hidden,
        },
        "topics": topics,
    }))
}
