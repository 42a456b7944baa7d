//! What the bot is and says about itself: `getMe`, `setMyName`, `setChatMenuButton` …,
//! <https://core.telegram.org/bots/api#getme>.

use serde_json::{Value, json};

use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::text::units;
use crate::world::State;

pub(crate) fn get_me(state: &mut State, _: &Params) -> Outcome {
    let me = &state.bot.me;
    Ok(Answer::Json(json!({
        "id": me.id,
        "is_bot": true,
        "first_name": me.first_name,
        "username": me.username,
        "can_join_groups": true,
        "can_read_all_group_messages": true,
        "supports_inline_queries": false,
        "can_connect_to_business": false,
        "has_main_web_app": false,
    })))
}

/// Leaving the cloud for a server of one's own; nothing to do here.
pub(crate) fn log_out(_: &mut State, _: &Params) -> Outcome {
    Ok(Answer::TRUE)
}

pub(crate) fn close(_: &mut State, _: &Params) -> Outcome {
    Ok(Answer::TRUE)
}

/// A text of the bot's profile: the field's name, and its longest value.
type Trait = (&'static str, usize);
const NAME: Trait = ("name", 64);
const DESCRIPTION: Trait = ("description", 512);
const SHORT_DESCRIPTION: Trait = ("short_description", 120);

pub(crate) fn set_name(state: &mut State, params: &Params) -> Outcome {
    set_trait(state, params, NAME)
}

pub(crate) fn get_name(state: &mut State, params: &Params) -> Outcome {
    let name = state.bot.me.first_name.clone();
    get_trait(state, params, NAME, name)
}

pub(crate) fn set_description(state: &mut State, params: &Params) -> Outcome {
    set_trait(state, params, DESCRIPTION)
}

pub(crate) fn get_description(state: &mut State, params: &Params) -> Outcome {
    get_trait(state, params, DESCRIPTION, String::new())
}

pub(crate) fn set_short_description(state: &mut State, params: &Params) -> Outcome {
    set_trait(state, params, SHORT_DESCRIPTION)
}

pub(crate) fn get_short_description(state: &mut State, params: &Params) -> Outcome {
    get_trait(state, params, SHORT_DESCRIPTION, String::new())
}

/// Sets one for a language; empty takes it away.
fn set_trait(state: &mut State, params: &Params, (field, most): Trait) -> Outcome {
    let value = params.owned(field).unwrap_or_default();
    if units(&value) > most {
        return Err(ApiError::bad_request(format!("{field} is too long")));
    }
    let key = (field, params.owned("language_code").unwrap_or_default());
    if value.is_empty() {
        state.bot.profile.remove(&key);
    } else {
        state.bot.profile.insert(key, value);
    }
    Ok(Answer::TRUE)
}

/// The value for a language, else for all, else `usual`.
fn get_trait(state: &State, params: &Params, (field, _): Trait, usual: String) -> Outcome {
    let language = params.owned("language_code").unwrap_or_default();
    let profile = &state.bot.profile;
    let value = profile
        .get(&(field, language))
        .or_else(|| profile.get(&(field, String::new())))
        .cloned()
        .unwrap_or(usual);
    Ok(Answer::Json(json!({ field: value })))
}

pub(crate) fn set_menu_button(state: &mut State, params: &Params) -> Outcome {
    let button: Option<Value> = params
        .object("menu_button")
        .map_err(|_| ApiError::bad_request("can't parse menu button JSON object"))?;
    if !params.has("chat_id") {
        state.bot.menu_button = button;
        return Ok(Answer::TRUE);
    }
    let id = input::chat_id(state, params)?;
    let chat = state
        .chats
        .get_mut(&id)
        .ok_or_else(|| ApiError::bad_request("chat not found"))?;
    chat.menu_button = button;
    Ok(Answer::TRUE)
}

pub(crate) fn get_menu_button(state: &mut State, params: &Params) -> Outcome {
    let of_chat = params
        .chat_id()
        .and_then(|id| state.chats.get(&id))
        .and_then(|chat| chat.menu_button.clone());
    let button = of_chat.or_else(|| state.bot.menu_button.clone());
    Ok(Answer::Json(
        button.unwrap_or_else(|| json!({"type": "commands"})),
    ))
}
