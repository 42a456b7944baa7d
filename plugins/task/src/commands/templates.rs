//! `/templates` lists them; `/template name` with steps on the lines behind it writes one, alone it
//! shows one, and `/template name -` drops it.

use std::sync::Arc;

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::texts::escape_html;
use vahta_plugin_sdk::transaction;

use crate::store::templates::TemplateRows as _;
use crate::template::{self, Template};
use crate::view::View;
use crate::work::Work;
use crate::{Tasks, permission, reply};

pub(crate) async fn list(
    ctx: Ctx,
    bot: Bot,
    tasks: Arc<Tasks>,
    message: Message,
) -> Result<(), Error> {
    let view = tasks.view(&ctx);
    let db = ctx.db()?;
    let templates = with_db!(db, c => c.templates().await)?;
    let text = match templates.is_empty() {
        true => view.text("templates-empty", &[]),
        false => {
            let lines: Vec<String> = templates
                .iter()
                .map(|template| line(&view, template))
                .collect();
            format!("{}\n{}", view.text("templates-head", &[]), lines.join("\n"))
        }
    };
    reply::text(&bot, &ctx, &message, text).await?;
    Ok(())
}

fn line(view: &View<'_>, template: &Template) -> String {
    let args = args!["name" => escape_html(&template.name), "count" => template.steps.len()];
    view.text("templates-line", args)
}

pub(crate) async fn put(
    ctx: Ctx,
    bot: Bot,
    tasks: Arc<Tasks>,
    message: Message,
) -> Result<(), Error> {
    let text = Box::pin(done(&ctx, &tasks)).await?;
    reply::text(&bot, &ctx, &message, text).await?;
    Ok(())
}

/// Does what the line says; what to answer, as HTML.
async fn done(ctx: &Ctx, tasks: &Tasks) -> Result<String, Error> {
    let view = tasks.view(ctx);
    let args = ctx.args();
    let end = args.find(char::is_whitespace).unwrap_or(args.len());
    let name = match template::name(&args[..end]) {
        Ok(name) => name,
        Err(_) => return Ok(view.text("usage-template", &[])),
    };
    let rest = args[end..].trim();
    let db = ctx.db()?;
    let found = with_db!(db, c => c.template_named(&name).await)?;
    if rest.is_empty() {
        return Ok(match found {
            Some(template) => shown(&view, &template),
            None => unknown(&view, &name),
        });
    }
    if !ctx.may(permission::TEMPLATES) {
        return Ok(view.not_allowed(permission::TEMPLATES));
    }
    let work = Work::new(tasks, ctx, "telegram");
    if rest == "-" {
        let Some(template) = found else {
            return Ok(unknown(&view, &name));
        };
        work.drop_template(template.id, &name).await?;
        return Ok(view.text("template-dropped", args!["name" => escape_html(&name)]));
    }
    let steps = match template::steps(rest) {
        Ok(steps) => steps,
        Err(fault) => return Ok(view.template_fault(&fault)),
    };
    let template = work.put_template(&name, &steps).await?;
    Ok(shown(&view, &template))
}

fn shown(view: &View<'_>, template: &Template) -> String {
    let name = escape_html(&template.name);
    let head = view.text(
        "template-head",
        args!["name" => name, "count" => template.steps.len()],
    );
    format!("{head}\n<pre>{}</pre>", escape_html(&template.text()))
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

    /// Tasks that were made from it keep their parts.
    pub(crate) async fn drop_template(&self, id: i64, name: &str) -> Result<(), Error> {
        transaction!(self.ctx, |c, effects| {
            if c.drop_template(id).await? {
                self.template_trace(c, &mut effects, "task.template_dropped", name)
                    .await?;
            }
            Ok(())
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
