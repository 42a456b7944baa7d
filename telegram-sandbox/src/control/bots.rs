//! `POST bots`, `GET bots`: several bots in one world.

use std::sync::Arc;

use serde_json::json;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;
use crate::types::User;
use crate::world::bot::Bot;

/// `{token, first_name?, username?, privacy?, inline?}` adds a bot whose id is the digits before
/// the token's colon; everybody gets a private chat with it. The token of a bot that is there
/// changes that one. With `privacy: true` it hears only what is meant for it in groups; with
/// `inline: false` nobody can ask it from other chats. Answers as in `GET bots`.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(
        &params,
        &["token", "first_name", "username", "privacy", "inline"],
    )?;
    let token = fields::text(&params, "token")?;
    let id = token.split_once(':').and_then(|(id, _)| id.parse().ok());
    let id: i64 = id
        .filter(|id| (1..=fields::LARGEST_ID).contains(id))
        .ok_or_else(|| ControlError::bad("`token` must begin with the bot's id and a colon"))?;
    let known = context.world.bot_of(&token).is_some();
    {
        let mut state = context.world.lock();
        let username = fields::username(&state, &params, id)?;
        if !known {
            if state.is_bot(id) || state.people.contains_key(&id) {
                let reason = format!("`token`: the id {id} is taken");
                return Err(ControlError::bad(reason));
            }
            let username = format!("sandbox_{id}_bot");
            state.add_bot(Bot::named(id, &format!("Bot {id}"), &username));
        }
        let Some(bot) = state.bot_by_id_mut(id) else {
            return Err(ControlError::bad("`token`: there is no such bot"));
        };
        let mut me = User::clone(&bot.me);
        if let Some(name) = params.owned("first_name") {
            me.first_name = name;
        }
        if username.is_some() {
            me.username = username;
        }
        bot.me = Arc::new(me);
        if params.has("privacy") {
            bot.privacy = params.flag("privacy");
        }
        if params.has("inline") {
            bot.inline = params.flag("inline");
        }
    }
    if !known {
        context.world.add_token(token, id);
    }
    let state = context.world.lock();
    let bot = state.bot_by_id(id);
    shown(&bot.map(show))
}

/// `{"bots":[{…User, privacy, inline, webhook?, pending_updates}]}`, the first one first.
pub(crate) async fn get(context: Context, _: Params) -> Outcome {
    let state = context.world.lock();
    let bots: Vec<_> = state.bots().map(show).collect();
    shown(&json!({"bots": bots}))
}

fn show(bot: &Bot) -> serde_json::Value {
    let mut shown = json!(bot.me);
    shown["privacy"] = json!(bot.privacy);
    shown["inline"] = json!(bot.inline);
    shown["pending_updates"] = json!(bot.queue.len());
    if let Some(webhook) = &bot.webhook {
        shown["webhook"] = json!(webhook.url);
    }
    shown
}
