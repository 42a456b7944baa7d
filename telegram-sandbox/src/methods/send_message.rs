//! `sendMessage`, <https://core.telegram.org/bots/api#sendmessage>.

use super::{Answer, Outcome, input};
use crate::params::Params;
use crate::types::{Content, Text};
use crate::world::State;
use crate::world::messages::Draft;

pub(crate) fn run(state: &mut State, params: &Params) -> Outcome {
    let chat = input::target(state, params)?;
    let (text, entities) = input::text(state, params)?;
    input::check_length(&text, "message is too long")?;
    let mut draft = Draft::from(Content::Text(Text {
        text,
        entities,
        link_preview_options: params.object("link_preview_options").ok().flatten(),
    }));
    input::complete(state, params, chat, &mut draft)?;
    let me = state.bot.me.clone();
    Ok(Answer::Message(state.post(chat, me, draft)?))
}
