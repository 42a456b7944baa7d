//! `POST joins`, `GET joins`: by an invite link, or by asking.

use serde_json::json;

use super::{ControlError, Outcome, fields, shown};
use crate::params::Params;
use crate::server::Context;

/// `{user, link}` follows an invite link; `{user, chat}` asks to join (bots that may invite get
/// `chat_join_request`); `{user, chat, let_in, by?}` answers who asked, by the owner if not by
/// somebody else. Answers `{"joined"}`: whether the person is in.
pub(crate) async fn post(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["user", "chat", "link", "let_in", "by"])?;
    let mut state = context.world.lock();
    let user = fields::person(&state, &params, "user")?;
    if let Some(link) = params.owned("link") {
        let joined = state.follow_link(&link, &user);
        let joined = joined.map_err(|reason| ControlError::bad(format!("`link`: {reason}")))?;
        return shown(&json!({"joined": joined}));
    }
    let chat = fields::chat(&state, &params)?;
    if params.has("let_in") {
        let let_in = params.flag("let_in");
        let by = match fields::optional_id(&params, "by")? {
            Some(_) => fields::person(&state, &params, "by")?,
            None => state.owner(chat).unwrap_or_else(|| state.bot.me.clone()),
        };
        let may = state.chats.get(&chat).is_some_and(|chat| {
            let standing = chat.standing(by.id);
            standing.may(|rights| rights.can_invite_users)
        });
        if !may {
            return Err(ControlError::bad("`by` may not let people in"));
        }
        if !state.settle_request(chat, &user, &by, let_in) {
            return Err(ControlError::bad("`user` has not asked to join"));
        }
        return shown(&json!({"joined": let_in}));
    }
    if !state.ask_to_join(chat, &user, None) {
        let reason = "`user` is a member, or has asked already";
        return Err(ControlError::bad(reason));
    }
    shown(&json!({"joined": false}))
}

/// `?chat=`: `{"requests":[user ids],"links":[ChatInviteLink]}`.
pub(crate) async fn get(context: Context, params: Params) -> Outcome {
    fields::only(&params, &["chat"])?;
    let state = context.world.lock();
    let id = fields::chat(&state, &params)?;
    let Some(chat) = state.chats.get(&id) else {
        return Err(ControlError::bad("`chat`: there is no such chat"));
    };
    let links = chat.invites.links.values();
    let links: Vec<_> = links.map(|link| state.show_link(link)).collect();
    let requests: Vec<_> = chat.invites.requests.keys().collect();
    shown(&json!({"requests": requests, "links": links}))
}
