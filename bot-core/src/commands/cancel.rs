//! `/cancel`: leaves the dialog that is open here.

use super::Cx;
use crate::flow::FlowError;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let Some(chat) = cx.chat() else { return Ok(()) };
    let was_open = cx.app.sessions.clear(chat, cx.actor.telegram_id).await?;
    let id = if was_open {
        "cancelled"
    } else {
        "nothing-to-cancel"
    };
    cx.reply(&cx.t(id, &[])).await
}
