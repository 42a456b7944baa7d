//! `setMyCommands`, `getMyCommands`, `deleteMyCommands` by scope and language,
//! <https://core.telegram.org/bots/api#setmycommands>.

use serde_json::{Value, json};

use super::json::{Fault, Fields};
use super::{Answer, Outcome, input};
use crate::error::ApiError;
use crate::params::Params;
use crate::world::State;

const MOST: usize = 100;
const LONGEST_NAME: usize = 32;
const LONGEST_DESCRIPTION: usize = 256;

/// They are kept trimmed and without the slash.
pub(crate) fn set(state: &mut State, params: &Params) -> Outcome {
    let unreadable = || ApiError::bad_request("can't parse commands JSON object");
    let given: Option<Value> = params.object("commands").map_err(|_| unreadable())?;
    let items = match &given {
        None => &Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(ApiError::bad_request("expected an Array of BotCommand")),
    };
    let mut commands = Vec::with_capacity(items.len());
    for item in items {
        let read = || {
            let fields = Fields::of(item).ok_or("expected an Object")?;
            let command = fields.required_text("command")?;
            Ok::<_, Fault>((command, fields.required_text("description")?))
        };
        let (command, description) = read()
            .map_err(|fault| ApiError::bad_request(format!("can't parse BotCommand: {fault}")))?;
        commands.push((command, description));
    }
    let key = key(state, params)?;
    if commands.len() > MOST {
        return Err(ApiError::bad_request("BOT_COMMANDS_TOO_MUCH"));
    }
    let mut kept = Vec::with_capacity(commands.len());
    for (command, description) in commands {
        let command = command.trim().trim_start_matches('/');
        let description = description.trim();
        let refused = |reason: String| Err(ApiError::bad_request(reason));
        if command.is_empty() {
            return refused("command must be non-empty".to_owned());
        }
        if command.chars().count() > LONGEST_NAME {
            return refused(format!("command length must not exceed {LONGEST_NAME}"));
        }
        if description.is_empty() {
            return refused("command description must be non-empty".to_owned());
        }
        if description.chars().count() > LONGEST_DESCRIPTION {
            let reason =
                format!("command description length must not exceed {LONGEST_DESCRIPTION}");
            return refused(reason);
        }
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !command.chars().all(fits) {
            return refused("BOT_COMMAND_INVALID".to_owned());
        }
        kept.push(json!({"command": command, "description": description}));
    }
    if kept.is_empty() {
        state.bot.commands.remove(&key);
    } else {
        state.bot.commands.insert(key, Value::Array(kept));
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
    let unreadable = || ApiError::bad_request("can't parse BotCommandScope JSON object");
    let scope: Option<Value> = params.object("scope").map_err(|_| unreadable())?;
    let Some(scope) = scope else {
        return Ok(("default".to_owned(), language(params)?));
    };
    let refused =
        |fault: Fault| ApiError::bad_request(format!("can't parse BotCommandScope: {fault}"));
    let fields = Fields::of(&scope)
        .ok_or_else(|| refused("BotCommandScope must be an Object".to_owned()))?;
    let kind = fields.required_text("type").map_err(refused)?;
    let key = match kind.as_str() {
        "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators" => kind,
        "chat" | "chat_administrators" | "chat_member" => {
            let named = fields.required_text("chat_id").map_err(refused)?;
            if named.is_empty() {
                return Err(refused("Empty chat_id specified".to_owned()));
            }
            let user = match kind.as_str() {
                "chat_member" => Some(fields.required_integer("user_id").map_err(refused)?),
                _ => None,
            };
            if user.is_some_and(|user| user <= 0) {
                return Err(refused("Invalid user_id specified".to_owned()));
            }
            let chat = input::find_named(state, &named)
                .ok_or_else(|| ApiError::bad_request("chat not found"))?;
            let is_private = state.visible_chat(chat)?.is_private();
            if is_private && kind != "chat" {
                let reason = "can't use the scope in a private chat";
                return Err(ApiError::bad_request(reason));
            }
            match user {
                Some(user) => format!("{kind}:{chat}:{user}"),
                None => format!("{kind}:{chat}"),
            }
        }
        _ => return Err(refused("Unsupported type specified".to_owned())),
    };
    Ok((key, language(params)?))
}

/// Two letters, or nothing for everybody.
pub(crate) fn language(params: &Params) -> Result<String, ApiError> {
    let given = params.owned("language_code").unwrap_or_default();
    let fits = given.len() == 2 && given.chars().all(|c| c.is_ascii_lowercase());
    match fits || given.is_empty() {
        true => Ok(given),
        false => Err(ApiError::bad_request("invalid language code specified")),
    }
}

/// The commands that a client shows somebody in a chat: those of the narrowest scope that has
/// any, in their language before those for all,
/// <https://core.telegram.org/bots/api#determining-list-of-commands>.
pub(crate) fn shown_to(state: &State, chat: i64, user: i64, language: &str) -> Option<Value> {
    let chat = state.chats.get(&chat)?;
    let id = chat.head.id;
    let admin = chat.standing(user).is_admin();
    let mut scopes = Vec::new();
    if chat.is_private() {
        scopes.push(format!("chat:{id}"));
        scopes.push("all_private_chats".to_owned());
    } else {
        scopes.push(format!("chat_member:{id}:{user}"));
        if admin {
            scopes.push(format!("chat_administrators:{id}"));
        }
        scopes.push(format!("chat:{id}"));
        if admin {
            scopes.push("all_chat_administrators".to_owned());
        }
        scopes.push("all_group_chats".to_owned());
    }
    scopes.push("default".to_owned());
    scopes.into_iter().find_map(|scope| {
        let commands = &state.bot.commands;
        let own = commands.get(&(scope.clone(), language.to_owned()));
        own.or_else(|| commands.get(&(scope, String::new())))
            .cloned()
    })
}
