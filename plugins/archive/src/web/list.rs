//! `/p/archive`: one's archives, and a new one.

use maud::{Markup, html};
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::transaction;
use vahta_plugin_sdk::web::Answer;

use super::Cx;
use super::parts::{self, Fault};
use crate::archive::Archive;
use crate::store::{ArchiveRows as _, Whose};
use crate::view::size;
use crate::work::Begin;
use crate::{name, permission, token};

const PAGE: usize = 50;

pub(super) async fn show(cx: &Cx<'_>, fault: Option<&Fault>) -> Result<Answer, Error> {
    let own = Whose::Of(cx.work.user.unwrap_or_default());
    let sees_all = cx.ctx.may(permission::VIEW_ALL);
    let wants_all = cx.request.query.get("whose").is_some_and(|it| it == "all");
    let whose = match sees_all && wants_all {
        true => Whose::Everybodys,
        false => own,
    };
    let before = cx
        .request
        .query
        .get("before")
        .and_then(|it| it.parse().ok());
    let db = cx.ctx.db()?;
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut archives = with_db!(db, c => c.archives(whose, before, most).await)?;
    let has_more = archives.len() > PAGE;
    archives.truncate(PAGE);
    let held = with_db!(db, c => c.held(own).await)?;
    let title = cx.text("web-archives");
    let all = matches!(whose, Whose::Everybodys);
    let content = html! {
        div.head {
            h1 { (title) }
            @if sees_all {
                nav.segments aria-label=(cx.text("web-whose")) {
                    a href="/p/archive" aria-current=[(!all).then_some("page")] { (cx.text("web-mine")) }
                    a href="/p/archive?whose=all" aria-current=[all.then_some("page")] { (cx.text("web-everybodys")) }
                }
            }
        }
        (begin_form(cx))
        section.card.flush { (rows(cx, &archives, all)) }
        @if let Some(last) = archives.last().filter(|_| has_more) {
            nav.pages { span {}
                a href={ "/p/archive?before=" (last.id) @if all { "&whose=all" } } { (cx.text("button-older")) } }
        }
        p.quiet.small { (cx.view.text("web-held", args![
            "held" => size(held.bytes), "most" => size(cx.archives.bounds.person())])) }
    };
    Ok(parts::page(&title, fault, &content))
}

fn begin_form(cx: &Cx<'_>) -> Markup {
    html! {
        form.card.line method="post" action="/p/archive" {
            (parts::csrf(cx))
            label.wide { (cx.text("web-name"))
                input name="name" required maxlength="200" value=(cx.field("name"))
                    placeholder=(cx.text("web-name-example")); }
            button.main { (cx.text("web-begin")) }
        }
    }
}

fn rows(cx: &Cx<'_>, archives: &[Archive], all: bool) -> Markup {
    if archives.is_empty() {
        return html! { div.empty { strong { (cx.text("web-empty")) } span { (cx.text("web-empty-hint")) } } };
    }
    html! {
        table { tbody {
            @for archive in archives {
                tr #{ "archive-" (archive.id) } {
                    td.num { "#" (archive.id) }
                    td.text { a href={ "/p/archive/" (archive.id) } { (archive.name) }
                        @if all { " " span.quiet.small { (archive.owner_name) } } }
                    td { (parts::state(cx, archive.state)) }
                    td.num { @if archive.size > 0 { (size(archive.size)) } }
                    td.quiet.small { @if let Some(at) = archive.expires_at { (cx.view.time(at)) } }
                }
            }
        } }
    }
}

pub(super) async fn begin(cx: &Cx<'_>) -> Result<Answer, Error> {
    let name = match name::parse(cx.field("name")) {
        Ok(name) => name,
        Err(fault) => {
            let fault = Fault::input(cx.view.name_fault(fault));
            return show(cx, Some(&fault)).await;
        }
    };
    let archive = begun(cx, name, String::new()).await?;
    Ok(Answer::see_other(format!("/p/archive/{}", archive.id)))
}

/// Begins one, and asks the core for the place of its files.
pub(super) async fn begun(
    cx: &Cx<'_>,
    name: String,
    description: String,
) -> Result<Archive, Error> {
    let begin = Begin {
        name,
        description,
        token: token::fresh()?,
        place: None,
    };
    let ctx = cx.ctx;
    Ok(transaction!(ctx, |c, effects| {
        cx.work.begin(c, &mut effects, begin.clone()).await
    })?)
}
