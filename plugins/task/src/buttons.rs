//! Presses: the answer goes out first, for a late one expires; then the work is done.
//!
//! A press proves nothing: its data may be forged, its message old, the person's rights gone. All
//! of it is checked here again.

use std::sync::Arc;

use vahta_plugin_sdk::bot::Request;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::{Micros, with_db};
use vahta_plugin_sdk::teloxide::payloads::AnswerCallbackQuery;
use vahta_plugin_sdk::transaction;

use crate::press::{On, Press};
use crate::sight::Sight;
use crate::state::State;
use crate::store::TaskRows as _;
use crate::task::{Person, TaskId};
use crate::{Tasks, permission, reply};

/// One press, as far as it is the same for all buttons.
struct Pressed<'a> {
    ctx: &'a Ctx,
    bot: &'a Bot,
    tasks: &'a Tasks,
    query: &'a CallbackQuery,
    /// The message that the button hangs on.
    message: (ChatId, MessageId),
}

pub(crate) async fn pressed(
    ctx: Ctx,
    bot: Bot,
    tasks: Arc<Tasks>,
    query: CallbackQuery,
) -> Result<(), Error> {
    let view = tasks.view(&ctx);
    let alert = |text| {
        bot.answer_callback_query(query.id.clone())
            .text(text)
            .show_alert(true)
    };
    let press = Press::parse(ctx.data()).zip(query.message.as_ref());
    let Some((press, message)) = press else {
        answered(alert(view.bad_button())).await;
        return Ok(());
    };
    let needed: &[&str] = match press {
        Press::Set { .. } => &[permission::VIEW, permission::COMPLETE],
        Press::List { .. } => &[permission::VIEW],
    };
    if let Some(missing) = needed.iter().find(|key| !ctx.may(key)) {
        answered(alert(view.not_allowed(missing))).await;
        return Ok(());
    }
    let message = (message.chat().id, message.id());
    let pressed = Pressed {
        ctx: &ctx,
        bot: &bot,
        tasks: &tasks,
        query: &query,
        message,
    };
    match press {
        Press::Set { task, state, on } => pressed.set(task, state, on).await,
        Press::List { page } => pressed.turn(page).await,
    }
}

impl Pressed<'_> {
    /// Brings a task into the state that the button wants, and the message up to date.
    async fn set(&self, id: TaskId, state: State, on: On) -> Result<(), Error> {
        let Self { ctx, bot, .. } = *self;
        let (view, sight) = (self.tasks.view(ctx), Sight::of(ctx.actor(), ctx.chat()));
        let db = ctx.db()?;
        let task = with_db!(db, c => c.task(id).await)?;
        let answer = bot.answer_callback_query(self.query.id.clone());
        let answer = match task.filter(|task| sight.shows(task)) {
            None => {
                answered(answer.text(view.gone(id)).show_alert(true)).await;
                return Ok(());
            }
            Some(task) if task.state.step_to(state).is_none() => answer.text(view.already(&task)),
            // What happens now shows in the message.
            Some(_) => answer,
        };
        let (by, at) = (Person::of(ctx), Micros(ctx.now().as_microsecond()));
        // The host has the answer before the work begins; nothing waits for Telegram.
        let answer = answered(answer);
        transaction!(ctx, |c, effects| {
            let Some(moved) = c.move_to(id, state, &by, at).await? else {
                return Ok(());
            };
            if let Some(step) = moved.step {
                let event = moved.task.event(step.topic(), &by);
                effects.event(c, &event).await?;
                effects
                    .audit(c, step.topic(), &event.object, event.payload.clone())
                    .await?;
            }
            let screen = match on {
                On::Card => view.card(&moved.task),
                On::List { page } => {
                    let page = c.page(sight, page, self.tasks.page_length).await?;
                    view.list_after(&page, sight, &moved.task)
                }
            };
            effects
                .send(c, reply::edit(bot, self.message, screen))
                .await
        })?;
        answer.await;
        Ok(())
    }

    /// Shows another page of the list.
    async fn turn(&self, page: u32) -> Result<(), Error> {
        let Self { ctx, bot, .. } = *self;
        let (view, sight) = (self.tasks.view(ctx), Sight::of(ctx.actor(), ctx.chat()));
        let answer = answered(bot.answer_callback_query(self.query.id.clone()));
        let db = ctx.db()?;
        let page = with_db!(db, c => c.page(sight, page, self.tasks.page_length).await)?;
        let edited = reply::edit(bot, self.message, view.list(&page, sight)).await;
        answer.await;
        match edited {
            Err(Error::Call(error)) if !error.is_not_modified() => Err(error.into()),
            Err(Error::Call(_)) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Sends an answer now. What becomes of it, the future tells, and it is never an error: a query
/// that expired meanwhile must not keep the work from being done.
fn answered(request: Request<AnswerCallbackQuery>) -> impl Future<Output = ()> + Send {
    let sent = request.into_future();
    async move {
        if let Err(error) = sent.await {
            tracing::debug!(%error, "a press could not be answered");
        }
    }
}
