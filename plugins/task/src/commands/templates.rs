//! `/templates` lists them; `/template name` with steps on the lines behind it writes one, alone it
//! shows one, and `/template name -` drops it.

use std::sync::Arc;

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::texts::escape_html;
use vahta_plugin_sdk::transaction;

use crate::store::templates::TemplateRows as _;
use crate::template::{self, Template};
use crate::view::{Screen, View};
use crate::work::{self, Work};
use crate::{Tasks, permission, reply};

pub(crate) async fn list(
    ctx: Ctx,
    bot: Bot,
    tasks: Arc<Tasks>,
    message: Message,
) -> Result<(), Error> {
    let db = ctx.db()?;
    let templates = with_db!(db, c => c.templates().await)?;
    let may_write = ctx.may(permission::TEMPLATES);
    let screen = tasks.view(&ctx).templates(&templates, may_write);
    reply::screen(&bot, &ctx, &message, screen).await?;
    Ok(())
}

pub(crate) async fn put(
    ctx: Ctx,
    bot: Bot,
    tasks: Arc<Tasks>,
    message: Message,
) -> Result<(), Error> {
    let (Ok(screen) | Err(screen)) = Box::pin(done(&ctx, &tasks, ctx.args())).await?;
    reply::screen(&bot, &ctx, &message, screen).await?;
    Ok(())
}

/// What a button asked for was written: the steps of a template, or its name as well.
pub(crate) async fn written(
    ctx: &Ctx,
    bot: &Bot,
    tasks: &Tasks,
    message: &Message,
    of: Option<i64>,
    answer: &str,
) -> Result<(), Error> {
    let db = ctx.db()?;
    let view = tasks.view(ctx);
    let line = match of {
        None => {
            // A new one is not written over one that is there: that is what [Change] is for.
            let name = answer.split_whitespace().next().unwrap_or_default();
            let found = match template::name(name) {
                Ok(name) => with_db!(db, c => c.template_named(&name).await)?,
                Err(_) => None,
            };
            if let Some(template) = found {
                let text = view.text(
                    "template-there",
                    args!["name" => escape_html(&template.name)],
                );
                reply::text(bot, ctx, message, text).await?;
                return Ok(());
            }
            answer.to_owned()
        }
        // A dash is no step; [Drop] asks first.
        Some(_) if answer == "-" => {
            reply::text(bot, ctx, message, view.text("template-empty", &[])).await?;
            return Ok(());
        }
        Some(id) => match with_db!(db, c => c.template(id).await)? {
            Some(template) => format!("{}\n{answer}", template.name),
            // Dropped meanwhile.
            None => return ctx.dialogue::<crate::dialogs::Asked>().exit().await,
        },
    };
    let done = Box::pin(done(ctx, tasks, &line)).await?;
    let is_done = done.is_ok();
    let (Ok(screen) | Err(screen)) = done;
    reply::screen(bot, ctx, message, screen).await?;
    // What was wrong is asked for again.
    if is_done {
        ctx.dialogue::<crate::dialogs::Asked>().exit().await?;
    }
    Ok(())
}

/// Does what the line says: what to show, or what was wrong with it.
async fn done(ctx: &Ctx, tasks: &Tasks, args: &str) -> Result<Result<Screen, Screen>, Error> {
    let view = tasks.view(ctx);
    let wrong = |text: String| Ok(Err(Screen::plain(text)));
    let end = args.find(char::is_whitespace).unwrap_or(args.len());
    let name = match template::name(&args[..end]) {
        Ok(name) => name,
        Err(_) => return wrong(view.text("usage-template", &[])),
    };
    let rest = args[end..].trim();
    let may_write = ctx.may(permission::TEMPLATES);
    let db = ctx.db()?;
    let found = with_db!(db, c => c.template_named(&name).await)?;
    if rest.is_empty() {
        return Ok(match found {
            Some(template) => Ok(view.template(&template, may_write)),
            None => Err(Screen::plain(unknown(&view, &name))),
        });
    }
    if !may_write {
        return wrong(view.not_allowed(permission::TEMPLATES));
    }
    let work = Work::new(tasks, ctx, "telegram");
    if rest == "-" {
        let Some(template) = found else {
            return wrong(unknown(&view, &name));
        };
        return Ok(match work.drop_template(template.id, &name).await? {
            Ok(()) => Ok(Screen::plain(view.dropped(&name))),
            Err(waiting) => Err(Screen::plain(view.needed(&name, waiting))),
        });
    }
    let steps = match steps(ctx, &view, rest).await? {
        Ok(steps) => steps,
        Err(text) => return wrong(text),
    };
    let template = work.put_template(&name, &steps).await?;
    Ok(Ok(view.template(&template, may_write)))
}

/// Reads steps, and whether the people are there whom they name; the error is HTML.
pub(crate) async fn steps(
    ctx: &Ctx,
    view: &View<'_>,
    text: &str,
) -> Result<Result<Vec<template::Step>, String>, Error> {
    let steps = match template::steps(text) {
        Ok(steps) => steps,
        Err(fault) => return Ok(Err(view.template_fault(&fault))),
    };
    for (number, step) in steps.iter().enumerate() {
        let Some(template::For::Person(name)) = &step.assignee else {
            continue;
        };
        let found = work::find(ctx, name).await?;
        let fault = match found.len() {
            1 => continue,
            0 => view.nobody(name),
            _ => view.ambiguous(name, &found),
        };
        return Ok(Err(view.in_line(number + 1, fault)));
    }
    Ok(Ok(steps))
}

/// Nothing is called so. HTML.
pub(crate) fn unknown(view: &View<'_>, name: &str) -> String {
    view.text("template-unknown", args!["name" => escape_html(name)])
}

impl Work<'_> {
    /// Writes a template, over the one of that name.
    pub(crate) async fn put_template(
        &self,
        name: &str,
        steps: &[template::Step],
    ) -> Result<Template, Error> {
        transaction!(self.ctx, |c, effects| {
            let (id, is_new) = c.put_template(name, steps, self.at).await?;
            let what = if is_new {
                "task.template_created"
            } else {
                "task.template_changed"
            };
            self.template_trace(c, &mut effects, what, name).await?;
            let template = c.template(id).await?;
            template.ok_or(vahta_plugin_sdk::rows::DbError::Query(
                diesel::result::Error::NotFound,
            ))
        })
    }

    /// Tasks that were made from it keep their parts; how many wait for it, when some do: whoever
    /// approves them has read its steps.
    pub(crate) async fn drop_template(
        &self,
        id: i64,
        name: &str,
    ) -> Result<Result<(), i64>, Error> {
        transaction!(self.ctx, |c, effects| {
            let waiting = c.waiting_for_template(id).await?;
            if waiting > 0 {
                return Ok(Err(waiting));
            }
            if c.drop_template(id).await? {
                self.template_trace(c, &mut effects, "task.template_dropped", name)
                    .await?;
            }
            Ok(Ok(()))
        })
    }

    async fn template_trace<C: crate::work::Rows>(
        &self,
        c: &mut C,
        effects: &mut vahta_plugin_sdk::db::Effects,
        what: &str,
        name: &str,
    ) -> Result<(), vahta_plugin_sdk::rows::DbError> {
        let event = vahta_plugin_sdk::rows::events::Event {
            topic: what.to_owned(),
            object: format!("template:{name}"),
            payload: serde_json::json!({ "name": name, "by": self.by.user }),
        };
        effects.event(c, &event).await?;
        effects
            .audit(c, what, &event.object, event.payload.clone())
            .await
    }
}
