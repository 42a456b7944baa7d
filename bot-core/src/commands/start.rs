//! `/start`: hello. A token behind it was taken by the authorise room before.

use vahta_texts::{Arg, escape_html};

use super::Cx;
use crate::flow::FlowError;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    if !cx.args.is_empty() {
        return cx.reply(&cx.t("token-bad", &[])).await;
    }
    let name = escape_html(&cx.actor.name);
    cx.reply(&cx.t("start", &[("name", Arg::from(name.as_str()))]))
        .await
}
