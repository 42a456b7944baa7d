//! `deleteMessage`, `deleteMessages`, <https://core.telegram.org/bots/api#deletemessage>.

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{ChatKind, Content, Message, Service};
use crate::world::State;

/// Bots may not delete what is older than this, in seconds.
const OLDEST: i64 = 48 * 3600;

pub(crate) fn one(state: &mut State, params: &Params) -> Outcome {
    if params.text("chat_id").is_none_or(|id| id.is_empty()) {
        return Err(ApiError::bad_request("chat identifier is not specified"));
    }
    if params.integer("message_id").unwrap_or(0) == 0 {
        let reason = "message identifier is not specified";
        return Err(ApiError::bad_request(reason));
    }
    let message = input::message(state, params, "message to delete not found")?;
    check(state, &message)?;
    state.delete(message.chat.id, message.message_id);
    Ok(Answer::TRUE)
}

/// What is not there is passed over; what may not be deleted refuses the whole call.
pub(crate) fn many(state: &mut State, params: &Params) -> Outcome {
    let ids = input::message_ids(params)?;
    let chat = input::chat_id(state, params)?;
    state.visible_chat(chat)?;
    let found = ids.iter().filter_map(|id| state.message(chat, *id));
    let found: Vec<_> = found.cloned().collect();
    for message in &found {
        check(state, message)?;
    }
    for message in found {
        state.delete(chat, message.message_id);
    }
    Ok(Answer::TRUE)
}

fn check(state: &State, message: &Message) -> Result<(), ApiError> {
    if may_delete(state, message) {
        return Ok(());
    }
    // In small chats a message could still go from the bot's own view, which bots do not have.
    Err(ApiError::bad_request(match message.chat.kind {
        ChatKind::Private | ChatKind::Group => "message can't be deleted for everyone",
        _ => "message can't be deleted",
    }))
}

/// In private chats everything; in groups the bot's own, and others' with the right to.
fn may_delete(state: &State, message: &Message) -> bool {
    let Some(chat) = state.chats.get(&message.chat.id) else {
        return false;
    };
    let me = state.bot.me.id;
    let own = message.author == me;
    let young = state.now() - message.date <= OLDEST;
    let opens_topic = matches!(
        message.content,
        Content::Service(Service::ForumTopicCreated(_))
    );
    let standing = chat.standing(me);
    let allowed = match chat.head.kind {
        ChatKind::Private => true,
        ChatKind::Channel => {
            standing.may(|rights| rights.can_delete_messages || (own && rights.can_post_messages))
        }
        _ => own || standing.may(|rights| rights.can_delete_messages),
    };
    young && allowed && !opens_topic
}
