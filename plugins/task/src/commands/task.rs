//! `/task <title>`: creates a task and answers with its card.

use std::sync::Arc;

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::Micros;
use vahta_plugin_sdk::{rows, transaction};

use crate::store::TaskRows as _;
use crate::task::{NewTask, Person};
use crate::title::Title;
use crate::{Tasks, reply};

pub(crate) async fn task(
    ctx: Ctx,
    bot: Bot,
    tasks: Arc<Tasks>,
    message: Message,
) -> Result<(), Error> {
    let view = tasks.view(&ctx);
    let title = match Title::parse(ctx.args()) {
        Ok(title) => title,
        Err(fault) => {
            reply::text(&bot, &ctx, &message, view.title_fault(fault)).await?;
            return Ok(());
        }
    };
    let new = NewTask {
        title,
        chat: rows::ChatId(message.chat.id.0),
        message: Some(i64::from(message.id.0)),
        by: Person::of(&ctx),
        at: Micros(ctx.now().as_microsecond()),
    };
    transaction!(ctx, |c, effects| {
        let created = c.create(&new).await?;
        if created.is_new {
            effects
                .event(c, &created.task.event("task.created", &new.by))
                .await?;
        }
        // Run again after a crash, this finds the answer under its key as well.
        let card = view.card(&created.task);
        effects
            .send(c, reply::screen(&bot, &ctx, &message, card))
            .await?;
        Ok(())
    })
}
