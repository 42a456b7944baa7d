//! `sendDice`, <https://core.telegram.org/bots/api#senddice>.

use serde_json::json;

use super::input::Sending;
use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::types::{Content, Thing};
use crate::world::State;
use crate::world::messages::Draft;

pub(crate) fn run(state: &mut State, params: &Params) -> Outcome {
    let emoji = params.owned("emoji").filter(|emoji| !emoji.is_empty());
    let emoji = emoji.unwrap_or_else(|| "🎲".to_owned());
    let sides = match emoji.as_str() {
        "🎲" | "🎯" | "🎳" => 6,
        "🏀" | "⚽" | "⚽️" => 5,
        "🎰" => 64,
        _ => 0,
    };
    let sending = Sending::read(params)?;
    let chat = input::target(state, params)?;
    input::may_send(state, chat, "dice", |may| may.can_send_other_messages)?;
    if sides == 0 {
        return Err(ApiError::bad_request("invalid dice emoji specified"));
    }
    // Unlike chance it can be repeated: each throw of a fresh world falls the same way.
    let value = state.cursor.wrapping_mul(6_364_136_223_846_793_005) >> 33;
    let value = value % sides + 1;
    let dice = Thing::Dice(json!({"emoji": emoji, "value": value}));
    let mut draft = Draft::from(Content::Thing(dice));
    sending.complete(state, chat, &mut draft)?;
    Ok(Answer::Message(input::post(state, chat, draft)?))
}
