//! `/login`: a one-time link to the web site.
//!
//! The link is a secret, so it is sent directly to the private chat and rests nowhere. Its token
//! stands behind the `#`: browsers keep that part for themselves, so no server log holds it.

use serde_json::json;
use vahta_texts::Arg;

use super::Cx;
use crate::accounts::links;
use crate::flow::FlowError;
use crate::outbound::Call;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    // Whoever has no grant at all was refused before.
    let Some(user) = cx.actor.user.filter(|_| cx.actor.is_known()) else {
        return cx.reply(&cx.t("login-nobody", &[])).await;
    };
    let token = match cx.app.accounts.login_link(user).await {
        Ok(token) => token,
        Err(crate::accounts::sessions::SessionError::Db(error)) => return Err(error.into()),
        Err(error) => {
            tracing::error!(%error, "no login link could be made");
            return cx.reply(&cx.t("login-failed", &[])).await;
        }
    };
    let base = &cx.app.config.web.public_url;
    let text = cx.t(
        "login",
        &[
            (
                "link",
                Arg::from(format!("{base}/login#{}", token.expose())),
            ),
            ("page", Arg::from(format!("{base}/login"))),
            ("code", Arg::from(token.expose())),
            (
                "minutes",
                Arg::from((links::LINK.as_secs() / 60).to_string()),
            ),
        ],
    );
    let payload = json!({
        "chat_id": cx.actor.telegram_id,
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": { "is_disabled": true },
        // Nobody passes it on by mistake.
        "protect_content": true,
    });
    cx.call(Call::reply("SendMessage", payload).secret())
        .await?;
    if cx.is_private() {
        Ok(())
    } else {
        cx.reply(&cx.t("login-in-private", &[])).await
    }
}
