//! `/notices`: what one was told, and what an open page has to show now.

use bot_core::notices::read::Which;
use bot_core::notices::{Notice, Notices};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::{NoticeId, UserId};

use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::page;
use crate::parts::{self, badge, time};
use crate::problem::Problem;

/// Unread ones, above everything: more are seen when these are read.
const UNREAD: i64 = 100;
const PAGE: i64 = 30;

#[derive(Deserialize)]
struct Query {
    before: Option<i64>,
}

pub(crate) async fn list(cx: Cx) -> Answer {
    let Query { before } = cx.query()?;
    let (notices, user) = mine(&cx)?;
    let mut unread = match before {
        None => notices.list(user, Which::Unread, None, UNREAD).await?,
        Some(_) => Vec::new(),
    };
    unread.truncate(usize::try_from(UNREAD).unwrap_or_default());
    let mut read = notices.list(user, Which::Read, before, PAGE).await?;
    let size = usize::try_from(PAGE).unwrap_or_default();
    let next = (read.len() > size).then(|| read[size - 1].id);
    read.truncate(size);
    let to = |before: &str| parts::href("/notices", &[("before", before)]);
    let content = html! {
        div.head {
            h1 { (cx.t("nav-notices", &[])) }
            @if !unread.is_empty() {
                form method="post" action="/notices/read" { (page::csrf(&cx)) button { (cx.t("notices-read-all", &[])) } }
            }
        }
        @if unread.is_empty() && read.is_empty() { section.card { (parts::empty(&cx, "no-notices")) } }
        @for notice in unread.iter().chain(&read) { (one(&cx, notice)) }
        (parts::pages(&cx, before.map(|_| to("")), next.map(|id| to(&id.to_string()))))
        p.quiet.small { a href="/account" { (cx.t("notices-settings", &[])) } }
    };
    cx.live_page(&cx.t("nav-notices", &[]), &content, "notice.")
}

fn one(cx: &Cx, notice: &Notice) -> Markup {
    let (is_read, path) = (notice.is_read(), notice.web_path());
    // Where the script sees it, it tells that it was shown.
    let unshown = notice.shown_at.is_none() && !is_read;
    html! {
        section.card.notice id={ "notice-" (notice.id) } data-unshown=[unshown.then_some(notice.id)] {
            p.break { (notice.plain()) }
            div.acts {
                span.quiet.small {
                    @if !is_read { (badge("accent", &cx.t("notice-new", &[]))) " " }
                    @if notice.urgent { (badge("warn", &cx.t("notice-urgent", &[]))) " " }
                    (notice.plugin) " · " (time(cx, notice.created_at))
                }
                @if is_read {
                    @if let Some(path) = path { a href=(path) { (cx.t("notice-open", &[])) } }
                } @else {
                    (acts(cx, notice))
                }
            }
        }
    }
}

/// Opening it is reading it; both are forms, for a link must not change anything.
fn acts(cx: &Cx, notice: &Notice) -> Markup {
    let action = format!("/notices/{}/read", notice.id);
    html! {
        @if notice.web_path().is_some() {
            form method="post" action=(action) {
                (page::csrf(cx))
                input type="hidden" name="open" value="1";
                button.little { (cx.t("notice-open", &[])) }
            }
        }
        (parts::act(cx, &action, &cx.t("notice-read", &[]), "", None))
    }
}

/// What an open page shows at once, with how much is unread; its script puts it in.
pub(crate) async fn offered(cx: Cx) -> Answer {
    let (notices, user) = mine(&cx)?;
    let unread = notices.unread(user).await?;
    let offered = notices.offered(user).await?;
    // The request comes from a page's script, for which nobody counted.
    let counted = Cx {
        viewer: std::sync::Arc::new(crate::viewer::Viewer {
            unread,
            ..(*cx.viewer).clone()
        }),
        ..cx.clone()
    };
    let content = html! {
        (page::unread(&counted))
        @for notice in &offered {
            div.toast data-notice=(notice.id) {
                p.break { (notice.plain()) }
                div.acts {
                    (acts(&cx, notice))
                    button.little.plain type="button" data-close { (cx.t("notice-close", &[])) }
                }
            }
        }
    };
    Ok(answer::html(content.into_string()))
}

#[derive(Deserialize)]
struct Shown {
    /// With commas between.
    ids: String,
}

/// The page's script: these stand before the person's eyes.
pub(crate) async fn shown(cx: Cx) -> Answer {
    let Shown { ids } = cx.form()?;
    let ids: Result<Vec<NoticeId>, _> = ids
        .split(',')
        .take(200)
        .map(|id| id.parse().map(NoticeId))
        .collect();
    let ids = ids.map_err(|_| Problem::Bad("ids".into()))?;
    let (notices, user) = mine(&cx)?;
    notices.shown(user, &ids).await?;
    Ok(answer::html(String::new()))
}

#[derive(Deserialize)]
struct Read {
    #[serde(default)]
    open: String,
}

pub(crate) async fn read(cx: Cx) -> Answer {
    let Read { open } = cx.form()?;
    let id = NoticeId(cx.param("id")?);
    let (notices, user) = mine(&cx)?;
    let notice = notices.one(user, id).await?.ok_or(Problem::NotFound)?;
    notices.read(user, Some(id)).await?;
    let path = notice.web_path().filter(|_| !open.is_empty());
    Ok(answer::see_other(path.unwrap_or("/notices")))
}

pub(crate) async fn read_all(cx: Cx) -> Answer {
    let (notices, user) = mine(&cx)?;
    notices.read(user, None).await?;
    Ok(answer::see_other("/notices"))
}

fn mine(cx: &Cx) -> Result<(&Notices, UserId), Problem> {
    Ok((&cx.app()?.notices, cx.viewer.user.ok_or(Problem::Login)?))
}
