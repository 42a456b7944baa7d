//! Reading the control API's parameters; every refusal names the field.

use std::sync::Arc;
use std::time::Duration;

use super::ControlError;
use crate::params::Params;
use crate::server::Context;
use crate::types::User;
use crate::world::State;
use crate::world::bots::Acting;

/// The longest wait of any control call.
const LONGEST: Duration = Duration::from_secs(120);

/// Refuses misspelt fields, which would otherwise be ignored in silence.
pub(crate) fn only(params: &Params, known: &[&str]) -> Result<(), ControlError> {
    let stranger = params
        .fields
        .keys()
        .find(|name| !known.contains(&name.as_str()));
    match stranger {
        None => Ok(()),
        Some(name) => {
            let known = known.join(", ");
            let reason = format!("`{name}` is not a field of this call; it takes: {known}");
            Err(ControlError::bad(reason))
        }
    }
}

pub(crate) fn optional_id(params: &Params, field: &str) -> Result<Option<i64>, ControlError> {
    match (params.has(field), params.integer(field)) {
        (false, _) => Ok(None),
        (true, Some(id)) => Ok(Some(id)),
        (true, None) => Err(ControlError::bad(format!(
            "`{field}` must be a whole number"
        ))),
    }
}

pub(crate) fn id(params: &Params, field: &str) -> Result<i64, ControlError> {
    optional_id(params, field)?.ok_or_else(|| missing(field))
}

pub(crate) fn text(params: &Params, field: &str) -> Result<String, ControlError> {
    params.owned(field).ok_or_else(|| missing(field))
}

/// The largest id of a person, and with a minus of a chat: 52 bits, as at Telegram.
pub(crate) const LARGEST_ID: i64 = (1 << 52) - 1;

/// The farthest that a call may look ahead, in milliseconds: ten years.
pub(crate) const FARTHEST_MS: i64 = 10 * 366 * 86_400 * 1000;

/// Milliseconds, up to two minutes.
pub(crate) fn wait(params: &Params, usual: Duration) -> Result<Duration, ControlError> {
    let given = optional_id(params, "wait")?;
    let wait = given.map_or(usual, |ms| {
        Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    });
    Ok(wait.min(LONGEST))
}

/// A cursor: 0 where it is not given.
pub(crate) fn after(params: &Params) -> Result<u64, ControlError> {
    let given = optional_id(params, "after")?.unwrap_or(0);
    u64::try_from(given).map_err(|_| ControlError::bad("`after` must not be negative"))
}

/// Who `field` names: a person.
pub(crate) fn person(
    state: &State,
    params: &Params,
    field: &str,
) -> Result<Arc<User>, ControlError> {
    let id = id(params, field)?;
    match state.people.get(&id) {
        Some(person) => Ok(person.user.clone()),
        None => Err(ControlError::bad(format!(
            "`{field}`: there is no person {id}"
        ))),
    }
}

/// The chat that `chat` names.
pub(crate) fn chat(state: &State, params: &Params) -> Result<i64, ControlError> {
    let id = id(params, "chat")?;
    match state.chats.contains_key(&id) {
        true => Ok(id),
        false => Err(ControlError::bad(format!("`chat`: there is no chat {id}"))),
    }
}

/// The world with the bot acting that `bot` names; the first one if there is none.
pub(crate) fn world<'a>(context: &'a Context, params: &Params) -> Result<Acting<'a>, ControlError> {
    match optional_id(params, "bot")? {
        None => Ok(context.world.lock()),
        Some(id) => context.world.lock_as(id).ok_or_else(|| no_bot(id)),
    }
}

/// The `username` that somebody or some chat (`id`) gets, with or without its `@`: nobody else's.
pub(crate) fn username(
    state: &State,
    params: &Params,
    id: i64,
) -> Result<Option<String>, ControlError> {
    let Some(given) = params.owned("username") else {
        return Ok(None);
    };
    let name = given.strip_prefix('@').unwrap_or(&given);
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !begins || name.len() > 32 || !name.chars().all(fits) {
        let reason = "`username` must be 1 to 32 letters, digits and _, and begin with a letter";
        return Err(ControlError::bad(reason));
    }
    let is_it =
        |other: Option<&String>| other.is_some_and(|other| other.eq_ignore_ascii_case(name));
    let of_chat = state.chats.values().find(|chat| {
        chat.head.id != id && !chat.is_private() && is_it(chat.head.username.as_ref())
    });
    let people = state.people.values().map(|person| &person.user);
    let users = people.chain(state.bots().map(|bot| &bot.me));
    let mut others = users.filter(|user| user.id != id);
    if of_chat.is_some() || others.any(|user| is_it(user.username.as_ref())) {
        return Err(ControlError::bad(format!("`username`: @{name} is taken")));
    }
    Ok(Some(name.to_owned()))
}

pub(crate) fn no_bot(id: i64) -> ControlError {
    ControlError::bad(format!("`bot`: there is no bot {id}"))
}

/// A flag that must be given.
pub(crate) fn flag(params: &Params, field: &str) -> Result<bool, ControlError> {
    match params.has(field) {
        true => Ok(params.flag(field)),
        false => Err(missing(field)),
    }
}

fn missing(field: &str) -> ControlError {
    ControlError::bad(format!("`{field}` is missing"))
}
