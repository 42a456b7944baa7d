//! `/p/archive/{id}`: one archive: its files while it is collected, its link and who took it after.

use maud::{Markup, PreEscaped, html};
use vahta_plugin_sdk::prelude::*;
use vahta_plugin_sdk::rows::{Micros, with_db};
use vahta_plugin_sdk::web::Answer;

use super::parts::{self, Fault};
use super::{Cx, chart};
use crate::archive::{Archive, Download, File, Whole};
use crate::press::Act;
use crate::qr;
use crate::state::State;
use crate::store::ArchiveRows as _;
use crate::store::downloads::DownloadRows as _;
use crate::store::files::FileRows as _;
use crate::view::size;
use crate::work;

/// Days of the chart.
const DAYS: i64 = 30;
/// Downloads that the page lists.
const LATEST: i64 = 50;
const HOSTS: usize = 10;

pub(super) async fn show(cx: &Cx<'_>, fault: Option<&Fault>) -> Result<Answer, Error> {
    let Some(whole) = cx.seen().await? else {
        return Ok(Answer::not_found());
    };
    let archive = &whole.archive;
    let db = cx.ctx.db()?;
    let files = with_db!(db, c => c.files(archive.id).await)?;
    let upload = match archive.is_collecting() {
        true => Some(work::upload_link(&cx.work, archive).await?),
        false => None,
    };
    let request = with_db!(db, c => c.request_of(archive.id).await)?;
    let title = format!("#{} {}", archive.id, archive.name);
    let content = html! {
        div.head { h1 { (title) } (parts::state(cx, archive.state)) }
        @if archive.state == State::Failed { p.note.bad role="alert" { (PreEscaped(cx.view.fault(archive))) } }
        @if archive.state == State::Building { (progress(cx, archive)) }
        @if archive.state == State::Ready { (link(cx, &whole)) }
        @if let Some(path) = &upload { (parts::drop_zone(path)) }
        (acts(cx, &whole))
        @if archive.is_collecting() { (collected(cx, archive, &files, request.as_deref())) }
        @else { section.card { h2 { (cx.text("web-contents")) } (parts::tree(&files)) } }
        @if !archive.state.is_over() { (settings(cx, archive)) }
        @if archive.ready_at.is_some() { (statistics(cx, &whole).await?) }
    };
    Ok(parts::page(&title, fault, &content))
}

fn progress(cx: &Cx<'_>, archive: &Archive) -> Markup {
    html! {
        section.card #progress {
            p { @if archive.total == 0 { (cx.text("card-soon")) } @else {
                (cx.view.text("web-progress", args!["done" => size(archive.done), "total" => size(archive.total)])) } }
            progress max=(archive.total.max(1)) value=(archive.done) {}
        }
    }
}

fn link(cx: &Cx<'_>, whole: &Whole) -> Markup {
    let archive = &whole.archive;
    let link = cx.view.link(archive);
    let path = format!("/pub/archive/a/{}", archive.token);
    html! {
        section.card.pair {
            dl.facts {
                dt { (cx.text("web-link")) }
                dd { a #link href=(link.as_deref().unwrap_or(&path)) { (link.as_deref().unwrap_or(&path)) } }
                dt { (cx.text("web-size")) } dd { (size(archive.size)) }
                @if let Some(at) = archive.expires_at { dt { (cx.text("web-until")) } dd { (cx.view.time(at)) } }
                dt { (cx.text("web-downloads")) }
                dd #taken { (whole.downloads) @if let Some(most) = archive.most_downloads { " / " (most) } }
                @if archive.is_encrypted { dt { (cx.text("web-encrypted")) } dd { (cx.text("card-encrypted")) } }
                @else if archive.password.is_some() { dt { (cx.text("web-password")) } dd { (cx.text("card-password")) } }
            }
            @if let Some(link) = &link { (qr::svg(link, &cx.text("web-link"))) }
        }
    }
}

fn acts(cx: &Cx<'_>, whole: &Whole) -> Markup {
    let archive = &whole.archive;
    let ways: &[Act] = match archive.state {
        State::Collecting | State::Failed => &[Act::Finish, Act::Cancel],
        State::Building => &[Act::Cancel],
        State::Ready => &[Act::Extend, Act::Revoked],
        State::Cancelled | State::Revoked | State::Expired => &[],
    };
    html! {
        div.acts.line {
            @for act in ways {
                form method="post" action={ "/p/archive/" (archive.id) "/act" } {
                    (parts::csrf(cx))
                    input type="hidden" name="act" value=(act.as_str());
                    button.main[*act == Act::Finish].danger[matches!(act, Act::Cancel | Act::Revoked)] {
                        (cx.text(&format!("button-{}", act.as_str()))) }
                }
            }
            @if archive.state == State::Ready {
                form method="post" action={ "/p/archive/" (archive.id) "/act" } {
                    (parts::csrf(cx))
                    input type="hidden" name="act" value="relink";
                    button { (cx.text("web-relink")) }
                }
                a.button href={ "/p/archive/" (archive.id) "/zip" } { (cx.text("web-own-copy")) }
            }
        }
    }
}

fn collected(cx: &Cx<'_>, archive: &Archive, files: &[File], request: Option<&str>) -> Markup {
    let request = request.map(|token| format!("/pub/archive/r/{token}"));
    html! {
        section.card #files {
            h2 { (cx.view.text("web-files", args!["count" => files.len()])) }
            ul.rows {
                @for file in files {
                    li { span.break { (file.name) } span.quiet.small { (size(file.size)) }
                        form.end method="post" action={ "/p/archive/" (archive.id) "/files/" (file.id) "/drop" } {
                            (parts::csrf(cx)) button.little { (cx.text("web-drop-file")) } } }
                }
            }
        }
        section.card {
            h2 { (cx.text("web-request")) }
            p.quiet { (cx.text("web-request-hint")) }
            @if let Some(path) = &request {
                p { code #request { (cx.view.at_site(path).unwrap_or_else(|| path.clone())) } }
            }
            form method="post" action={ "/p/archive/" (archive.id) "/act" } {
                (parts::csrf(cx))
                input type="hidden" name="act" value="request";
                button { (cx.text(if request.is_some() { "web-request-anew" } else { "web-request-make" })) }
            }
        }
    }
}

fn settings(cx: &Cx<'_>, archive: &Archive) -> Markup {
    let lifetime = cx.view.span(archive.lifetime_s);
    let limit = archive.most_downloads.map(|most| most.to_string());
    let typed = |name: &str, now: String| match cx.request.form.get(name) {
        Some(typed) => typed.clone(),
        None => now,
    };
    html! {
        form.card.stack.broad method="post" action={ "/p/archive/" (archive.id) "/edit" } autocomplete="off" {
            (parts::csrf(cx))
            h2 { (cx.text("web-settings")) }
            label { (cx.text("web-name"))
                input name="name" required maxlength="200" value=(typed("name", archive.name.clone())); }
            label { (cx.text("web-description"))
                textarea name="description" rows="2" maxlength="1000" { (typed("description", archive.description.clone())) } }
            label { (cx.text("web-lifetime"))
                input name="lifetime" placeholder=(lifetime) value=(typed("lifetime", String::new())); }
            label { (cx.text("web-limit"))
                input name="limit" type="number" min="1" value=(typed("limit", limit.unwrap_or_default())); }
            label { (cx.text(if archive.password.is_some() { "web-password-other" } else { "web-password-new" }))
                input name="password" type="password" autocomplete="new-password" maxlength="128"; }
            @if archive.password.is_some() {
                label.check { input type="checkbox" name="no_password" value="1"; (cx.text("button-nopass")) }
            }
            @if archive.is_collecting() {
                label { (cx.text("web-encrypt"))
                    input name="encryption" type="password" autocomplete="new-password" maxlength="128"; }
            }
            button { (cx.text("web-save")) }
        }
    }
}

async fn statistics(cx: &Cx<'_>, whole: &Whole) -> Result<Markup, Error> {
    let id = whole.archive.id;
    let now = cx.ctx.now().as_microsecond();
    let since = Micros(now.saturating_sub(DAYS * 86_400_000_000));
    let db = cx.ctx.db()?;
    let ended = with_db!(db, c => c.ended(id, since).await)?;
    let hosts = with_db!(db, c => c.referers(id, HOSTS).await)?;
    let latest = with_db!(db, c => c.downloads(id, LATEST).await)?;
    let days = chart::days(&cx.view, now, DAYS, &ended);
    Ok(html! {
        section.card #statistics {
            div.head { h2 { (cx.text("web-statistics")) }
                a.button href={ "/p/archive/" (id) "/downloads.csv" } { (cx.text("web-csv")) } }
            (chart::bars(&days, &cx.text("web-per-day")))
            @if !hosts.is_empty() {
                h3 { (cx.text("web-hosts")) }
                ul.rows { @for (host, count) in &hosts {
                    li { @if host.is_empty() { (cx.text("stats-direct")) } @else { (host) }
                        span.num.end { (count) } } } }
            }
            (downloads(cx, &latest))
        }
    })
}

fn downloads(cx: &Cx<'_>, latest: &[Download]) -> Markup {
    html! {
        table { tbody { @for one in latest {
            tr { td.nowrap { (cx.view.time(one.ended_at)) } td { (one.address) }
                td.text.quiet.small { (one.agent) } td.num { (size(one.bytes)) }
                td { @if one.is_whole { span.badge.good { (cx.text("web-whole")) } }
                    @else { span.badge { (cx.text("web-broken")) } } } }
        } } }
    }
}

/// Its owner's own copy is not counted.
pub(super) async fn zip(cx: &Cx<'_>) -> Result<Answer, Error> {
    let archive = cx.seen().await?.map(|whole| whole.archive);
    let blob = archive.as_ref().and_then(|archive| archive.blob.clone());
    Ok(match (archive, blob) {
        (Some(archive), Some(blob)) => Answer::blob(blob).named(archive.file_name()),
        _ => Answer::not_found(),
    })
}
