//! `/p/task/templates`: what tasks are made from, as people write it: one step a line.

use maud::{Markup, html};
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::web::Answer;

use super::acts::Fault;
use super::{Cx, parts};
use crate::store::templates::TemplateRows as _;
use crate::template::{self, Template};
use crate::{commands, permission};

pub(super) async fn list(cx: &Cx<'_>) -> Result<Answer, Error> {
    shown(cx, None).await
}

async fn shown(cx: &Cx<'_>, fault: Option<&Fault>) -> Result<Answer, Error> {
    let db = cx.ctx.db()?;
    let templates = with_db!(db, c => c.templates().await)?;
    let title = cx.view.text("web-templates", &[]);
    let content = html! {
        (parts::head(cx, &title, "templates"))
        section.card {
            @if templates.is_empty() { div.empty { strong { (cx.view.text("web-no-templates", &[])) } } }
            ul.rows {
                @for template in &templates {
                    li {
                        a href={ "/p/task/templates/" (template.name) } { "%" (template.name) }
                        span.quiet { (cx.view.text("web-steps", args!["count" => template.steps.len()])) }
                    }
                }
            }
        }
        @if cx.ctx.may(permission::TEMPLATES) { (form(cx, None)) }
    };
    Ok(parts::page(&title, fault, &content))
}

pub(super) async fn edit(cx: &Cx<'_>) -> Result<Answer, Error> {
    let Some(template) = named(cx).await? else {
        return Ok(Answer::not_found());
    };
    let title = format!("%{}", template.name);
    let content = html! {
        (parts::head(cx, &title, "templates"))
        @if cx.ctx.may(permission::TEMPLATES) {
            (form(cx, Some(&template)))
            form method="post" action={ "/p/task/templates/" (template.name) "/drop" } {
                (parts::csrf(cx))
                button.danger { (cx.view.text("web-drop", &[])) }
            }
        } @else {
            section.card { pre { (template.text()) } }
        }
    };
    Ok(parts::page(&title, None, &content))
}

/// What was typed stays when it was wrong.
fn form(cx: &Cx<'_>, template: Option<&Template>) -> Markup {
    let typed = cx.request.form.get("steps");
    let steps = typed.cloned().or_else(|| template.map(Template::text));
    let name = template.map_or_else(|| cx.field("name"), |template| &template.name);
    html! {
        form.card.stack.broad method="post" action="/p/task/templates" {
            (parts::csrf(cx))
            label { (cx.view.text("web-template-name", &[]))
                input name="name" required maxlength="33" value=(name) readonly[template.is_some()]; }
            label { (cx.view.text("web-template-steps", &[]))
                textarea name="steps" rows="8" required
                    placeholder="check customer data @creator +1d\nregister vehicle @role:operator +2d 18:00" {
                    (steps.unwrap_or_default())
                } }
            button.main { (cx.view.text("web-save", &[])) }
        }
    }
}

async fn named(cx: &Cx<'_>) -> Result<Option<Template>, Error> {
    let name = cx.request.param::<String>("name").unwrap_or_default();
    let Ok(name) = template::name(&name) else {
        return Ok(None);
    };
    let db = cx.ctx.db()?;
    Ok(with_db!(db, c => c.template_named(&name).await)?)
}

pub(super) async fn put(cx: &Cx<'_>) -> Result<Answer, Error> {
    let name = match template::name(cx.field("name")) {
        Ok(name) => name,
        Err(fault) => {
            let fault = Fault::input(cx.view.template_fault(&fault));
            return shown(cx, Some(&fault)).await;
        }
    };
    match commands::templates::steps(cx.ctx, &cx.view, cx.field("steps")).await? {
        Ok(steps) => {
            cx.work().put_template(&name, &steps).await?;
            Ok(Answer::see_other("/p/task/templates"))
        }
        Err(text) => shown(cx, Some(&Fault::input(text))).await,
    }
}

pub(super) async fn drop(cx: &Cx<'_>) -> Result<Answer, Error> {
    if let Some(template) = named(cx).await?
        && let Err(waiting) = cx.work().drop_template(template.id, &template.name).await?
    {
        let fault = Fault {
            status: 409,
            ..Fault::input(cx.view.needed(&template.name, waiting))
        };
        return shown(cx, Some(&fault)).await;
    }
    Ok(Answer::see_other("/p/task/templates"))
}
