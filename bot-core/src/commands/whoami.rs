//! `/whoami`: how the bot sees the person who asks.

use vahta_texts::escape_html;

use super::{Cx, show};
use crate::flow::FlowError;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let actor = &cx.actor;
    let username = match &actor.username {
        Some(username) => format!("@{}", escape_html(username)),
        None => "—".to_string(),
    };
    let snapshot = cx.app.access.snapshot();
    let known = actor.user.and_then(|id| snapshot.user(id));
    let roles = known
        .map(|known| cx.grants(&known.grants))
        .unwrap_or_default();
    let keys: Vec<String> = actor.keys.names().map(escape_html).collect();
    let keys = if actor.keys.is_everything() {
        cx.t("every-key", &[])
    } else {
        keys.join(", ")
    };
    let id = actor.telegram_id.to_string();
    let text = cx.t(
        "whoami",
        &[
            (
                "name",
                show::person_link(&actor.name, actor.telegram_id).into(),
            ),
            ("username", username.into()),
            ("id", id.into()),
            ("language", escape_html(&actor.language).into()),
            ("zone", escape_html(&actor.time_zone).into()),
            ("roles", roles.into()),
            ("keys", keys.into()),
        ],
    );
    cx.reply(&text).await
}
