//! `/api/v1/p/task/…`: the same as the pages, as JSON.
//!
//! Instants are RFC 3339 in UTC; a due date may also be written as people write it, in the caller's
//! zone. What somebody may not see is 404, what they may not do 403, what cannot be done now 409,
//! and what does not fit 422.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::{Micros, with_db};
use vahta_plugin_sdk::web::Answer;

use super::acts::{Acted, Fault};
use super::{Cx, acts, list};
use crate::commands;
use crate::permission;
use crate::state::State;
use crate::store::lists::{PageLength, TaskLists as _};
use crate::store::notes::NoteRows as _;
use crate::store::templates::TemplateRows as _;
use crate::task::{Edit, Task, TaskId, Whole};
use crate::template::{self, Template};
use crate::view::Field;
use crate::work::Refused;

const LENGTH: PageLength = PageLength(std::num::NonZeroU32::new(50).unwrap());
/// Comments that one answer holds: the newest.
const COMMENTS: i64 = 200;

pub(super) async fn answer(cx: &Cx<'_>) -> Result<Answer, Error> {
    let id = TaskId(cx.request.param("id").unwrap_or(0));
    match (cx.request.method.as_str(), cx.request.route.as_str()) {
        ("GET", "/tasks") => tasks(cx).await,
        ("POST", "/tasks") => create(cx).await,
        ("GET", "/tasks/{id}") => one(cx, id, 200).await,
        ("PATCH", "/tasks/{id}") => patch(cx, id).await,
        ("PUT", "/tasks/{id}/state") => state(cx, id).await,
        ("PATCH", "/tasks/{id}/parts/{position}") => part(cx, id).await,
        ("GET", "/tasks/{id}/comments") => comments(cx, id).await,
        ("POST", "/tasks/{id}/comments") => comment(cx, id).await,
        ("GET", "/templates") => templates(cx).await,
        ("GET", "/templates/{name}") => shown(cx).await,
        ("PUT", "/templates/{name}") => put(cx).await,
        ("DELETE", "/templates/{name}") => drop(cx).await,
        _ => Ok(Answer::not_found()),
    }
}

/// The body, or what is wrong with it.
fn body<T: serde::de::DeserializeOwned>(cx: &Cx<'_>) -> Result<T, Fault> {
    serde_json::from_value(cx.request.json.clone())
        .map_err(|error| Fault::plainly(error.to_string()))
}

fn refused(fault: &Fault) -> Answer {
    match fault.status {
        404 => Answer::not_found(),
        status => Answer::problem(status, fault.plain()),
    }
}

fn instant(at: Option<i64>) -> Value {
    let at = at.and_then(|at| Timestamp::from_microsecond(at).ok());
    json!(at.map(|at| at.to_string()))
}

fn short(task: &Task) -> Value {
    json!({
        "id": task.id.0, "title": task.title, "state": task.state.as_str(),
        "priority": task.priority.as_str(),
        "assignee": task.assignee, "assignee_name": task.assignee_name,
        "due_at": instant(task.due_at), "repeat": task.repeat.as_ref().map(|repeat| repeat.print(vahta_when::Language::English)),
        "follows": task.follows,
        "created_by": task.created_by_user, "created_by_name": task.created_by_name,
        "created_at": instant(Some(task.created_at)),
        "decided_by_name": task.decided_by_name, "decided_at": instant(task.decided_at),
        "done_by_name": task.done_by_name, "done_at": instant(task.done_at),
        "reason": task.reason,
        "changed_at": instant(Some(task.changed_at)), "version": task.version,
    })
}

fn long(whole: &Whole) -> Value {
    let mut task = short(&whole.task);
    let parts = whole.parts.iter().map(|part| {
        json!({
            "position": part.position, "title": part.title, "done": part.done,
            "assignee": part.assignee, "assignee_name": part.assignee_name,
            "due_at": instant(part.due_at), "done_by_name": part.done_by_name,
        })
    });
    task["parts"] = parts.collect();
    task["labels"] = json!(whole.labels);
    task
}

async fn tasks(cx: &Cx<'_>) -> Result<Answer, Error> {
    let (filter, sight) = (list::filter(cx), cx.work().sight);
    let number = cx.query("page").parse().unwrap_or(1);
    let db = cx.ctx.db()?;
    let page = with_db!(db, c => c.page(sight, &filter, number, LENGTH).await)?;
    let tasks: Vec<Value> = page.tasks.iter().map(short).collect();
    Answer::json(&json!({
        "tasks": tasks, "page": page.number, "pages": page.pages, "count": page.counts.all(),
    }))
}

async fn one(cx: &Cx<'_>, id: TaskId, status: u16) -> Result<Answer, Error> {
    let Some(whole) = acts::seen(cx, id).await? else {
        return Ok(Answer::not_found());
    };
    let answer = Answer::json(&long(&whole))?;
    Ok(Answer { status, ..answer })
}

async fn after(cx: &Cx<'_>, acted: Result<Task, Fault>, status: u16) -> Result<Answer, Error> {
    match acted {
        Ok(task) => one(cx, task.id, status).await,
        Err(fault) => Ok(refused(&fault)),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    /// As behind `/task`.
    line: String,
}

async fn create(cx: &Cx<'_>) -> Result<Answer, Error> {
    let New { line } = match body(cx) {
        Ok(new) => new,
        Err(fault) => return Ok(refused(&fault)),
    };
    let read = match commands::task::read(cx.ctx, cx.tasks, &line).await? {
        Ok(read) => read,
        Err(text) => return Ok(refused(&Fault::input(text))),
    };
    let acted = acts::create(cx, &read).await?;
    after(cx, acted, 201).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    title: Option<String>,
    /// A name or username; empty: nobody.
    assignee: Option<String>,
    /// RFC 3339, or as people write it; empty: none.
    due_at: Option<String>,
    /// Such as `every monday 9:00`; empty: never.
    repeat: Option<String>,
    priority: Option<String>,
    labels: Option<Vec<String>>,
    /// Empty: none.
    template: Option<String>,
}

async fn patch(cx: &Cx<'_>, id: TaskId) -> Result<Answer, Error> {
    let patch = match body(cx) {
        Ok(patch) => patch,
        Err(fault) => return Ok(refused(&fault)),
    };
    let acted = patched(cx, id, patch).await?;
    after(cx, acted, 200).await
}

async fn patched(cx: &Cx<'_>, id: TaskId, patch: Patch) -> Acted<Task> {
    let instant = patch
        .due_at
        .as_deref()
        .and_then(|due| due.parse::<Timestamp>().ok());
    let due = patch.due_at.filter(|_| instant.is_none());
    let fields = [
        (Field::Title, patch.title),
        (Field::Assignee, patch.assignee),
        (Field::Repeat, patch.repeat),
        (Field::Due, due),
        (Field::Priority, patch.priority),
        (Field::Labels, patch.labels.map(|labels| labels.join(","))),
        (Field::Template, patch.template),
    ];
    let fields = fields
        .into_iter()
        .filter_map(|(field, text)| Some((field, text?)));
    let fields: Vec<_> = fields.collect();
    let edit = match acts::changes(cx, &fields).await? {
        Ok(edit) => edit,
        Err(fault) => return Ok(Err(fault)),
    };
    let edit = match instant {
        Some(at) if at <= cx.ctx.now() => {
            let text =
                cx.view
                    .time_fault(vahta_when::Reason::Past, &at.to_string(), "tomorrow 17:00");
            return Ok(Err(Fault::input(text)));
        }
        Some(at) => Edit {
            due_at: Some(Some(Micros(at.as_microsecond()))),
            ..edit
        },
        None => edit,
    };
    acts::edit(cx, id, &edit).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToState {
    state: String,
}

async fn state(cx: &Cx<'_>, id: TaskId) -> Result<Answer, Error> {
    let target = match body::<ToState>(cx) {
        Ok(wanted) => State::from_name(&wanted.state),
        Err(fault) => return Ok(refused(&fault)),
    };
    let Some(target) = target else {
        let names = State::ALL.map(State::as_str).join(", ");
        return Ok(Answer::problem(422, format!("A state is one of {names}.")));
    };
    let acted = acts::bring(cx, id, target).await?;
    after(cx, acted, 200).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartPatch {
    done: Option<bool>,
    /// A name or username; empty: nobody.
    assignee: Option<String>,
}

async fn part(cx: &Cx<'_>, id: TaskId) -> Result<Answer, Error> {
    let position = cx.request.param("position").unwrap_or(0);
    let PartPatch { done, assignee } = match body(cx) {
        Ok(patch) => patch,
        Err(fault) => return Ok(refused(&fault)),
    };
    if let Some(name) = assignee
        && let Err(fault) = acts::give(cx, id, position, &name).await?
    {
        return Ok(refused(&fault));
    }
    if let Some(done) = done
        && let Err(fault) = acts::mark(cx, id, position, done).await?
    {
        return Ok(refused(&fault));
    }
    one(cx, id, 200).await
}

async fn comments(cx: &Cx<'_>, id: TaskId) -> Result<Answer, Error> {
    if acts::seen(cx, id).await?.is_none() {
        return Ok(Answer::not_found());
    }
    let db = cx.ctx.db()?;
    let comments = with_db!(db, c => c.comments(id, COMMENTS).await)?;
    let comments = comments.iter().map(|comment| {
        json!({
            "id": comment.id, "by": comment.by_user, "by_name": comment.by_name,
            "text": comment.text, "at": instant(Some(comment.at)),
        })
    });
    let comments: Vec<Value> = comments.collect();
    Answer::json(&json!({ "comments": comments }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Comment {
    text: String,
}

async fn comment(cx: &Cx<'_>, id: TaskId) -> Result<Answer, Error> {
    let Comment { text } = match body(cx) {
        Ok(comment) => comment,
        Err(fault) => return Ok(refused(&fault)),
    };
    let acted = acts::comment(cx, id, &text).await?;
    after(cx, acted, 201).await
}

fn template_json(template: &Template) -> Value {
    json!({ "name": template.name, "text": template.text(), "steps": template.steps, "version": template.version })
}

async fn templates(cx: &Cx<'_>) -> Result<Answer, Error> {
    let db = cx.ctx.db()?;
    let templates = with_db!(db, c => c.templates().await)?;
    let templates: Vec<Value> = templates.iter().map(template_json).collect();
    Answer::json(&json!({ "templates": templates }))
}

async fn named(cx: &Cx<'_>) -> Result<Option<Template>, Error> {
    let name = cx.request.param::<String>("name").unwrap_or_default();
    let db = cx.ctx.db()?;
    Ok(match template::name(&name) {
        Ok(name) => with_db!(db, c => c.template_named(&name).await)?,
        Err(_) => None,
    })
}

async fn shown(cx: &Cx<'_>) -> Result<Answer, Error> {
    match named(cx).await? {
        Some(template) => Answer::json(&template_json(&template)),
        None => Ok(Answer::not_found()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Steps {
    /// One step a line, as behind `/template <name>`.
    text: String,
}

async fn put(cx: &Cx<'_>) -> Result<Answer, Error> {
    let Steps { text } = match body(cx) {
        Ok(steps) => steps,
        Err(fault) => return Ok(refused(&fault)),
    };
    let name = cx.request.param::<String>("name").unwrap_or_default();
    let name = match template::name(&name) {
        Ok(name) => name,
        Err(fault) => return Ok(refused(&Fault::input(cx.view.template_fault(&fault)))),
    };
    match commands::templates::steps(cx.ctx, &cx.view, &text).await? {
        Ok(steps) => {
            let template = cx.work().put_template(&name, &steps).await?;
            Answer::json(&template_json(&template))
        }
        Err(text) => Ok(refused(&Fault::input(text))),
    }
}

async fn drop(cx: &Cx<'_>) -> Result<Answer, Error> {
    let Some(template) = named(cx).await? else {
        return Ok(Answer::not_found());
    };
    if !cx.ctx.may(permission::TEMPLATES) {
        let refused_ = Refused::NotAllowed(permission::TEMPLATES);
        return Ok(refused(&Fault::of(cx, TaskId(0), &refused_)));
    }
    match cx.work().drop_template(template.id, &template.name).await? {
        Ok(()) => Answer::json(&json!({ "dropped": template.name })),
        Err(waiting) => {
            let fault = Fault::input(cx.view.needed(&template.name, waiting));
            Ok(refused(&Fault {
                status: 409,
                ..fault
            }))
        }
    }
}
