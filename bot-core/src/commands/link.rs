//! `/link`, and the answer to a link from the web: one person in Telegram and on the web.
//!
//! Whoever sends `/start` with an account's token is asked by two buttons; the authorise room passes
//! their press on, for they may be a stranger. `/link` goes the other way: its link is opened by the
//! browser that is logged in to the account.

use serde_json::json;
use vahta_rows::UserId;
use vahta_texts::{Arg, escape_html};

use super::{Button, Cx, person_link};
use crate::access::Who;
use crate::accounts::linking::{LinkError, Linked, Refused};
use crate::accounts::links::LINK;
use crate::accounts::sessions::SessionError;
use crate::flow::FlowError;
use crate::outbound::Call;

pub(crate) const NAME: &str = "link";
/// What the two buttons carry: whose they are, the token says that the person has sent.
pub(crate) const ANSWERS: [&str; 2] = ["link:yes", "link:no"];

/// `/link` of somebody who has rights here: they need no other account.
pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    cx.reply(&cx.t("link-unneeded", &[])).await
}

/// The link for a stranger, as a secret of their private chat.
pub(crate) async fn offer(cx: &Cx, user: UserId) -> Result<(), FlowError> {
    let token = match cx.app.accounts.web_token(user).await {
        Ok(token) => token,
        Err(SessionError::Db(error)) => return Err(error.into()),
        Err(error) => {
            tracing::error!(%error, "no link could be made");
            return cx.reply(&cx.t("login-failed", &[])).await;
        }
    };
    let page = format!("{}/account/link", cx.app.config.web.public_url);
    let args = [
        ("link", Arg::from(format!("{page}#{}", token.expose()))),
        ("page", Arg::from(page.as_str())),
        ("code", Arg::from(token.expose())),
        ("minutes", Arg::from((LINK.as_secs() / 60).to_string())),
    ];
    let payload = json!({
        "chat_id": cx.actor.telegram_id,
        "text": cx.t("link-offer", &args),
        "parse_mode": "HTML",
        "link_preview_options": { "is_disabled": true },
        "protect_content": true,
    });
    cx.call(Call::reply("SendMessage", payload).secret()).await
}

/// "Link this chat to the account of Kim?"
pub(crate) async fn ask(cx: &Cx, account: UserId) -> Result<(), FlowError> {
    let name = match cx.app.access.find(&Who::User(account)).await? {
        Some(person) => escape_html(&person.label()),
        None => String::new(),
    };
    let [yes, no] = ANSWERS;
    let buttons = vec![vec![
        Button::new(cx.t("button-link-yes", &[]), yes),
        Button::new(cx.t("button-link-no", &[]), no),
    ]];
    cx.reply_with(&cx.t("link-ask", &[("name", Arg::from(name))]), buttons)
        .await
}

/// The press. False when this person has sent no token that could be used now.
pub(crate) async fn answer(cx: &Cx) -> Result<bool, FlowError> {
    let accounts = &cx.app.accounts;
    if cx.args == ANSWERS[1] {
        accounts.decline_link(cx.actor.telegram_id).await?;
        cx.answer("").await?;
        cx.edit(&cx.t("link-declined", &[]), Vec::new()).await?;
        return Ok(true);
    }
    let Some(sender) = &cx.incoming.sender else {
        return Ok(false);
    };
    let who = person_link(&cx.actor.name, sender.telegram_id);
    let tell = cx.t("link-told", &[("name", Arg::from(who))]);
    let replies = |_: &Linked| vec![cx.outgoing(0, &cx.t("link-done", &[]), None)];
    let (access, by) = (&cx.app.access, cx.by());
    let linked = accounts.link_telegram(access, sender, &tell, &by, &replies);
    let refused = match linked.await {
        Ok(change) => {
            cx.committed(change.rows);
            cx.app.notices.wake();
            cx.answer("").await?;
            cx.edit(&cx.t("link-confirmed", &[]), Vec::new()).await?;
            return Ok(true);
        }
        Err(LinkError::Db(error)) => return Err(error.into()),
        Err(LinkError::Refused(refused)) => refused,
    };
    match refused {
        Refused::HasPast => cx.edit(&cx.t("link-both", &[]), Vec::new()).await?,
        Refused::HasTelegram => cx.edit(&cx.t("link-has-telegram", &[]), Vec::new()).await?,
        _ if cx.actor.is_known() => cx.alert(&cx.t("token-bad", &[])).await?,
        _ => return Ok(false),
    }
    cx.answer("").await?;
    Ok(true)
}
