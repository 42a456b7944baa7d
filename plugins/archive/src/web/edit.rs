//! What the forms of an archive's page do.

use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::transaction;
use vahta_plugin_sdk::web::Answer;

use super::parts::Fault;
use super::{Cx, page};
use crate::archive::{Archive, ArchiveId};
use crate::press::Act;
use crate::work::{self, Change, Refused};
use crate::{lifetime, name, password, token};

/// Characters.
const DESCRIPTION: usize = 1_000;

/// One of the page's buttons.
pub(super) async fn act(cx: &Cx<'_>) -> Result<Answer, Error> {
    let Some(whole) = cx.seen().await? else {
        return Ok(Answer::not_found());
    };
    let (ctx, work, id) = (cx.ctx, &cx.work, whole.archive.id);
    let act = Act::ALL.iter().find(|act| act.as_str() == cx.field("act"));
    let done = match act {
        Some(Act::Finish) => {
            transaction!(ctx, |c, effects| work.finish(c, &mut effects, id).await)?
        }
        Some(Act::Cancel) => {
            transaction!(ctx, |c, effects| work.cancel(c, &mut effects, id).await)?
        }
        Some(Act::Revoked) => {
            transaction!(ctx, |c, effects| work.revoke(c, &mut effects, id).await)?
        }
        Some(Act::Extend) => {
            let change = Change::Lifetime(whole.archive.lifetime_s);
            changed(cx, id, change).await?
        }
        None if cx.field("act") == "relink" => {
            changed(cx, id, Change::Token(token::fresh()?)).await?
        }
        None if cx.field("act") == "request" => {
            work::request_link(work, &whole.archive).await?;
            Ok(whole.archive.clone())
        }
        _ => return Ok(Answer::problem(422, "no such act")),
    };
    back(cx, id, done).await
}

pub(super) async fn drop_file(cx: &Cx<'_>) -> Result<Answer, Error> {
    let id = cx.request.param("id").map(ArchiveId);
    let (Some(id), Some(file)) = (id, cx.request.param("file")) else {
        return Ok(Answer::not_found());
    };
    let ctx = cx.ctx;
    let done = transaction!(ctx, |c, effects| {
        cx.work.remove(c, &mut effects, id, file).await
    })?;
    back(cx, id, done).await
}

async fn back(cx: &Cx<'_>, id: ArchiveId, done: Result<Archive, Refused>) -> Result<Answer, Error> {
    match done {
        Ok(_) => Ok(Answer::see_other(format!("/p/archive/{id}"))),
        Err(Refused::Gone) => Ok(Answer::not_found()),
        Err(refused) => {
            let fault = Fault::conflict(cx.view.refused(&refused));
            Box::pin(page::show(cx, Some(&fault))).await
        }
    }
}

async fn changed(
    cx: &Cx<'_>,
    id: ArchiveId,
    change: Change,
) -> Result<Result<Archive, Refused>, Error> {
    let ctx = cx.ctx;
    Ok(transaction!(ctx, |c, effects| {
        cx.work.change(c, &mut effects, id, change.clone()).await
    })?)
}

/// The settings' form: all of it, or nothing when something is wrong.
pub(super) async fn edit(cx: &Cx<'_>) -> Result<Answer, Error> {
    let Some(whole) = cx.seen().await? else {
        return Ok(Answer::not_found());
    };
    let id = whole.archive.id;
    let changes = match typed(cx, &whole.archive).await? {
        Ok(changes) => changes,
        Err(text) => {
            let fault = Fault::input(text);
            return Box::pin(page::show(cx, Some(&fault))).await;
        }
    };
    let done = apply(cx, id, &changes).await?;
    back(cx, id, done.map(|()| whole.archive.clone())).await
}

/// Several changes as one.
pub(super) async fn apply(
    cx: &Cx<'_>,
    id: ArchiveId,
    changes: &[Change],
) -> Result<Result<(), Refused>, Error> {
    let ctx = cx.ctx;
    Ok(transaction!(ctx, |c, effects| {
        for change in changes {
            let done = cx.work.change(c, &mut effects, id, change.clone()).await?;
            if let Err(refused) = done {
                // The first is refused or none is: they ask the same state.
                return Ok(Err(refused));
            }
        }
        Ok(Ok(()))
    })?)
}

async fn typed(cx: &Cx<'_>, archive: &Archive) -> Result<Result<Vec<Change>, String>, Error> {
    let mut changes = Vec::new();
    match name::parse(cx.field("name")) {
        Ok(name) if name != archive.name => changes.push(Change::Name(name)),
        Ok(_) => {}
        Err(fault) => return Ok(Err(cx.view.name_fault(fault))),
    }
    let description = cx.field("description");
    if description.chars().count() > DESCRIPTION {
        return Ok(Err(cx
            .view
            .text("description-long", args!["most" => DESCRIPTION])));
    }
    if description != archive.description {
        changes.push(Change::Description(description.to_owned()));
    }
    if !cx.field("lifetime").is_empty() {
        match lifetime::parse(cx.field("lifetime"), cx.archives.bounds.longest_lifetime()) {
            Ok(seconds) => changes.push(Change::Lifetime(seconds)),
            Err(fault) => return Ok(Err(cx.view.lifetime_fault(fault))),
        }
    }
    match limit(cx) {
        Ok(most) if most != archive.most_downloads => changes.push(Change::Limit(most)),
        Ok(_) => {}
        Err(text) => return Ok(Err(text)),
    }
    for (field, is_zips) in [("password", false), ("encryption", true)] {
        let secret = cx.request.form.get(field).map_or("", String::as_str);
        match (secret.is_empty(), is_zips) {
            (true, _) => {}
            (false, _) if !password::is_allowed(secret) => return Ok(Err(bad_password(cx))),
            (false, true) => changes.push(Change::Encryption(Some(secret.to_owned()))),
            (false, false) => changes.push(Change::Password(Some(password::hash(secret).await?))),
        }
    }
    if !cx.field("no_password").is_empty() {
        changes.push(Change::Password(None));
    }
    Ok(Ok(changes))
}

pub(super) fn bad_password(cx: &Cx<'_>) -> String {
    let args = args!["least" => password::SHORTEST, "most" => password::LONGEST];
    cx.view.text("password-length", args)
}

fn limit(cx: &Cx<'_>) -> Result<Option<i32>, String> {
    let most = cx.archives.bounds.downloads();
    match cx.field("limit") {
        "" => Ok(None),
        text => match text.parse().ok().filter(|n| (1..=most).contains(n)) {
            Some(limit) => Ok(Some(limit)),
            None => Err(cx.view.text("limit-wrong", args!["most" => most])),
        },
    }
}
