//! `POST users`, `GET users`: people.

use serde::Serialize;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::types::{Attachment, User};
use crate::world::attachments::{Kind, upload_as};

/// `{id?, first_name, last_name?, username?, language_code?, started?, deleted?, bot?}` and, as
/// multipart, a file `photo`: adds a person with a private chat, or changes one. With
/// `started: false` the bot may not write first; with `deleted: true` the account is gone. Answers
/// the `User`.
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
            "deleted",
            "bot",
        ],
    )?;
    let deleted = params.flag("deleted");
    // A deleted account has no name any more.
    let first_name = match deleted {
        true => params.owned("first_name").unwrap_or_default(),
        false => fields::text(&params, "first_name")?,
    };
    if !deleted && first_name.trim().is_empty() {
        return Err(ControlError::bad("`first_name` is empty"));
    }
    let given = fields::optional_id(&params, "id")?;
    let mut state = fields::world(&context, &params)?;
    let id = given.unwrap_or_else(|| state.free_user_id());
    if !(1..=fields::LARGEST_ID).contains(&id) || state.is_bot(id) {
        return Err(ControlError::bad(
            "`id` must be positive, of 52 bits, and not the bot's",
        ));
    }
    let user = User {
        id,
        is_bot: false,
        first_name,
        last_name: params.owned("last_name"),
        username: fields::username(&state, &params, id)?,
        language_code: params.owned("language_code"),
    };
    let started = !params.has("started") || params.flag("started");
    let user = state.add_person(user, started);
    if let Some(upload) = params.file("photo") {
        let photo = upload_as(&mut state, &params, Kind::Photo, upload)?;
        if let (Attachment::Photo(sizes), Some(person)) = (photo, state.people.get_mut(&id)) {
            person.photos.splice(0..0, sizes);
        }
    }
    if let Some(person) = state.people.get_mut(&id) {
        person.deleted = deleted;
    }
    shown(&user)
}

/// `?bot=`: everybody: `{"users":[{…User, "started", "blocked_bot"}]}`, by id.
pub(crate) async fn get(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["bot"])?;
    #[derive(Serialize)]
    struct Shown<'a> {
        #[serde(flatten)]
        user: &'a User,
        started: bool,
        blocked_bot: bool,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        deleted: bool,
    }
    #[derive(Serialize)]
    struct Users<'a> {
        users: Vec<Shown<'a>>,
    }
    let state = fields::world(&context, &params)?;
    let mut users: Vec<_> = state
        .people
        .values()
        .map(|person| Shown {
            user: &person.user,
            started: !state.bot.strangers.contains(&person.user.id),
            blocked_bot: state.bot.blocked_by.contains(&person.user.id),
            deleted: person.deleted,
        })
        .collect();
    users.sort_by_key(|shown| shown.user.id);
    shown(&Users { users })
}
