//! `/invite [role] [time]`: a one-use link that gives a role.
//!
//! The link is a secret, so it is sent directly and never rests in the outbox: after a crash the
//! command makes another one, and the first, which nobody saw, expires.

use std::time::Duration;

use serde_json::json;
use vahta_texts::{Arg, escape_html};

use super::parse::duration;
use super::{Button, Cx, markup};
use crate::access::{Invited, Reach};
use crate::access::{claim, keys, no_replies};
use crate::flow::FlowError;
use crate::outbound::Call;

const LIFETIME: Duration = Duration::from_secs(24 * 3600);

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let (mut role, mut lifetime) = (None, None);
    for word in cx.args.split_whitespace() {
        if let (Some(time), None) = (duration(word), lifetime) {
            lifetime = Some(time);
        } else if role.is_none() {
            role = Some(word.to_lowercase());
        } else {
            return cx.usage("invite").await;
        }
    }
    let role = role.as_deref().unwrap_or(keys::OPERATOR);
    let lifetime = lifetime.unwrap_or(LIFETIME);
    let change = cx
        .app
        .access
        .invite(role, Reach::Everywhere, lifetime, &cx.by(), &no_replies)
        .await;
    let Some(invited) = cx.finish(change).await? else {
        return Ok(());
    };
    send(&cx, &invited).await?;
    if cx.is_private() {
        Ok(())
    } else {
        cx.reply(&cx.t("invite-in-private", &[])).await
    }
}

/// To the private chat, wherever it was asked for: in a group anybody could take it.
async fn send(cx: &Cx, invited: &Invited) -> Result<(), FlowError> {
    let link = invited.token.link(&cx.app.me.username);
    let qr = claim::qr(&link).unwrap_or_default();
    let text = cx.t(
        "invite",
        &[
            ("role", Arg::from(escape_html(&invited.role))),
            ("when", Arg::from(cx.when(invited.expires_at))),
            ("link", Arg::from(link)),
            ("qr", Arg::from(qr)),
        ],
    );
    let caption = cx.t("button-uninvite", &[]);
    let button = Button::new(caption, format!("uninvite:{}", invited.token.hash()));
    let payload = json!({
        "chat_id": cx.actor.telegram_id,
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": { "is_disabled": true },
        "reply_markup": markup(&[vec![button]]),
    });
    cx.call(Call::reply("SendMessage", payload).secret()).await
}

/// The button under an invite.
pub(super) async fn withdraw(cx: Cx) -> Result<(), FlowError> {
    let hash = cx.args.clone();
    let change = cx
        .app
        .access
        .withdraw_invite(&hash, &cx.by(), &no_replies)
        .await;
    if cx.finish(change).await?.is_some() {
        cx.answer("").await?;
        cx.edit(&cx.t("invite-withdrawn", &[]), Vec::new()).await?;
    }
    Ok(())
}
