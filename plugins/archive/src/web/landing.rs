//! `/pub/archive/a/{token}`: what people see who were given a link. The page never gives bytes: a
//! preview in a chat, or a scanner, takes nothing from a limit.

use maud::{Markup, html};
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::with_db;
use vahta_plugin_sdk::transaction;
use vahta_plugin_sdk::web::Answer;

use super::Cx;
use super::parts::{self, Fault};
use crate::archive::{Archive, Whole};
use crate::qr;
use crate::state::State;
use crate::store::ArchiveRows as _;
use crate::store::files::FileRows as _;
use crate::store::tries::TryRows as _;
use crate::view::size;
use crate::{password, token, work};

/// A ready archive; everything else is nothing to people with a link.
async fn find(cx: &Cx<'_>) -> Result<Option<Archive>, Error> {
    let token = cx.request.param::<String>("token").unwrap_or_default();
    if !token::is_well_formed(&token) {
        return Ok(None);
    }
    let db = cx.ctx.db()?;
    let found = with_db!(db, c => c.archive_of_link(&token).await)?;
    Ok(found.filter(|archive| matches!(archive.state, State::Ready | State::Expired)))
}

/// Unknown, not ready, revoked: the same page.
fn nothing(cx: &Cx<'_>) -> Answer {
    told(cx, 404, "link-unknown")
}

fn told(cx: &Cx<'_>, status: u16, text: &str) -> Answer {
    let title = cx.text("link-title");
    let content = html! { section.card { h1 { (title) } p { (cx.text(text)) } } };
    Answer {
        status,
        ..parts::page(&title, None, &content)
    }
}

pub(super) async fn show(cx: &Cx<'_>, fault: Option<&Fault>) -> Result<Answer, Error> {
    let Some(archive) = find(cx).await? else {
        return Ok(nothing(cx));
    };
    let db = cx.ctx.db()?;
    let whole = with_db!(db, c => c.whole(archive).await)?;
    let archive = &whole.archive;
    if whole.is_over(cx.work.at) {
        return Ok(told(cx, 410, "link-expired"));
    }
    let left = archive
        .most_downloads
        .map(|most| i64::from(most) - whole.downloads);
    if left.is_some_and(|left| left <= 0) {
        return Ok(told(cx, 410, "link-exhausted"));
    }
    // What is in it may be nobody else's business.
    let files = match archive.password.is_some() {
        true => None,
        false => Some(with_db!(db, c => c.files(archive.id).await)?),
    };
    let content = html! {
        section.card {
            div.pair {
                div {
                    h1 { (archive.file_name()) }
                    @if !archive.description.is_empty() { p.break { (archive.description) } }
                    (facts(cx, &whole, left))
                    (form(cx, archive))
                }
                @if let Some(link) = cx.view.link(archive) { (qr::svg(&link, &cx.text("web-link"))) }
            }
        }
        @if let Some(files) = &files {
            section.card { h2 { (cx.text("web-contents")) } (parts::tree(files)) }
        }
    };
    Ok(parts::page(&archive.file_name(), fault, &content))
}

fn facts(cx: &Cx<'_>, whole: &Whole, left: Option<i64>) -> Markup {
    let archive = &whole.archive;
    html! {
        dl.facts {
            dt { (cx.text("web-size")) }
            dd { (cx.view.text("card-files", args!["count" => whole.sum.files, "size" => size(archive.size)])) }
            @if let Some(at) = archive.expires_at {
                dt { (cx.text("web-until")) }
                dd { (cx.view.span(at.saturating_sub(cx.work.at.0) / 1_000_000)) }
            }
            @if let Some(left) = left { dt { (cx.text("link-left")) } dd { (left) } }
            @if archive.is_encrypted { dt { (cx.text("web-encrypted")) } dd { (cx.text("card-encrypted")) } }
        }
    }
}

fn form(cx: &Cx<'_>, archive: &Archive) -> Markup {
    // Where the person comes from, for the owner's statistics; behind this form it would be us.
    let referer = match cx.request.form.get("referer") {
        Some(referer) => referer.as_str(),
        None => cx.request.client.referer.as_deref().unwrap_or_default(),
    };
    html! {
        form.stack method="post" {
            input type="hidden" name="referer" value=(referer);
            @if archive.password.is_some() {
                label { (cx.text("web-password"))
                    input type="password" name="password" required autocomplete="off" maxlength="128"; }
            }
            button.main { (cx.text("link-download")) }
        }
    }
}

/// The password is checked, a download is reserved, and the core gives the bytes.
pub(super) async fn download(cx: &Cx<'_>) -> Result<Answer, Error> {
    let Some(archive) = find(cx).await? else {
        return Ok(nothing(cx));
    };
    if cx.request.client.bot {
        return Ok(told(cx, 403, "link-bot"));
    }
    if let Some(hash) = &archive.password
        && let Some(fault) = knock(cx, &archive, hash).await?
    {
        return Box::pin(show(cx, Some(&fault))).await;
    }
    let referer = cx.field("referer");
    match work::grant(&cx.work, &archive, referer).await? {
        Ok(path) => Ok(Answer::see_other(path)),
        Err(code) if code == "expired" => Ok(told(cx, 410, "link-expired")),
        Err(code) if code == "exhausted" => Ok(told(cx, 410, "link-exhausted")),
        Err(_) => Ok(nothing(cx)),
    }
}

/// Tries a password; the fault is why it does not open. Tries are counted before they are made, by
/// archive and address: somebody who guesses locks themselves out, and nobody else.
async fn knock(cx: &Cx<'_>, archive: &Archive, hash: &str) -> Result<Option<Fault>, Error> {
    let ctx = cx.ctx;
    let address = cx.request.client.address.as_deref().unwrap_or_default();
    let what = format!("{}:{address}", archive.id);
    let begun = transaction!(ctx, |c, effects| {
        let _ = &mut effects;
        c.begin_try(&what, cx.work.at).await
    })?;
    if let Err(until) = begun {
        let wait = until.0.saturating_sub(cx.work.at.0) / 1_000_000 + 1;
        let text = cx
            .view
            .text("link-wait", args!["time" => cx.view.span(wait)]);
        return Ok(Some(Fault { status: 429, text }));
    }
    let typed = cx.request.form.get("password").map_or("", String::as_str);
    if !password::is_right(typed, Some(hash)).await? {
        let text = cx.text("link-wrong-password");
        return Ok(Some(Fault { status: 403, text }));
    }
    transaction!(ctx, |c, effects| {
        let _ = &mut effects;
        c.was_right(&what).await
    })?;
    Ok(None)
}
