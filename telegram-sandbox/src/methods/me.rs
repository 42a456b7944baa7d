//! What the bot is and says about itself: `getMe`, `setMyName`, `setChatMenuButton` …,
//! <https://core.telegram.org/bots/api#getme>.

use serde_json::{Value, json};

use super::json::{Fault, Fields};
use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::text::{links, units};
use crate::types::AdminRights;
use crate::world::State;
use crate::world::chat::Chat;

pub(crate) fn get_me(state: &mut State, _: &Params) -> Outcome {
    let me = &state.bot.me;
    Ok(Answer::Json(json!({
        "id": me.id,
        "is_bot": true,
        "first_name": me.first_name,
        "username": me.username,
        "can_join_groups": true,
        "can_read_all_group_messages": !state.bot.privacy,
        "supports_inline_queries": state.bot.inline,
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
        let what = match field {
            "name" => "BOT_TITLE_INVALID",
            _ => "BOT_DESCRIPTION_TOO_LONG",
        };
        return Err(ApiError::bad_request(what));
    }
    let key = (field, super::commands::language(params)?);
    if value.is_empty() {
        state.bot.profile.remove(&key);
    } else {
        state.bot.profile.insert(key, value);
    }
    Ok(Answer::TRUE)
}

/// The value for a language, else for all, else `usual`.
fn get_trait(state: &State, params: &Params, (field, _): Trait, usual: String) -> Outcome {
    let language = super::commands::language(params)?;
    let profile = &state.bot.profile;
    let value = profile
        .get(&(field, language))
        .or_else(|| profile.get(&(field, String::new())))
        .cloned()
        .unwrap_or(usual);
    Ok(Answer::Json(json!({ field: value })))
}

pub(crate) fn set_menu_button(state: &mut State, params: &Params) -> Outcome {
    let unreadable = || ApiError::bad_request("can't parse menu button JSON object");
    let given: Option<Value> = params.object("menu_button").map_err(|_| unreadable())?;
    let button = match &given {
        None => None,
        Some(button) => menu_button(button)
            .map_err(|fault| ApiError::bad_request(format!("can't parse menu button: {fault}")))?,
    };
    if let Some(url) = button
        .as_ref()
        .and_then(|button| button["web_app"]["url"].as_str())
    {
        links::check(url, links::Only::App)
            .map_err(|fault| ApiError::bad_request(format!("menu button Web App URL {fault}")))?;
    }
    if !params.has("chat_id") {
        state.bot.menu_button = button;
        return Ok(Answer::TRUE);
    }
    private_chat(state, params)?.menu_button = button;
    Ok(Answer::TRUE)
}

/// `None` for the default button, which is the one that was set for all chats.
fn menu_button(button: &Value) -> Result<Option<Value>, Fault> {
    let fields = Fields::of(button).ok_or("MenuButton must be an Object")?;
    match fields.required_text("type")?.as_str() {
        "default" => Ok(None),
        "commands" => Ok(Some(json!({"type": "commands"}))),
        "web_app" => {
            let text = fields.required_text("text")?;
            let url = fields.required_object("web_app")?.required_text("url")?;
            Ok(Some(
                json!({"type": "web_app", "text": text, "web_app": {"url": url}}),
            ))
        }
        _ => Err("MenuButton has unsupported type".to_owned()),
    }
}

pub(crate) fn get_menu_button(state: &mut State, params: &Params) -> Outcome {
    let of_chat = match params.has("chat_id") {
        true => private_chat(state, params)?.menu_button.clone(),
        false => None,
    };
    let button = of_chat.or_else(|| state.bot.menu_button.clone());
    Ok(Answer::Json(
        button.unwrap_or_else(|| json!({"type": "commands"})),
    ))
}

/// Menu buttons are for private chats only.
fn private_chat<'a>(state: &'a mut State, params: &Params) -> Result<&'a mut Chat, ApiError> {
    let id = input::user_id(params, "chat_id")?;
    let chat = state.chats.get_mut(&id);
    chat.ok_or_else(|| ApiError::bad_request("chat not found"))
}

pub(crate) fn set_default_rights(state: &mut State, params: &Params) -> Outcome {
    let unreadable = || ApiError::bad_request("can't parse ChatAdministratorRights JSON object");
    let given: Option<Value> = params.object("rights").map_err(|_| unreadable())?;
    let place = usize::from(params.flag("for_channels"));
    let rights = match &given {
        None => None,
        Some(value) => Some(admin_rights(value).map_err(|fault| {
            ApiError::bad_request(format!("can't parse ChatAdministratorRights: {fault}"))
        })?),
    };
    state.bot.default_rights[place] = rights.map(|rights| json!(rights));
    Ok(Answer::TRUE)
}

fn admin_rights(value: &Value) -> Result<AdminRights, Fault> {
    let fields = Fields::of(value).ok_or("ChatAdministratorRights must be an Object")?;
    let names = json!(AdminRights::usual().in_channel());
    for name in names
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
    {
        fields.flag(name)?;
    }
    serde_json::from_value(value.clone()).map_err(|reason| reason.to_string())
}

pub(crate) fn get_default_rights(state: &mut State, params: &Params) -> Outcome {
    let place = usize::from(params.flag("for_channels"));
    let rights = state.bot.default_rights[place].clone();
    Ok(Answer::Json(
        rights.unwrap_or_else(|| json!(AdminRights::default())),
    ))
}
