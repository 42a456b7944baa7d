//! `/task_12`: opens a task. From then on this message is kept true.

use std::sync::Arc;

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::outbox::Lane;
use vahta_plugin_sdk::transaction;

use crate::store::notes::NoteRows as _;
use crate::task::TaskId;
use crate::work::{Shown, Work};
use crate::{Tasks, reply};

pub(crate) async fn open(
    ctx: Ctx,
    bot: Bot,
    tasks: Arc<Tasks>,
    message: Message,
) -> Result<(), Error> {
    let view = tasks.view(&ctx);
    let number = ctx.args().split_whitespace().next().unwrap_or_default();
    if number.is_empty() {
        let text = view.text("usage-open", &[]);
        reply::text(&bot, &ctx, &message, text).await?;
        return Ok(());
    }
    // A number that is too long is no task's.
    let id = TaskId(number.parse().unwrap_or(0));
    let work = Work::new(&tasks, &ctx, "telegram");
    transaction!(ctx, |c, effects| {
        let whole = match work.seen(c, id).await? {
            Some(task) => c.whole(task.id).await?,
            None => None,
        };
        let Some(whole) = whole else {
            let text = view.gone(id);
            return effects
                .send(c, reply::text(&bot, &ctx, &message, text))
                .await;
        };
        let request = reply::screen(&bot, &ctx, &message, view.card(&whole));
        let key = effects.send_later(c, request, Lane::Reply, None).await?;
        let shown = Shown::here(&ctx, message.chat.id.0);
        work.remember(c, &mut effects, &whole.task, key, &shown)
            .await
    })
}
