//! `sendContact`, <https://core.telegram.org/bots/api#sendcontact>.

use serde_json::json;

use super::input::Sending;
use super::{Answer, Outcome, input};
use crate::params::Params;
use crate::types::{Content, Thing};
use crate::world::State;
use crate::world::messages::Draft;

pub(crate) fn run(state: &mut State, params: &Params) -> Outcome {
    let mut contact = json!({
        "phone_number": input::required_text(params, "phone_number")?,
        "first_name": input::required_text(params, "first_name")?,
    });
    for field in ["last_name", "vcard"] {
        if let Some(value) = params.text(field).filter(|value| !value.is_empty()) {
            contact[field] = json!(value);
        }
    }
    let sending = Sending::read(params)?;
    let chat = input::target(state, params)?;
    input::may_send(state, chat, "contacts", |may| may.can_send_messages)?;
    let mut draft = Draft::from(Content::Thing(Thing::Contact(contact)));
    sending.complete(state, chat, &mut draft)?;
    Ok(Answer::Message(input::post(state, chat, draft)?))
}
