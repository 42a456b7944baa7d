//! `/api/v1/p/archive/…`: the same acts for programs.

use serde::Deserialize;
use serde_json::{Value, json};
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::{Micros, with_db};
use vahta_plugin_sdk::transaction;
use vahta_plugin_sdk::web::Answer;

use super::{Cx, edit, list};
use crate::archive::{Archive, ArchiveId, Whole};
use crate::state::State;
use crate::store::downloads::DownloadRows as _;
use crate::store::files::FileRows as _;
use crate::store::{ArchiveRows as _, Whose};
use crate::work::{self, Change, Refused};
use crate::{commands, lifetime, name, password, permission};

const PAGE: i64 = 100;
const DAYS: i64 = 30;

pub(super) async fn answer(cx: &Cx<'_>) -> Result<Answer, Error> {
    let request = cx.request;
    if request.route == "/archives" {
        return match request.method.as_str() {
            "GET" => all(cx).await,
            _ => begin(cx).await,
        };
    }
    let Some(whole) = cx.seen().await? else {
        return Ok(Answer::not_found());
    };
    let id = whole.archive.id;
    match (request.method.as_str(), request.route.as_str()) {
        ("GET", "/archives/{id}") => one(cx, whole).await,
        ("PATCH", "/archives/{id}") => Box::pin(change(cx, whole)).await,
        ("POST", "/archives/{id}/build") => {
            let (ctx, work) = (cx.ctx, &cx.work);
            let done = transaction!(ctx, |c, effects| work.finish(c, &mut effects, id).await)?;
            back(cx, id, done).await
        }
        ("DELETE", "/archives/{id}") => {
            let (ctx, work) = (cx.ctx, &cx.work);
            let is_ready = whole.archive.state == State::Ready;
            let done = transaction!(ctx, |c, effects| match is_ready {
                true => work.revoke(c, &mut effects, id).await,
                false => work.cancel(c, &mut effects, id).await,
            })?;
            back(cx, id, done).await
        }
        ("GET", "/archives/{id}/statistics") => statistics(cx, &whole).await,
        _ => Ok(Answer::not_found()),
    }
}

/// An archive as programs see it.
fn json_of(cx: &Cx<'_>, archive: &Archive) -> Value {
    let time = |at: Option<i64>| at.and_then(|at| jiff::Timestamp::from_microsecond(at).ok());
    json!({
        "id": archive.id.0,
        "name": archive.name,
        "description": archive.description,
        "owner": archive.owner_name,
        "state": archive.state.as_str(),
        "fault": archive.fault,
        "fault_about": archive.fault_about,
        "done": archive.done,
        "total": archive.total,
        "size": archive.size,
        "link": cx.view.link(archive),
        "path": format!("/pub/archive/a/{}", archive.token),
        "has_password": archive.password.is_some(),
        "is_encrypted": archive.is_encrypted,
        "lifetime_s": archive.lifetime_s,
        "most_downloads": archive.most_downloads,
        "upload_path": archive.upload_path,
        "created_at": time(Some(archive.created_at)),
        "ready_at": time(archive.ready_at),
        "expires_at": time(archive.expires_at),
    })
}

async fn all(cx: &Cx<'_>) -> Result<Answer, Error> {
    let whose = match cx.ctx.may(permission::VIEW_ALL) {
        true => Whose::Everybodys,
        false => Whose::Of(cx.work.user.unwrap_or_default()),
    };
    let before = cx
        .request
        .query
        .get("before")
        .and_then(|it| it.parse().ok());
    let db = cx.ctx.db()?;
    let archives = with_db!(db, c => c.archives(whose, before, PAGE).await)?;
    let archives: Vec<_> = archives
        .iter()
        .map(|archive| json_of(cx, archive))
        .collect();
    Answer::json(&archives)
}

async fn begin(cx: &Cx<'_>) -> Result<Answer, Error> {
    #[derive(Deserialize)]
    struct New {
        name: String,
        #[serde(default)]
        description: String,
    }
    let Ok(new) = cx.request.body::<New>() else {
        return Ok(Answer::problem(422, "A JSON object with a name."));
    };
    let name = match name::parse(&new.name) {
        Ok(name) => name,
        Err(fault) => return Ok(Answer::problem(422, cx.view.name_fault(fault))),
    };
    let archive = list::begun(cx, name, new.description).await?;
    work::upload_link(&cx.work, &archive).await?;
    match commands::seen(&cx.work, archive.id).await? {
        Some(whole) => one(cx, whole).await,
        None => Ok(Answer::not_found()),
    }
}

async fn one(cx: &Cx<'_>, whole: Whole) -> Result<Answer, Error> {
    let db = cx.ctx.db()?;
    let files = with_db!(db, c => c.files(whole.archive.id).await)?;
    let files: Vec<_> = files
        .iter()
        .map(|file| json!({"id": file.id, "name": file.name, "size": file.size}))
        .collect();
    let mut shown = json_of(cx, &whole.archive);
    shown["files"] = json!(files);
    shown["downloads"] = json!(whole.downloads);
    Answer::json(&shown)
}

async fn back(cx: &Cx<'_>, id: ArchiveId, done: Result<Archive, Refused>) -> Result<Answer, Error> {
    if let Err(refused) = done {
        return Ok(Answer::problem(409, cx.view.refused(&refused)));
    }
    match commands::seen(&cx.work, id).await? {
        Some(whole) => one(cx, whole).await,
        None => Ok(Answer::not_found()),
    }
}

async fn change(cx: &Cx<'_>, whole: Whole) -> Result<Answer, Error> {
    let wrong = |text: String| Ok(Answer::problem(422, text));
    let Some(fields) = cx.request.json.as_object() else {
        return wrong("A JSON object of what is to be changed.".to_owned());
    };
    let mut changes = Vec::new();
    for (field, value) in fields {
        let text = value.as_str();
        let change = match (field.as_str(), text, value.is_null()) {
            ("name", Some(text), _) => match name::parse(text) {
                Ok(name) => Change::Name(name),
                Err(fault) => return wrong(cx.view.name_fault(fault)),
            },
            ("description", Some(text), _) => Change::Description(text.to_owned()),
            ("password", None, true) => Change::Password(None),
            ("password", Some(text), _) if password::is_allowed(text) => {
                Change::Password(Some(password::hash(text).await?))
            }
            ("password", Some(_), _) => return wrong(edit::bad_password(cx)),
            ("lifetime", Some(text), _) => {
                match lifetime::parse(text, cx.archives.bounds.longest_lifetime()) {
                    Ok(seconds) => Change::Lifetime(seconds),
                    Err(fault) => return wrong(cx.view.lifetime_fault(fault)),
                }
            }
            ("most_downloads", None, true) => Change::Limit(None),
            ("most_downloads", None, false) => {
                let most = cx.archives.bounds.downloads();
                let limit = value.as_i64().and_then(|n| i32::try_from(n).ok());
                match limit.filter(|n| (1..=most).contains(n)) {
                    Some(limit) => Change::Limit(Some(limit)),
                    None => return wrong(cx.view.text("limit-wrong", args!["most" => most])),
                }
            }
            _ => {
                return wrong(format!(
                    "{field}: there is no such field, or it has another type"
                ));
            }
        };
        changes.push(change);
    }
    let id = whole.archive.id;
    let done = edit::apply(cx, id, &changes).await?;
    back(cx, id, done.map(|()| whole.archive)).await
}

async fn statistics(cx: &Cx<'_>, whole: &Whole) -> Result<Answer, Error> {
    let id = whole.archive.id;
    let now = cx.ctx.now().as_microsecond();
    let since = Micros(now.saturating_sub(DAYS * 86_400_000_000));
    let db = cx.ctx.db()?;
    let ended = with_db!(db, c => c.ended(id, since).await)?;
    let hosts = with_db!(db, c => c.referers(id, 10).await)?;
    let days: Vec<_> = super::chart::days(&cx.view, now, DAYS, &ended)
        .into_iter()
        .map(|(day, downloads)| json!({"day": day, "downloads": downloads}))
        .collect();
    let hosts: Vec<_> = hosts
        .into_iter()
        .map(|(host, downloads)| json!({"host": host, "downloads": downloads}))
        .collect();
    Answer::json(&json!({
        "downloads": whole.downloads, "days": days, "hosts": hosts,
    }))
}
