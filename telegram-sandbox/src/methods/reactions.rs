//! `setMessageReaction`, <https://core.telegram.org/bots/api#setmessagereaction>.

use serde_json::Value;

use super::json::{Fault, Fields};
use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::world::State;

/// Bots may set one reaction on a message; an empty list takes it away.
pub(crate) fn set(state: &mut State, params: &Params) -> Outcome {
    let unreadable = || ApiError::bad_request("can't parse reaction types JSON object");
    let given: Option<Value> = params.object("reaction").map_err(|_| unreadable())?;
    let reactions = match &given {
        None => &Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(ApiError::bad_request("expected an Array of ReactionType")),
    };
    for reaction in reactions {
        check(reaction)
            .map_err(|fault| ApiError::bad_request(format!("can't parse ReactionType: {fault}")))?;
    }
    let message = input::message(state, params, "message to react not found")?;
    if reactions.len() > 1 {
        return Err(ApiError::bad_request("REACTIONS_TOO_MANY"));
    }
    let emoji = reactions
        .iter()
        .filter_map(|reaction| reaction["emoji"].as_str());
    if emoji
        .clone()
        .any(|emoji| !KNOWN.contains(&emoji.trim_end_matches('\u{fe0f}')))
    {
        return Err(ApiError::bad_request("REACTION_INVALID"));
    }
    let reactions = reactions.clone();
    state.react(
        message.chat.id,
        message.message_id,
        state.bot.me.id,
        reactions,
    );
    Ok(Answer::TRUE)
}

fn check(reaction: &Value) -> Result<(), Fault> {
    let fields = Fields::of(reaction).ok_or("expected an Object")?;
    match fields.required_text("type")?.as_str() {
        "emoji" => fields.required_text("emoji").map(drop),
        "custom_emoji" => fields.required_integer("custom_emoji_id").map(drop),
        _ => Err("invalid reaction type specified".to_owned()),
    }
}

/// `ReactionTypeEmoji`, <https://core.telegram.org/bots/api#reactiontypeemoji>.
const KNOWN: [&str; 73] = [
    "❤",
    "👍",
    "👎",
    "🔥",
    "🥰",
    "👏",
    "😁",
    "🤔",
    "🤯",
    "😱",
    "🤬",
    "😢",
    "🎉",
    "🤩",
    "🤮",
    "💩",
    "🙏",
    "👌",
    "🕊",
    "🤡",
    "🥱",
    "🥴",
    "😍",
    "🐳",
    "❤\u{200d}🔥",
    "🌚",
    "🌭",
    "💯",
    "🤣",
    "⚡",
    "🍌",
    "🏆",
    "💔",
    "🤨",
    "😐",
    "🍓",
    "🍾",
    "💋",
    "🖕",
    "😈",
    "😴",
    "😭",
    "🤓",
    "👻",
    "👨\u{200d}💻",
    "👀",
    "🎃",
    "🙈",
    "😇",
    "😨",
    "🤝",
    "✍",
    "🤗",
    "🫡",
    "🎅",
    "🎄",
    "☃",
    "💅",
    "🤪",
    "🗿",
    "🆒",
    "💘",
    "🙉",
    "🦄",
    "😘",
    "💊",
    "🙊",
    "😎",
    "👾",
    "🤷\u{200d}♂",
    "🤷",
    "🤷\u{200d}♀",
    "😡",
];
