//! `/p/task/{id}`: one task with all that is done to it.

mod steps;

use maud::{Markup, html};
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::web::Answer;

use super::acts::{Acted, Fault};
use super::{Cx, acts, parts};
use crate::priority::Priority;
use crate::state::State;
use crate::store::notes::NoteRows as _;
use crate::store::templates::TemplateRows as _;
use crate::task::{Comment, Happened, Task, TaskId, Whole};
use crate::template::Template;
use crate::view::Field;

/// Comments and acts that a page shows: the newest.
const MOST: i64 = 100;

pub(super) async fn show(cx: &Cx<'_>) -> Result<Answer, Error> {
    match cx.request.param("id").map(TaskId) {
        Some(id) => shown(cx, id, None).await,
        None => Ok(Answer::not_found()),
    }
}

async fn shown(cx: &Cx<'_>, id: TaskId, fault: Option<&Fault>) -> Result<Answer, Error> {
    let Some(whole) = acts::seen(cx, id).await? else {
        return Ok(Answer::not_found());
    };
    let db = cx.ctx.db()?;
    let comments = with_db!(db, c => c.comments(id, MOST).await)?;
    let history = with_db!(db, c => c.history(id, MOST).await)?;
    let templates = with_db!(db, c => c.templates().await)?;
    let task = &whole.task;
    let title = format!("#{id} {}", task.title);
    let may_edit = cx.work().may_edit(task).is_ok() && !task.state.is_over();
    let content = html! {
        (parts::head(cx, &title, ""))
        (facts(cx, &whole, &templates))
        @if !whole.parts.is_empty() { (steps::steps(cx, &whole)) }
        (talk(cx, id, &comments))
        @if may_edit { (form(cx, &whole, &templates)) }
        (happened(cx, &history))
    };
    Ok(parts::page(&title, fault, &content))
}

fn facts(cx: &Cx<'_>, whole: &Whole, templates: &[Template]) -> Markup {
    let task = &whole.task;
    let template = templates
        .iter()
        .find(|known| Some(known.id) == task.template_id);
    let name = |id: &str| cx.view.text(id, &[]);
    html! {
        section.card {
            dl.facts {
                dt { (name("web-state")) } dd { (parts::state(cx, task.state))
                    @if let Some(reason) = &task.reason { " " (reason) }
                    @if task.state == State::Pending { " " a href="/approvals" { (name("web-approvals")) } } }
                dt { (name("web-author")) } dd { (task.created_by_name) ", " (cx.view.time(task.created_at)) }
                @if let Some(who) = &task.decided_by_name {
                    dt { (name("web-decided")) } dd { (who)
                        @if let Some(at) = task.decided_at { ", " (cx.view.time(at)) } }
                }
                @if let Some(who) = &task.done_by_name {
                    dt { (name("web-done")) } dd { (who)
                        @if let Some(at) = task.done_at { ", " (cx.view.time(at)) } }
                }
                @if let Some(who) = &task.assignee_name { dt { (name("field-who")) } dd { (who) } }
                @if let Some(due) = task.due_at { dt { (name("field-due")) } dd { (cx.view.time(due)) } }
                @if let Some(repeat) = &task.repeat { dt { (name("field-again")) } dd { (cx.view.repeats(repeat)) } }
                dt { (name("field-prio")) }
                dd { (cx.view.text(&format!("priority-{}", task.priority.as_str()), &[])) }
                @if !whole.labels.is_empty() {
                    dt { (name("field-labels")) } dd.badges {
                        @for label in &whole.labels { a.badge href={ "/p/task?label=" (label) } { "#" (label) } }
                    }
                }
                @if let Some(template) = template { dt { (name("field-tpl")) } dd { "%" (template.name) } }
            }
            @if cx.work().may_pass_on(whole, 0).is_ok() && task.state == State::Open {
                (steps::handing(cx, &format!("/p/task/{}/parts/0", task.id)))
            }
            div.acts.line {
                @for (target, caption) in parts::ways(task.state) {
                    @let is_late = *target == State::Done && whole.parts.iter().any(|part| !part.done);
                    @if !is_late { (parts::bring(cx, task.id, *target, caption, "")) }
                }
            }
        }
    }
}

fn talk(cx: &Cx<'_>, id: TaskId, comments: &[Comment]) -> Markup {
    html! {
        section.card #comments {
            h2 { (cx.view.text("web-comments", &[])) }
            ul.rows {
                @for comment in comments {
                    li { strong { (comment.by_name) } span.break { (comment.text) }
                        span.quiet.small.end { (cx.view.time(comment.at)) } }
                }
            }
            form.stack.broad method="post" action={ "/p/task/" (id) "/comments" } {
                (parts::csrf(cx))
                label { span.hidden { (cx.view.text("button-comment", &[])) }
                    textarea name="text" rows="2" required { (cx.field("text")) } }
                button { (cx.view.text("button-comment", &[])) }
            }
        }
    }
}

/// What a field shows: what was typed, or what is.
fn value(cx: &Cx<'_>, field: Field, whole: &Whole, templates: &[Template]) -> String {
    match cx.request.form.get(field.as_str()) {
        Some(typed) => typed.clone(),
        None => current(cx, field, whole, templates),
    }
}

/// A field as people write it.
fn current(cx: &Cx<'_>, field: Field, whole: &Whole, templates: &[Template]) -> String {
    let task = &whole.task;
    match field {
        Field::Title => task.title.clone(),
        Field::Assignee => task.assignee_name.clone().unwrap_or_default(),
        Field::Due => task
            .due_at
            .map_or_else(String::new, |due| cx.view.typed_time(due)),
        Field::Repeat => task
            .repeat
            .as_ref()
            .map_or_else(String::new, |repeat| cx.view.repeats(repeat)),
        Field::Priority => task.priority.as_str().to_owned(),
        Field::Labels => whole.labels.join(", "),
        Field::Template => templates
            .iter()
            .find(|known| Some(known.id) == task.template_id)
            .map_or_else(String::new, |known| known.name.clone()),
    }
}

fn form(cx: &Cx<'_>, whole: &Whole, templates: &[Template]) -> Markup {
    let value = |field| value(cx, field, whole, templates);
    let name = |field: Field| cx.view.text(&format!("field-{}", field.as_str()), &[]);
    let text = |field: Field, hint: &str| {
        html! {
            label { (name(field))
                input name=(field.as_str()) value=(value(field)) maxlength="400" placeholder=(hint); }
        }
    };
    let priority = value(Field::Priority);
    let template = value(Field::Template);
    html! {
        details.fold.card open[!cx.field("title").is_empty()] {
            summary { (cx.view.text("button-edit", &[])) }
            form.stack.broad method="post" action={ "/p/task/" (whole.task.id) "/edit" } {
                (parts::csrf(cx))
                @for field in Field::ALL {
                    input type="hidden" name={ "was-" (field.as_str()) } value=(current(cx, field, whole, templates));
                }
                (text(Field::Title, ""))
                (text(Field::Assignee, "bob"))
                (text(Field::Due, "tomorrow 17:00"))
                (text(Field::Repeat, "every monday 9:00"))
                (text(Field::Labels, "infra, rack-4"))
                label { (name(Field::Priority))
                    select name=(Field::Priority.as_str()) {
                        @for one in Priority::ALL {
                            option value=(one.as_str()) selected[one.as_str() == priority] {
                                (cx.view.text(&format!("priority-{}", one.as_str()), &[]))
                            }
                        }
                    } }
                @if whole.task.may_get_steps() {
                    label { (name(Field::Template))
                        select name=(Field::Template.as_str()) {
                            option value="" { (cx.view.text("button-none", &[])) }
                            @for one in templates {
                                option value=(one.name) selected[one.name == template] { "%" (one.name) }
                            }
                        } }
                }
                button.main { (cx.view.text("web-save", &[])) }
            }
        }
    }
}

fn happened(cx: &Cx<'_>, history: &[Happened]) -> Markup {
    html! {
        details.fold.card #history {
            summary { (cx.view.text("web-history", &[])) }
            ul.rows {
                @for act in history {
                    li { span { (act.by_name) " " code { (act.what) } " " span.quiet.break { (act.detail) } }
                        span.quiet.small.end { (cx.view.time(act.at)) " · " (act.source) } }
                }
            }
        }
    }
}

/// Back to where the form was, or there with what went wrong.
async fn after(cx: &Cx<'_>, id: TaskId, acted: Result<Task, Fault>) -> Result<Answer, Error> {
    match acted {
        Ok(_) => Ok(Answer::see_other(parts::back(cx, id))),
        Err(fault) => shown(cx, id, Some(&fault)).await,
    }
}

fn id(cx: &Cx<'_>) -> TaskId {
    TaskId(cx.request.param("id").unwrap_or(0))
}

fn position(cx: &Cx<'_>) -> i32 {
    cx.request.param("position").unwrap_or(0)
}

pub(super) async fn state(cx: &Cx<'_>) -> Result<Answer, Error> {
    let Some(target) = State::from_name(cx.field("state")) else {
        return Ok(Answer::problem(422, cx.view.bad_button()));
    };
    let acted = acts::bring(cx, id(cx), target).await?;
    after(cx, id(cx), acted).await
}

pub(super) async fn part(cx: &Cx<'_>) -> Result<Answer, Error> {
    let done = match cx.field("done") {
        "yes" => true,
        "no" => false,
        _ => return Ok(Answer::problem(422, cx.view.bad_button())),
    };
    let acted = acts::mark(cx, id(cx), position(cx), done).await?;
    after(cx, id(cx), acted).await
}

pub(super) async fn give(cx: &Cx<'_>) -> Result<Answer, Error> {
    let acted = acts::give(cx, id(cx), position(cx), cx.field("who")).await?;
    after(cx, id(cx), acted).await
}

pub(super) async fn comment(cx: &Cx<'_>) -> Result<Answer, Error> {
    let acted = acts::comment(cx, id(cx), cx.field("text")).await?;
    after(cx, id(cx), acted).await
}

pub(super) async fn edit(cx: &Cx<'_>) -> Result<Answer, Error> {
    let acted = edited(cx).await?;
    after(cx, id(cx), acted).await
}

async fn edited(cx: &Cx<'_>) -> Acted<Task> {
    let id = id(cx);
    let Some(whole) = acts::seen(cx, id).await? else {
        return Ok(Err(Fault::of(cx, id, &crate::work::Refused::Gone)));
    };
    let db = cx.ctx.db()?;
    let templates = with_db!(db, c => c.templates().await)?;
    // What was not touched stays as it is, even if it could not be typed so now.
    let typed = Field::ALL.into_iter().filter_map(|field| {
        let typed = cx.request.form.get(field.as_str())?;
        // What the form showed: somebody else may have changed other fields meanwhile.
        let was = cx.request.form.get(&format!("was-{}", field.as_str()));
        let shown = was.map_or_else(|| current(cx, field, &whole, &templates), Clone::clone);
        (typed.trim() != shown).then(|| (field, typed.clone()))
    });
    let mut typed: Vec<_> = typed.collect();
    // A rule brings its first time; a date that was typed as well counts more.
    typed.sort_by_key(|(field, _)| *field != Field::Repeat);
    if typed.is_empty() {
        return Ok(Ok(whole.task));
    }
    match acts::changes(cx, &typed).await? {
        Ok(edit) => acts::edit(cx, id, &edit).await,
        Err(fault) => Ok(Err(fault)),
    }
}
