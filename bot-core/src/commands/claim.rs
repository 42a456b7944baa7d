//! `/claim <code>` from somebody who is known, or with a code that cannot be one: a good code was
//! taken by the authorise room before.

use super::Cx;
use crate::flow::FlowError;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    if !cx.is_private() {
        return cx.reply(&cx.t("claim-in-private", &[])).await;
    }
    cx.reply(&cx.t("token-bad", &[])).await
}
