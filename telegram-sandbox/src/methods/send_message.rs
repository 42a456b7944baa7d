//! `sendMessage`, <https://core.telegram.org/bots/api#sendmessage>.

use super::input::Sending;
use super::{Answer, Outcome, input};
use crate::params::Params;
use crate::types::{Content, Text};
use crate::world::State;
use crate::world::messages::Draft;

pub(crate) fn run(state: &mut State, params: &Params) -> Outcome {
    let link_preview_options = input::link_preview(params)?;
    let (text, entities) = input::text(state, params)?;
    let sending = Sending::read(params)?;
    let chat = input::target(state, params)?;
    input::may_send(state, chat, "text messages", |may| may.can_send_messages)?;
    let mut draft = Draft::from(Content::Text(Text {
        text,
        entities,
        link_preview_options,
    }));
    sending.complete(state, chat, &mut draft)?;
    if let Content::Text(text) = &draft.content {
        input::check_text(&text.text, "message is too long")?;
    }
    Ok(Answer::Message(input::post(state, chat, draft)?))
}
