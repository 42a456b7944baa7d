//! `/unblock @gus`: lifts a block; refusals are counted from nothing again.

use vahta_texts::Arg;

use super::parse::Target;
use super::{Cx, show};
use crate::access::Blocking;
use crate::flow::FlowError;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let mut words: Vec<&str> = cx.args.split_whitespace().collect();
    let person = match cx.target(&mut words).await? {
        Target::Known(person) if words.is_empty() => person,
        Target::Name(_) | Target::Id(_) => return cx.reply(&cx.t("no-such-user", &[])).await,
        _ => return cx.usage("unblock").await,
    };
    let replies = |done: &Blocking| {
        let id = if done.changed {
            "unblocked"
        } else {
            "unblocked-before"
        };
        let text = cx.t(id, &[("person", Arg::from(show::person(&person)))]);
        vec![cx.outgoing(0, &text, None)]
    };
    let change = cx.app.access.unblock(person.id, &cx.by(), &replies).await;
    cx.finish(change).await?;
    Ok(())
}
