//! Presses: the answer goes out first where it is known, for a late one expires; then the work is
//! done.
//!
//! A press proves nothing: its data may be forged, its message old, the person's rights gone. All
//! of it is checked here again, and a message that was pressed in vain is brought up to date.

mod pass;
mod templates;

use std::sync::Arc;

use vahta_plugin_sdk::bot::Request;
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::{Micros, UserId, with_db};
use vahta_plugin_sdk::teloxide::payloads::AnswerCallbackQuery;
use vahta_plugin_sdk::transaction;

use crate::dialogs::{self, Asked};
use crate::press::{Look, On, Press};
use crate::repeat::Often;
use crate::state::{State, Way};
use crate::store::TaskRows as _;
use crate::store::lists::TaskLists as _;
use crate::store::notes::NoteRows as _;
use crate::store::templates::TemplateRows as _;
use crate::task::{Assignee, Edit, TaskId, Whole};
use crate::view::{Field, Screen};
use crate::work::{self, Prepared, Refused, Told, Work};
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
    let needed: &[&str] = match &press {
        Press::Set {
            state: State::Done, ..
        }
        | Press::Part { .. } => &[permission::VIEW, permission::COMPLETE],
        _ => &[permission::VIEW],
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
        Press::Set { task, state, on } => Box::pin(pressed.set(task, state, on)).await,
        Press::Part {
            task,
            position,
            done,
        } => Box::pin(pressed.part(task, position, done)).await,
        Press::List { page, look } => pressed.turn(page, look).await,
        Press::Show(task) => pressed.show(task, Part::Card).await,
        Press::Edit(task) => pressed.show(task, Part::Fields).await,
        Press::Say(task) => pressed.ask(task, Asked::Comment { task: task.0 }).await,
        Press::Field { task, field } => {
            pressed
                .ask(
                    task,
                    Asked::Field {
                        task: task.0,
                        field,
                    },
                )
                .await
        }
        Press::Put { task, field, value } => Box::pin(pressed.put(task, field, &value)).await,
        Press::Pass { task, position } => pressed.pass(task, position).await,
        Press::Give {
            task,
            position,
            user,
        } => Box::pin(pressed.give(task, position, user)).await,
        Press::Template { template, act } => Box::pin(pressed.template(template, act)).await,
    }
}

/// Which side of a task a message shows.
#[derive(Clone, Copy)]
enum Part {
    Card,
    Fields,
}

impl<'a> Pressed<'a> {
    fn work(&self) -> Work<'a> {
        let (chat, message) = self.message;
        Work {
            pressed: Some((chat.0, i64::from(message.0))),
            ..Work::new(self.tasks, self.ctx, "telegram")
        }
    }

    fn answer(&self) -> Request<AnswerCallbackQuery> {
        self.bot.answer_callback_query(self.query.id.clone())
    }

    /// Brings a task into the state that the button wants, and the message up to date.
    async fn set(&self, id: TaskId, state: State, on: On) -> Result<(), Error> {
        let view = self.tasks.view(self.ctx);
        let mut work = self.work();
        let Some(whole) = self.seen(&work, id).await? else {
            return Ok(());
        };
        let task = &whole.task;
        let answer = match task.state.way_to(state) {
            Way::There => self.answer().text(view.already(task)),
            // What happens now shows in the message.
            _ => self.answer(),
        };
        // The host has the answer before the work begins; nothing waits for Telegram. Only what may
        // still be refused is answered after it.
        let early = matches!(task.state.way_to(state), Way::There);
        let early = early.then(|| answered(answer));
        let (creator, assignee) = (task.created_by_user, task.assignee);
        let prepared = Prepared::of(self.ctx, task.template_id, creator, assignee, work.at).await?;
        let people = whole.parts.iter().map(|part| part.assignee);
        let people = people.chain(prepared.people()).chain([creator, assignee]);
        work.told = Told::of(self.ctx, people).await?;
        let done = transaction!(self.ctx, |c, effects| {
            let done = work.bring(c, &mut effects, id, state, &prepared).await?;
            let Some(whole) = c.whole(id).await? else {
                return Ok(done);
            };
            let screen = match on {
                On::Card => view.card(&whole),
                On::List { page, look } => {
                    let filter = look.filter(work.by.user, work.at);
                    let page = c
                        .page(work.sight, &filter, page, self.tasks.page_length)
                        .await?;
                    view.list_after(&page, &filter, work.sight, &whole.task)
                }
            };
            effects
                .send(c, reply::edit(self.bot, self.message, screen))
                .await?;
            Ok(done)
        })?;
        match early {
            Some(early) => early.await,
            None => self.tell(id, done.err()).await,
        }
        Ok(())
    }

    async fn part(&self, id: TaskId, position: i32, done: bool) -> Result<(), Error> {
        let mut work = self.work();
        work.told = Told::around(self.ctx, id).await?;
        let view = self.tasks.view(self.ctx);
        let marked = transaction!(self.ctx, |c, effects| {
            let marked = work.mark(c, &mut effects, id, position, done).await?;
            if let (true, Some(whole)) = (marked.is_ok(), c.whole(id).await?) {
                let screen = view.card(&whole);
                effects
                    .send(c, reply::edit(self.bot, self.message, screen))
                    .await?;
            }
            Ok(marked)
        })?;
        self.tell(id, marked.err()).await;
        Ok(())
    }

    /// Puts a value that a button carries into a field.
    async fn put(&self, id: TaskId, field: Field, value: &str) -> Result<(), Error> {
        let view = self.tasks.view(self.ctx);
        let edit = match value_of(self.ctx, id, field, value).await? {
            Some(edit) => edit,
            None => {
                answered(self.answer().text(view.bad_button()).show_alert(true)).await;
                return Ok(());
            }
        };
        let mut work = self.work();
        let assignee = edit.assignee.iter().flatten().map(|who| Some(who.user.0));
        work.told = Told::of(self.ctx, assignee).await?;
        let edited = transaction!(self.ctx, |c, effects| {
            let edited = work.edit(c, &mut effects, id, &edit).await?;
            if let (true, Some(whole)) = (edited.is_ok(), c.whole(id).await?) {
                let screen = view.edited(&whole);
                effects
                    .send(c, reply::edit(self.bot, self.message, screen))
                    .await?;
            }
            Ok(edited)
        })?;
        // A question that was open is answered.
        self.ctx.dialogue::<Asked>().exit().await?;
        self.tell(id, edited.err()).await;
        Ok(())
    }

    /// Shows a task where the button hangs.
    async fn show(&self, id: TaskId, part: Part) -> Result<(), Error> {
        let work = self.work();
        let Some(whole) = self.seen(&work, id).await? else {
            return Ok(());
        };
        let view = self.tasks.view(self.ctx);
        let screen = match part {
            Part::Card => view.card(&whole),
            Part::Fields => match work.may_edit(&whole.task) {
                Ok(()) => view.fields(&whole),
                Err(refused) => {
                    self.tell(id, Some(refused)).await;
                    return Ok(());
                }
            },
        };
        answered(self.answer()).await;
        self.replace(screen).await
    }

    /// Asks for a field or a comment: a button or the next message answers.
    async fn ask(&self, id: TaskId, asked: Asked) -> Result<(), Error> {
        let work = self.work();
        let Some(whole) = self.seen(&work, id).await? else {
            return Ok(());
        };
        let view = self.tasks.view(self.ctx);
        if let Asked::Field { field, .. } = asked {
            if let Err(refused) = work.may_edit(&whole.task) {
                self.tell(id, Some(refused)).await;
                return Ok(());
            }
            let people = match field {
                Field::Assignee => work::find(self.ctx, "").await?,
                _ => Vec::new(),
            };
            let db = self.ctx.db()?;
            let templates = with_db!(db, c => c.templates().await)?;
            answered(self.answer()).await;
            self.ctx.dialogue().set(&asked).await?;
            return self
                .replace(view.ask(&whole, field, &people, &templates))
                .await;
        }
        answered(self.answer()).await;
        self.ctx.dialogue().set(&asked).await?;
        let chat = self.message.0;
        let text = view.ask_comment(&whole.task);
        self.bot
            .send_message(chat, text)
            .parse_mode(ParseMode::Html)
            .await?;
        Ok(())
    }

    /// Shows another page of a list, or another list.
    async fn turn(&self, page: u32, look: Look) -> Result<(), Error> {
        let work = self.work();
        let filter = look.filter(work.by.user, work.at);
        let answer = answered(self.answer());
        let db = self.ctx.db()?;
        let page = with_db!(db, c => {
            c.page(work.sight, &filter, page, self.tasks.page_length).await
        })?;
        let screen = self.tasks.view(self.ctx).list(&page, &filter, work.sight);
        let replaced = self.replace(screen).await;
        answer.await;
        replaced
    }

    /// The task, if this person sees it; else the press is answered.
    async fn seen(&self, work: &Work<'_>, id: TaskId) -> Result<Option<Whole>, Error> {
        let db = self.ctx.db()?;
        let whole = with_db!(db, c => c.whole(id).await)?;
        let user = work.sight.own();
        let seen = whole.filter(|whole| {
            let has_part =
                user.is_some_and(|user| whole.parts.iter().any(|part| part.is_given_to(user)));
            work.sight.shows(&whole.task, has_part)
        });
        if seen.is_none() {
            self.tell(id, Some(Refused::Gone)).await;
        }
        Ok(seen)
    }

    /// Answers a press: with why it did nothing, or with nothing to say.
    async fn tell(&self, id: TaskId, refused: Option<Refused>) {
        let answer = match refused {
            Some(refused) => {
                let text = self.tasks.view(self.ctx).refused(id, &refused);
                self.answer().text(text).show_alert(true)
            }
            None => self.answer(),
        };
        answered(answer).await;
    }

    async fn replace(&self, screen: Screen) -> Result<(), Error> {
        match reply::edit(self.bot, self.message, screen).await {
            Err(Error::Call(error)) if !error.is_not_modified() => Err(error.into()),
            Err(Error::Call(_)) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// What a button's value means for a field; none when it is damaged, or names nobody.
async fn value_of(ctx: &Ctx, id: TaskId, field: Field, value: &str) -> Result<Option<Edit>, Error> {
    if value == "-" {
        return Ok(dialogs::cleared(field));
    }
    let edit = Edit::default();
    let number = value.parse::<i64>().ok();
    let db = ctx.db()?;
    Ok(match field {
        Field::Priority => crate::priority::Priority::from_word(value).map(|priority| Edit {
            priority: Some(priority),
            ..edit
        }),
        Field::Assignee => {
            let Some(user) = number else { return Ok(None) };
            let known = ctx.person(user).await?.filter(|known| !known.blocked);
            known.map(|known| Edit {
                assignee: Some(Some(Assignee {
                    user: UserId(user),
                    name: known.name,
                })),
                ..edit
            })
        }
        Field::Template => {
            let Some(id) = number else { return Ok(None) };
            let template = with_db!(db, c => c.template(id).await)?;
            template.map(|template| Edit {
                template: Some(Some(template.id)),
                ..edit
            })
        }
        Field::Repeat => {
            let task = with_db!(db, c => c.task(id).await)?;
            let zone = ctx.actor().and_then(|actor| actor.time_zone.as_deref());
            let now = ctx.now().to_zoned(work::zone(zone));
            let due = task.and_then(|task| task.due_at);
            let often = Often::from_name(value);
            often.map(|often| Edit {
                repeat: Some(often.from(due.map(Micros), &now)),
                ..edit
            })
        }
        Field::Title | Field::Due | Field::Labels => None,
    })
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
