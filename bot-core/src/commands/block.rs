//! `/block @gus [reason]`: complete silence for somebody.

use vahta_texts::Arg;

use super::parse::Target;
use super::{Cx, show};
use crate::access::Blocking;
use crate::flow::FlowError;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let mut words: Vec<&str> = cx.args.split_whitespace().collect();
    let person = match cx.target(&mut words).await? {
        Target::Known(person) => person,
        Target::Id(id) => cx.app.access.ensure(id).await?,
        Target::Name(_) => return cx.reply(&cx.t("no-such-user", &[])).await,
        Target::Nobody => return cx.usage("block").await,
    };
    let reason = words.join(" ");
    let replies = |done: &Blocking| {
        let id = if done.changed {
            "blocked"
        } else {
            "blocked-before"
        };
        let text = cx.t(id, &[("person", Arg::from(show::person(&person)))]);
        vec![cx.outgoing(0, &text, None)]
    };
    let change = cx
        .app
        .access
        .block(person.id, &reason, &cx.by(), &replies)
        .await;
    cx.finish(change).await?;
    Ok(())
}
