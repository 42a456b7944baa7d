//! `POST users`, `GET users`: people.

use serde::Serialize;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::types::User;

/// `{id?, first_name, last_name?, username?, language_code?, started?}` adds a person with a
/// private chat, or changes one. With `started: false` the bot may not write first. Answers the
/// `User`.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(
        &params,
        &[
            "id",
            "first_name",
            "last_name",
            "username",
            "language_code",
            "started",
        ],
    )?;
    let first_name = fields::text(&params, "first_name")?;
    if first_name.trim().is_empty() {
        return Err(ControlError::bad("`first_name` is empty"));
    }
    let given = fields::optional_id(&params, "id")?;
    let mut state = context.world.lock();
    let id = given.unwrap_or_else(|| state.free_user_id());
    if !(1..=fields::LARGEST_ID).contains(&id) || id == state.bot.me.id {
        return Err(ControlError::bad(
            "`id` must be positive, of 52 bits, and not the bot's",
        ));
    }
    let user = User {
        id,
        is_bot: false,
        first_name,
        last_name: params.owned("last_name"),
        username: params
            .owned("username")
            .map(|name| name.trim_start_matches('@').to_owned()),
        language_code: params.owned("language_code"),
    };
    let started = !params.has("started") || params.flag("started");
    shown(&state.add_person(user, started))
}

/// Everybody: `{"users":[{…User, "started", "blocked_bot"}]}`, by id.
pub(crate) async fn get(context: Context, _: Params) -> Outcome {
    #[derive(Serialize)]
    struct Shown<'a> {
        #[serde(flatten)]
        user: &'a User,
        started: bool,
        blocked_bot: bool,
    }
    #[derive(Serialize)]
    struct Users<'a> {
        users: Vec<Shown<'a>>,
    }
    let state = context.world.lock();
    let mut users: Vec<_> = state
        .people
        .values()
        .map(|person| Shown {
            user: &person.user,
            started: person.started,
            blocked_bot: person.blocked_bot,
        })
        .collect();
    users.sort_by_key(|shown| shown.user.id);
    shown(&Users { users })
}
