//! The Bot API's methods, <https://core.telegram.org/bots/api#available-methods>: one list, and
//! the way every call takes: fault, flood limit, method, answer.

mod answer_callback_query;
mod chat_settings;
mod chats;
pub(crate) mod commands;
mod delete;
mod edit;
mod edit_media;
mod files;
mod forward;
mod get_updates;
mod inline;
mod inline_results;
mod input;
mod input_media;
mod invite_links;
mod join_requests;
pub(crate) mod json;
pub(crate) mod keyboard;
mod me;
mod members;
mod pin;
mod polls;
mod promote;
mod reactions;
mod reply;
mod send_contact;
mod send_dice;
mod send_media;
mod send_media_group;
mod send_message;
mod send_place;
mod sender_chats;
mod topics;
mod webhooks;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::ApiError;
use crate::params::Params;
use crate::server::Context;
use crate::types::Message;
use crate::world::calls::{Call, Sent};
use crate::world::faults::{Fault, FaultKind};
use crate::world::queue::Queued;
use crate::world::{State, now_us};

/// A method's result, or Telegram's refusal.
pub(crate) type Outcome = Result<Answer, ApiError>;

/// Results as they go into `"result"`. Messages and updates are shared and serialised only after
/// the world's lock is released.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Flag(bool),
    /// Done, with a word to say about it beside the result.
    #[serde(serialize_with = "as_true")]
    Said(&'static str),
    Message(Arc<Message>),
    Messages(Vec<Arc<Message>>),
    Updates(Vec<Arc<Queued>>),
    Json(Value),
}

fn as_true<S: Serializer>(_: &&'static str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(true)
}

impl Answer {
    /// The usual "it is done".
    const TRUE: Self = Self::Flag(true);
}

/// How a call ends.
#[derive(Debug)]
pub(crate) enum Ending {
    /// Status and body.
    Answer(u16, Bytes),
    /// The connection is closed after this long, without an answer.
    HangUp(Duration),
}

type Run = fn(&mut State, &Params) -> Outcome;

struct Method {
    name: &'static str,
    run: Run,
    /// How many messages a call sends, for flood control; 0: it does not count.
    sends: fn(&Params) -> usize,
}

const fn method(name: &'static str, run: Run) -> Method {
    Method {
        name,
        run,
        sends: |_| 0,
    }
}

/// A method that counts against the flood limits.
const fn sending(name: &'static str, run: Run) -> Method {
    Method {
        name,
        run,
        sends: |_| 1,
    }
}

/// `getUpdates` stands apart: it is the only one that waits. README.md has a table of these, and
/// a test compares the two.
const METHODS: &[Method] = &[
    method("getMe", me::get_me),
    method("logOut", me::log_out),
    method("close", me::close),
    method("setWebhook", webhooks::set),
    method("deleteWebhook", webhooks::delete),
    method("getWebhookInfo", webhooks::info),
    sending("sendMessage", send_message::run),
    sending("sendPhoto", send_media::photo),
    sending("sendDocument", send_media::document),
    sending("sendVideo", send_media::video),
    sending("sendAnimation", send_media::animation),
    sending("sendAudio", send_media::audio),
    sending("sendVoice", send_media::voice),
    sending("sendVideoNote", send_media::video_note),
    sending("sendSticker", send_media::sticker),
    Method {
        name: "sendMediaGroup",
        run: send_media_group::run,
        sends: send_media_group::count,
    },
    sending("sendLocation", send_place::location),
    sending("sendVenue", send_place::venue),
    sending("sendContact", send_contact::run),
    sending("sendPoll", polls::send),
    sending("sendDice", send_dice::run),
    method("sendChatAction", chats::send_action),
    sending("forwardMessage", forward::forward),
    Method {
        name: "forwardMessages",
        run: forward::forward_many,
        sends: forward::count,
    },
    sending("copyMessage", forward::copy),
    Method {
        name: "copyMessages",
        run: forward::copy_many,
        sends: forward::count,
    },
    sending("editMessageText", edit::text),
    sending("editMessageCaption", edit::caption),
    sending("editMessageMedia", edit_media::run),
    sending("editMessageLiveLocation", send_place::edit_live),
    sending("stopMessageLiveLocation", send_place::stop_live),
    sending("editMessageReplyMarkup", edit::reply_markup),
    sending("stopPoll", polls::stop),
    method("deleteMessage", delete::one),
    method("deleteMessages", delete::many),
    method("pinChatMessage", pin::pin),
    method("unpinChatMessage", pin::unpin),
    method("unpinAllChatMessages", pin::unpin_all),
    method("answerCallbackQuery", answer_callback_query::run),
    method("answerInlineQuery", inline::answer_query),
    method("answerWebAppQuery", inline::answer_web_app),
    method("setMessageReaction", reactions::set),
    method("setMyCommands", commands::set),
    method("getMyCommands", commands::get),
    method("deleteMyCommands", commands::delete),
    method("setMyName", me::set_name),
    method("getMyName", me::get_name),
    method("setMyDescription", me::set_description),
    method("getMyDescription", me::get_description),
    method("setMyShortDescription", me::set_short_description),
    method("getMyShortDescription", me::get_short_description),
    method("setMyDefaultAdministratorRights", me::set_default_rights),
    method("getMyDefaultAdministratorRights", me::get_default_rights),
    method("setChatMenuButton", me::set_menu_button),
    method("getChatMenuButton", me::get_menu_button),
    method("getFile", files::get),
    method("getUserProfilePhotos", files::profile_photos),
    method("getChat", chats::get),
    method("getChatMember", members::get),
    method("getChatMemberCount", members::count),
    method("getChatMembersCount", members::count),
    method("getChatAdministrators", members::administrators),
    method("banChatMember", members::ban),
    method("kickChatMember", members::ban),
    method("unbanChatMember", members::unban),
    method("restrictChatMember", members::restrict),
    method("promoteChatMember", promote::promote),
    method("setChatAdministratorCustomTitle", promote::custom_title),
    method("banChatSenderChat", sender_chats::ban),
    method("unbanChatSenderChat", sender_chats::unban),
    method("leaveChat", members::leave),
    method("setChatTitle", chat_settings::title),
    method("setChatDescription", chat_settings::description),
    method("setChatPhoto", chat_settings::set_photo),
    method("deleteChatPhoto", chat_settings::delete_photo),
    method("setChatPermissions", chat_settings::permissions),
    method("exportChatInviteLink", invite_links::export),
    method("createChatInviteLink", invite_links::create),
    method("editChatInviteLink", invite_links::edit),
    method("revokeChatInviteLink", invite_links::revoke),
    method("approveChatJoinRequest", join_requests::approve),
    method("declineChatJoinRequest", join_requests::decline),
    method("createForumTopic", topics::create),
    method("editForumTopic", topics::edit),
    method("closeForumTopic", topics::close),
    method("reopenForumTopic", topics::reopen),
    method("deleteForumTopic", topics::delete),
    method("unpinAllForumTopicMessages", topics::unpin_all),
    method("editGeneralForumTopic", topics::edit_general),
    method("closeGeneralForumTopic", topics::close_general),
    method("reopenGeneralForumTopic", topics::reopen_general),
    method("hideGeneralForumTopic", topics::hide_general),
    method("unhideGeneralForumTopic", topics::unhide_general),
    method(
        "unpinAllGeneralForumTopicMessages",
        topics::unpin_all_general,
    ),
];

/// When a call came in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    at_us: i64,
    started: Instant,
}

impl Arrival {
    pub(crate) fn now() -> Self {
        Self {
            at_us: now_us(),
            started: Instant::now(),
        }
    }
}

/// Answers one call of a bot, and notes it in the log. `json` is the request as it came, if it was
/// JSON.
pub(crate) async fn call(
    context: &Context,
    bot: i64,
    name: String,
    params: &Params,
    json: Option<Bytes>,
    arrival: Arrival,
) -> Ending {
    let fault = {
        let mut state = context.world.lock();
        state.faults.meet(bot, &name, params.chat_id())
    };
    let ending = match fault {
        None => ending(run(context, bot, &name, params).await),
        Some(fault) => go_wrong(context, bot, &name, params, fault).await,
    };
    let (status, response) = match &ending {
        Ending::Answer(status, body) => (*status, body.clone()),
        Ending::HangUp(_) => (0, Bytes::new()),
    };
    let request = json.unwrap_or_else(|| {
        let text = serde_json::to_vec(&params.fields);
        text.map_or_else(|_| Bytes::new(), Bytes::from)
    });
    let elapsed = arrival.started.elapsed().as_micros();
    let call = Call {
        id: 0,
        at_us: arrival.at_us,
        bot,
        method: name,
        status,
        chat_id: params.chat_id(),
        elapsed_us: u64::try_from(elapsed).unwrap_or(u64::MAX),
        request,
        files: params.files.iter().map(Sent::of).collect(),
        response,
    };
    context.world.lock().calls.push(call);
    context.world.signals.calls.notify_waiters();
    context.world.signals.changes.notify_waiters();
    ending
}

/// For the header of this name: what a refusal of 429 says.
pub(crate) fn retry_after(status: u16, body: &[u8]) -> Option<u64> {
    if status != 429 {
        return None;
    }
    let read: Value = serde_json::from_slice(body).ok()?;
    read["parameters"]["retry_after"].as_u64()
}

async fn run(context: &Context, bot: i64, name: &str, params: &Params) -> Outcome {
    if name.eq_ignore_ascii_case("getUpdates") {
        return get_updates::run(context, bot, params).await;
    }
    let Some(mut state) = context.world.lock_as(bot) else {
        return Err(ApiError::unauthorized());
    };
    let Some(method) = METHODS
        .iter()
        .find(|method| method.name.eq_ignore_ascii_case(name))
    else {
        state.calls.note_unknown(name);
        tracing::warn!(method = name, "a method that the sandbox does not know");
        return Err(ApiError::method_not_found());
    };
    let sends = (method.sends)(params);
    if sends > 0
        && let Some(chat) = input::find_chat_id(&state, params)
    {
        let now = state.clock.instant();
        let spent = state.flood.spend(bot, chat, sends, now);
        spent.map_err(ApiError::retry_after)?;
    }
    (method.run)(&mut state, params)
}

fn ending(outcome: Outcome) -> Ending {
    #[derive(Serialize)]
    struct Good {
        ok: bool,
        result: Answer,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'static str>,
    }
    let (status, body) = match outcome {
        Ok(result) => {
            let description = match &result {
                Answer::Said(words) => Some(*words),
                _ => None,
            };
            let good = Good {
                ok: true,
                result,
                description,
            };
            (200, serde_json::to_vec(&good))
        }
        Err(error) => (error.code, serde_json::to_vec(&error)),
    };
    match body {
        Ok(body) => Ending::Answer(status, body.into()),
        Err(reason) => {
            tracing::error!(%reason, "an answer could not be written");
            Ending::Answer(500, Bytes::new())
        }
    }
}

async fn go_wrong(
    context: &Context,
    bot: i64,
    name: &str,
    params: &Params,
    fault: Fault,
) -> Ending {
    tokio::time::sleep(fault.delay).await;
    let truth = if fault.applied || fault.kind == FaultKind::Slow {
        Some(ending(run(context, bot, name, params).await))
    } else {
        None
    };
    match fault.kind {
        FaultKind::Slow => truth.unwrap_or(Ending::HangUp(Duration::ZERO)),
        FaultKind::Refusal(code, reason) => ending(Err(ApiError::new(code, reason))),
        FaultKind::TooManyRequests(seconds) => ending(Err(ApiError::retry_after(seconds))),
        FaultKind::ServerError(status) => {
            let reason = match status {
                502 => "Bad Gateway",
                503 => "Service Unavailable",
                504 => "Gateway Timeout",
                _ => "Internal Server Error",
            };
            ending(Err(ApiError::new(status, reason)))
        }
        FaultKind::Timeout(seconds) => Ending::HangUp(Duration::from_secs(seconds)),
        FaultKind::Drop => Ending::HangUp(Duration::ZERO),
        FaultKind::Forbidden => ending(Err(ApiError::forbidden("bot was blocked by the user"))),
        FaultKind::Migrated(new_id) => {
            let new_id = new_id
                .or_else(|| {
                    let chat = params.chat_id()?;
                    context.world.lock_as(bot)?.migrate(chat)
                })
                .unwrap_or(-1_001_999_999_999);
            ending(Err(ApiError::migrated(new_id)))
        }
        FaultKind::Garbage => {
            Ending::Answer(200, Bytes::from_static(b"<html>502 Bad Gateway</html>"))
        }
    }
}

/// The names of all methods, for `GET methods` and the documentation's test.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ["getUpdates"]
        .into_iter()
        .chain(METHODS.iter().map(|method| method.name))
}
