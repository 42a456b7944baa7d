//! `/task Replace disk @bob tomorrow 17:00 !high #infra %template`: creates a task at once and
//! answers with its card. Alone it asks what is to be done, and shows a draft to complete.

use std::sync::Arc;

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::{self, Micros, with_db};
use vahta_plugin_sdk::transaction;

use crate::dialogs::{Asked, Whom, whom};
use crate::press::Press;
use crate::quick::Quick;
use crate::state::State;
use crate::store::notes::NoteRows as _;
use crate::store::templates::TemplateRows as _;
use crate::task::{Assignee, NewTask};
use crate::view::Screen;
use crate::work::{self, Prepared, Shown, Told, Work};
use crate::{Tasks, reply};

pub(crate) async fn task(
    ctx: Ctx,
    bot: Bot,
    tasks: Arc<Tasks>,
    message: Message,
) -> Result<(), Error> {
    let line = ctx.args().to_owned();
    if line.is_empty() {
        ctx.dialogue().set(&Asked::Draft).await?;
        let text = tasks.view(&ctx).text("ask-task", &[]);
        reply::text(&bot, &ctx, &message, text).await?;
        return Ok(());
    }
    Box::pin(create(&ctx, &bot, &tasks, &message, &line, false)).await?;
    Ok(())
}

/// What was asked for by a bare `/task`: a draft, with buttons for everything else.
pub(crate) async fn draft(
    ctx: &Ctx,
    bot: &Bot,
    tasks: &Tasks,
    message: &Message,
    line: &str,
) -> Result<(), Error> {
    if Box::pin(create(ctx, bot, tasks, message, line, true)).await? {
        ctx.dialogue::<Asked>().exit().await?;
    }
    Ok(())
}

/// False when the line was wrong: that was said, and nothing was created.
async fn create(
    ctx: &Ctx,
    bot: &Bot,
    tasks: &Tasks,
    message: &Message,
    line: &str,
    as_draft: bool,
) -> Result<bool, Error> {
    let view = tasks.view(ctx);
    let mut work = Work::new(tasks, ctx, "telegram");
    let read = match read(ctx, tasks, line).await? {
        Ok(read) => read,
        Err(text) => {
            reply::text(bot, ctx, message, text).await?;
            return Ok(false);
        }
    };
    let asks_who = !read.several.is_empty();
    let state = match as_draft || asks_who {
        true => State::Draft,
        false => work.first_state(),
    };
    let new = NewTask {
        state,
        message: Some(i64::from(message.id.0)),
        ..read.task(rows::ChatId(message.chat.id.0), &work)
    };
    let (creator, assignee) = (
        work.by.user.map(|user| user.0),
        read.assignee.as_ref().map(|who| who.user.0),
    );
    let prepared = match state {
        State::Open => Prepared::of(ctx, read.template, creator, assignee, work.at).await?,
        _ => Prepared::default(),
    };
    work.told = Told::of(ctx, prepared.people().chain([assignee])).await?;
    transaction!(ctx, |c, effects| {
        let created = work.create(c, &mut effects, &new, &prepared).await?;
        let Some(whole) = c.whole(created.id).await? else {
            return Ok(());
        };
        // Run again after a crash, this finds the answer under its key as well.
        let screen = match (asks_who, state) {
            (true, _) => {
                let name = read.name.as_deref().unwrap_or_default();
                view.which(whole.task.id, name, &read.several)
            }
            (false, State::Draft) => view.fields_of_draft(&whole),
            _ => view.card(&whole),
        };
        let request = reply::screen(bot, ctx, message, screen);
        let lane = vahta_plugin_sdk::rows::outbox::Lane::Reply;
        let key = effects.send_later(c, request, lane, None).await?;
        let shown = Shown::here(ctx, message.chat.id.0);
        work.remember(c, &mut effects, &whole.task, key, &shown)
            .await
    })?;
    Ok(true)
}

/// A line that was read, with who and what it names looked up.
pub(crate) struct Read {
    quick: Quick,
    title: crate::title::Title,
    pub(crate) assignee: Option<Assignee>,
    pub(crate) template: Option<i64>,
    /// How somebody was called, and who may be meant, when that is not clear.
    name: Option<String>,
    several: Vec<vahta_plugin_sdk::people::Person>,
}

impl Read {
    pub(crate) fn is_ambiguous(&self) -> bool {
        !self.several.is_empty()
    }

    /// Who may be meant. HTML.
    pub(crate) fn ambiguity(&self, view: &crate::view::View<'_>) -> String {
        view.ambiguous(self.name.as_deref().unwrap_or_default(), &self.several)
    }

    pub(crate) fn task(&self, chat: rows::ChatId, work: &Work<'_>) -> NewTask {
        NewTask {
            priority: self.quick.priority.unwrap_or_default(),
            assignee: self.assignee.clone(),
            due_at: self.quick.due,
            labels: self.quick.labels.clone(),
            template: self.template,
            repeat: self.quick.repeat.clone(),
            ..NewTask::open(self.title.clone(), chat, work.by.clone(), work.at)
        }
    }
}

/// Reads a line; the error is what to say instead, as HTML.
pub(crate) async fn read(
    ctx: &Ctx,
    tasks: &Tasks,
    line: &str,
) -> Result<Result<Read, String>, Error> {
    let view = tasks.view(ctx);
    let zone = ctx.actor().and_then(|actor| actor.time_zone.as_deref());
    let now = ctx.now().to_zoned(work::zone(zone));
    let checked = Quick::parse(line, &now).and_then(|quick| Ok((quick.title()?, quick)));
    let (title, quick) = match checked {
        Ok(read) => read,
        Err(fault) => return Ok(Err(view.quick_fault(&fault))),
    };
    if quick
        .due
        .is_some_and(|due| due <= Micros(ctx.now().as_microsecond()))
    {
        let fault = view.time_fault(vahta_when::Reason::Past, line, "tomorrow 17:00");
        return Ok(Err(fault));
    }
    let template = match &quick.template {
        Some(name) => {
            let db = ctx.db()?;
            match with_db!(db, c => c.template_named(name).await)? {
                Some(template) => Some(template.id),
                None => return Ok(Err(super::templates::unknown(&view, name))),
            }
        }
        None => None,
    };
    let (mut assignee, mut several) = (None, Vec::new());
    if let Some(name) = &quick.person {
        match whom(ctx, name).await? {
            Whom::One(who) => assignee = Some(who),
            Whom::Several(people) => several = people,
            Whom::Nobody => return Ok(Err(view.nobody(name))),
        }
    }
    Ok(Ok(Read {
        name: quick.person.clone(),
        quick,
        title,
        assignee,
        template,
        several,
    }))
}

impl crate::view::View<'_> {
    /// A draft, as a dialog goes on with it: every field has its button, and [Create] is among them.
    fn fields_of_draft(&self, whole: &crate::task::Whole) -> Screen {
        let id = whole.task.id;
        let mut screen = self.fields(whole);
        let create = Press::Set {
            task: id,
            state: State::Open,
            on: crate::press::On::Card,
        };
        let create = InlineKeyboardButton::callback(self.text("button-create", &[]), create.data());
        let rows = &mut screen.keyboard.inline_keyboard;
        rows.insert(0, vec![create]);
        screen
    }
}
