//! Answers to what a button asked, or to a bare `/task`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::{Micros, UserId, with_db};
use vahta_plugin_sdk::transaction;

use crate::quick::{self, Quick, QuickError};
use crate::repeat::Repeat;
use crate::store::notes::NoteRows as _;
use crate::store::templates::TemplateRows as _;
use crate::task::{Assignee, Edit, TaskId};
use crate::title::Title;
use crate::view::Field;
use crate::work::{self, Shown, Told, Work};
use crate::{Tasks, commands, reply};

/// What the next message answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asked {
    /// What is to be done, for a draft.
    Draft,
    Field {
        task: i64,
        field: Field,
    },
    Comment {
        task: i64,
    },
    /// Who gets it; position 0 is the task as a whole.
    Pass {
        task: i64,
        position: i32,
    },
    /// A name and steps, for a new template.
    NewTemplate,
    /// The steps of one that is there.
    Steps {
        template: i64,
    },
}

pub(crate) async fn answered(
    ctx: Ctx,
    bot: Bot,
    tasks: Arc<Tasks>,
    message: Message,
) -> Result<(), Error> {
    let dialogue = ctx.dialogue::<Asked>();
    let asked = match dialogue.get().await {
        Ok(Some(asked)) => asked,
        Ok(None) => return Ok(()),
        // Another version asked something that this one does not know; it ends by itself.
        Err(Error::Json(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let answer = message.text().unwrap_or_default().trim().to_owned();
    match asked {
        Asked::Draft => commands::task::draft(&ctx, &bot, &tasks, &message, &answer).await,
        Asked::Comment { task } => {
            comment(&ctx, &bot, &tasks, &message, TaskId(task), &answer).await
        }
        Asked::Pass { task, position } => {
            let id = TaskId(task);
            Box::pin(passed_on(
                &ctx, &bot, &tasks, &message, id, position, &answer,
            ))
            .await
        }
        Asked::NewTemplate => {
            commands::templates::written(&ctx, &bot, &tasks, &message, None, &answer).await
        }
        Asked::Steps { template } => {
            let of = Some(template);
            commands::templates::written(&ctx, &bot, &tasks, &message, of, &answer).await
        }
        Asked::Field { task, field } => {
            let id = TaskId(task);
            Box::pin(field_answered(
                &ctx, &bot, &tasks, &message, id, field, &answer,
            ))
            .await
        }
    }
}

async fn comment(
    ctx: &Ctx,
    bot: &Bot,
    tasks: &Tasks,
    message: &Message,
    id: TaskId,
    text: &str,
) -> Result<(), Error> {
    let view = tasks.view(ctx);
    let mut work = Work::new(tasks, ctx, "telegram");
    work.told = Told::around(ctx, id).await?;
    let source = format!("{}:{}", message.chat.id, message.id);
    let said = transaction!(ctx, |c, effects| {
        let said = work.say(c, &mut effects, id, text, &source).await?;
        let text = match &said {
            Ok(task) => view.text("comment-added", args!["number" => task.id.to_string()]),
            Err(refused) => view.refused(id, refused),
        };
        effects
            .send(c, reply::text(bot, ctx, message, text))
            .await?;
        Ok(said)
    })?;
    // A comment that was too long is asked for again: the dialog stays open.
    if said.is_ok() {
        ctx.dialogue::<Asked>().exit().await?;
    }
    Ok(())
}

/// A typed name, when somebody hands over.
async fn passed_on(
    ctx: &Ctx,
    bot: &Bot,
    tasks: &Tasks,
    message: &Message,
    id: TaskId,
    position: i32,
    answer: &str,
) -> Result<(), Error> {
    let view = tasks.view(ctx);
    let name = answer.trim_start_matches('@');
    let to = match whom(ctx, name).await? {
        Whom::One(to) => to,
        Whom::Several(people) => {
            let screen = view.which_gets(id, position, name, &people);
            reply::screen(bot, ctx, message, screen).await?;
            return Ok(());
        }
        Whom::Nobody => {
            reply::text(bot, ctx, message, view.nobody(name)).await?;
            return Ok(());
        }
    };
    let mut work = Work::new(tasks, ctx, "telegram");
    work.told = Told::of(ctx, [Some(to.user.0)]).await?;
    transaction!(ctx, |c, effects| {
        let given = work.pass_on(c, &mut effects, id, position, &to).await?;
        if let Err(refused) = given {
            let text = view.refused(id, &refused);
            return effects.send(c, reply::text(bot, ctx, message, text)).await;
        }
        let Some(whole) = c.whole(id).await? else {
            return Ok(());
        };
        let request = reply::screen(bot, ctx, message, view.card(&whole));
        let lane = vahta_plugin_sdk::rows::outbox::Lane::Reply;
        let key = effects.send_later(c, request, lane, None).await?;
        let shown = Shown::here(ctx, message.chat.id.0);
        work.remember(c, &mut effects, &whole.task, key, &shown)
            .await
    })?;
    ctx.dialogue::<Asked>().exit().await
}

/// Reads a typed answer; what is wrong with it is said, and asked again.
async fn field_answered(
    ctx: &Ctx,
    bot: &Bot,
    tasks: &Tasks,
    message: &Message,
    id: TaskId,
    field: Field,
    answer: &str,
) -> Result<(), Error> {
    let view = tasks.view(ctx);
    let edit = match read(ctx, tasks, id, field, answer).await? {
        Ok(edit) => edit,
        Err(screen) => {
            reply::screen(bot, ctx, message, screen).await?;
            return Ok(());
        }
    };
    let mut work = Work::new(tasks, ctx, "telegram");
    let assignee = edit.assignee.iter().flatten().map(|who| Some(who.user.0));
    work.told = Told::of(ctx, assignee).await?;
    transaction!(ctx, |c, effects| {
        let edited = work.edit(c, &mut effects, id, &edit).await?;
        let Err(refused) = edited else {
            if let Some(whole) = c.whole(id).await? {
                let request = reply::screen(bot, ctx, message, view.edited(&whole));
                let lane = vahta_plugin_sdk::rows::outbox::Lane::Reply;
                let key = effects.send_later(c, request, lane, None).await?;
                let shown = Shown::here(ctx, message.chat.id.0);
                work.remember(c, &mut effects, &whole.task, key, &shown)
                    .await?;
            }
            return Ok(());
        };
        let text = view.refused(id, &refused);
        effects.send(c, reply::text(bot, ctx, message, text)).await
    })?;
    ctx.dialogue::<Asked>().exit().await
}

/// A typed value; the error is what to show instead.
pub(crate) async fn read(
    ctx: &Ctx,
    tasks: &Tasks,
    id: TaskId,
    field: Field,
    answer: &str,
) -> Result<Result<Edit, crate::view::Screen>, Error> {
    use crate::view::Screen;
    let view = tasks.view(ctx);
    let edit = Edit::default();
    let plain = |text: String| Ok(Err(Screen::plain(text)));
    Ok(Ok(match field {
        Field::Title => match Title::parse(answer) {
            Ok(title) => Edit {
                title: Some(title),
                ..edit
            },
            Err(fault) => return plain(view.title_fault(fault)),
        },
        Field::Due => match when(ctx, answer) {
            // A series is due at its first time; one time leaves what was set about the series.
            Ok((due, repeat)) => Edit {
                due_at: Some(Some(due)),
                repeat: repeat.map(Some),
                ..edit
            },
            Err(fault) => return plain(view.quick_fault(&fault)),
        },
        Field::Repeat => match when(ctx, answer) {
            Ok((due, Some(repeat))) => Edit {
                due_at: Some(Some(due)),
                repeat: Some(Some(repeat)),
                ..edit
            },
            Ok((_, None)) => return plain(view.quick_fault(&QuickError::Once(answer.to_owned()))),
            Err(fault) => return plain(view.quick_fault(&fault)),
        },
        Field::Priority => {
            match crate::priority::Priority::from_word(answer.trim_start_matches('!')) {
                Some(priority) => Edit {
                    priority: Some(priority),
                    ..edit
                },
                None => return plain(view.quick_fault(&QuickError::Priority(answer.to_owned()))),
            }
        }
        Field::Labels => {
            let mut labels = Vec::new();
            for word in answer.split([' ', ',']).filter(|word| !word.is_empty()) {
                let Some(label) = quick::label(word) else {
                    return plain(view.quick_fault(&QuickError::Label(word.to_owned())));
                };
                if !labels.contains(&label) {
                    labels.push(label);
                }
            }
            if labels.len() > quick::MOST_LABELS {
                return plain(view.quick_fault(&QuickError::TooManyLabels));
            }
            Edit {
                labels: Some(labels),
                ..edit
            }
        }
        Field::Template => {
            let name = match crate::template::name(answer) {
                Ok(name) => name,
                Err(fault) => return plain(view.template_fault(&fault)),
            };
            let db = ctx.db()?;
            match with_db!(db, c => c.template_named(&name).await)? {
                Some(template) => Edit {
                    template: Some(Some(template.id)),
                    ..edit
                },
                None => return plain(commands::templates::unknown(&view, &name)),
            }
        }
        Field::Assignee => {
            let name = answer.trim_start_matches('@');
            match whom(ctx, name).await? {
                Whom::One(assignee) => Edit {
                    assignee: Some(Some(assignee)),
                    ..edit
                },
                Whom::Several(people) => return Ok(Err(view.which(id, name, &people))),
                Whom::Nobody => return plain(view.nobody(name)),
            }
        }
    }))
}

/// Whom a name means.
pub(crate) enum Whom {
    One(Assignee),
    Several(Vec<vahta_plugin_sdk::people::Person>),
    Nobody,
}

pub(crate) async fn whom(ctx: &Ctx, name: &str) -> Result<Whom, Error> {
    let me = ["me", "я", "мне"];
    if me.contains(&name.to_lowercase().as_str())
        && let Some(actor) = ctx.actor()
        && let Some(user) = actor.user_id
    {
        return Ok(Whom::One(Assignee {
            user: UserId(user),
            name: actor.name.clone(),
        }));
    }
    if name.is_empty() {
        return Ok(Whom::Nobody);
    }
    let mut found = work::find(ctx, name).await?;
    Ok(match found.len() {
        0 => Whom::Nobody,
        1 => {
            let known = found.remove(0);
            Whom::One(Assignee {
                user: UserId(known.user_id),
                name: known.name,
            })
        }
        _ => Whom::Several(found),
    })
}

/// Nothing stands in a field any more; none where something must.
pub(crate) fn cleared(field: Field) -> Option<Edit> {
    let edit = Edit::default();
    match field {
        Field::Assignee => Some(Edit {
            assignee: Some(None),
            ..edit
        }),
        Field::Due => Some(Edit {
            due_at: Some(None),
            ..edit
        }),
        Field::Repeat => Some(Edit {
            repeat: Some(None),
            ..edit
        }),
        Field::Labels => Some(Edit {
            labels: Some(Vec::new()),
            ..edit
        }),
        Field::Template => Some(Edit {
            template: Some(None),
            ..edit
        }),
        Field::Title | Field::Priority => None,
    }
}

/// A time phrase that is the whole answer.
fn when(ctx: &Ctx, answer: &str) -> Result<(Micros, Option<Repeat>), QuickError> {
    let zone = ctx.actor().and_then(|actor| actor.time_zone.as_deref());
    let now = ctx.now().to_zoned(work::zone(zone));
    let quick = Quick::parse(answer, &now)?;
    let unknown = || QuickError::Time {
        reason: vahta_when::Reason::NoTime,
        word: answer.to_owned(),
        example: "tomorrow 17:00".to_owned(),
    };
    let due = quick.due.filter(|_| quick.text.is_empty());
    Ok((due.ok_or_else(unknown)?, quick.repeat))
}
