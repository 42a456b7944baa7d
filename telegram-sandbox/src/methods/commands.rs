//! `setMyCommands`, `getMyCommands`, `deleteMyCommands` by scope and language,
//! <https://core.telegram.org/bots/api#setmycommands>.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, Outcome};
use crate::error::ApiError;
use crate::params::Params;
use crate::world::State;

#[derive(Debug, Deserialize, Serialize)]
struct Command {
    command: String,
    description: String,
}

pub(crate) fn set(state: &mut State, params: &Params) -> Outcome {
    let commands: Vec<Command> = params
        .object("commands")
        .map_err(|reason| {
            ApiError::bad_request(format!("can't parse commands JSON array: {reason}"))
        })?
        .unwrap_or_default();
    if commands.len() > 100 {
        return Err(ApiError::bad_request("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in &commands {
        let name = command.command.trim_start_matches('/');
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !(1..=32).contains(&name.len()) || !name.chars().all(fits) {
            return Err(ApiError::bad_request("BOT_COMMAND_INVALID"));
        }
        if !(1..=256).contains(&command.description.chars().count()) {
            return Err(ApiError::bad_request("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    let key = key(state, params)?;
    if commands.is_empty() {
        state.bot.commands.remove(&key);
    } else {
        state.bot.commands.insert(key, json!(commands));
    }
    Ok(Answer::TRUE)
}

/// The commands of exactly this scope and language; Telegram does not fall back here either.
pub(crate) fn get(state: &mut State, params: &Params) -> Outcome {
    let key = key(state, params)?;
    let commands = state.bot.commands.get(&key).cloned();
    Ok(Answer::Json(commands.unwrap_or_else(|| json!([]))))
}

pub(crate) fn delete(state: &mut State, params: &Params) -> Outcome {
    let key = key(state, params)?;
    state.bot.commands.remove(&key);
    Ok(Answer::TRUE)
}

/// Scope and language. A scope's key is its type with the ids it names: "chat:-1001".
fn key(state: &State, params: &Params) -> Result<(String, String), ApiError> {
    let refused = || ApiError::bad_request("can't parse BotCommandScope: unsupported type");
    let scope: Option<Value> = params.object("scope").map_err(|_| refused())?;
    let language = params.owned("language_code").unwrap_or_default();
    let Some(scope) = scope else {
        return Ok(("default".to_owned(), language));
    };
    let kind = scope
        .get("type")
        .and_then(Value::as_str)
        .ok_or_else(refused)?;
    let id = |field: &str| {
        let value = scope.get(field)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    };
    let key = match kind {
        "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators" => {
            kind.to_owned()
        }
        "chat" | "chat_administrators" | "chat_member" => {
            let chat = id("chat_id").ok_or_else(|| ApiError::bad_request("chat_id is empty"))?;
            state.visible_chat(chat)?;
            match (kind, id("user_id")) {
                ("chat_member", Some(user)) => format!("{kind}:{chat}:{user}"),
                ("chat_member", None) => return Err(ApiError::bad_request("user_id is empty")),
                _ => format!("{kind}:{chat}"),
            }
        }
        _ => return Err(refused()),
    };
    Ok((key, language))
}
