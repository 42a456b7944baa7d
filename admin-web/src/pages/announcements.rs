//! `/announcements`: one text to everybody with a role, or to a group; shown before it is sent.

use bot_core::access::keys;
use bot_core::announcements::{self, AnnounceError, Announcement, Counts, LONGEST, State, Target};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::Micros;
use vahta_texts::Arg;

use crate::answer::{self, Answer};
use crate::cx::Cx;
use crate::page;
use crate::parts::{self, badge, time};
use crate::problem::Problem;

const PAGE: i64 = 30;
/// Characters of a text in the list.
const SHORT: usize = 120;
/// What changes a count.
const LIVE: &str = "announcement. tick";

#[derive(Deserialize)]
struct Query {
    before: Option<i64>,
}

pub(crate) async fn list(cx: Cx) -> Answer {
    let Query { before } = cx.query()?;
    let mut rows = announcements::list(&cx.app()?.db, before, PAGE).await?;
    let more = rows.len() as i64 > PAGE;
    rows.truncate(PAGE as usize);
    let older = rows.last().filter(|_| more).map(|last| last.id.to_string());
    let older = older.map(|id| parts::href("/announcements", &[("before", &id)]));
    let title = cx.t("nav-announcements", &[]);
    let content = html! {
        div.head { h1 { (title) } }
        @if before.is_none() { (form(&cx)?) }
        section.card.flush {
            @if rows.is_empty() { (parts::empty(&cx, "no-announcements")) } @else { (table(&cx, &rows)) }
            (parts::pages(&cx, before.map(|_| "/announcements".to_string()), older))
        }
    };
    cx.live_page(&title, &content, LIVE)
}

fn form(cx: &Cx) -> Result<Markup, Problem> {
    let snapshot = cx.app()?.access.snapshot();
    let mut roles: Vec<&str> = snapshot.roles().map(|(name, _)| name).collect();
    roles.retain(|name| *name != keys::GUEST);
    roles.sort_unstable();
    Ok(html! {
        section.card {
            h2 { (cx.t("announce-new", &[])) }
            form.stack method="post" action="/announcements" {
                (page::csrf(cx))
                label { (cx.t("announce-to", &[])) input name="to" list="targets" required value="everybody"; }
                datalist id="targets" {
                    option value="everybody";
                    @for role in roles { option value=(role); }
                }
                p.small.quiet { (cx.t("announce-to-hint", &[])) }
                label { (cx.t("announce-text", &[])) textarea name="text" rows="5" required maxlength=(LONGEST) {} }
                div { button.main { (cx.t("announce-preview", &[])) } }
            }
        }
    })
}

fn table(cx: &Cx, rows: &[Announcement]) -> Markup {
    let column = |id: &str| cx.t(id, &[]);
    let (to, state, when) = (
        column("announce-to"),
        column("state"),
        column("announce-when"),
    );
    html! {
        table {
            thead { tr { th { (column("announce-text")) } th { (to) } th { (state) } th { (when) } } }
            tbody {
                @for row in rows {
                    tr {
                        td.title { a href={ "/announcements/" (row.id) } { (short(&row.text)) } }
                        td data-label=(to) { (whom(cx, &row.target)) }
                        td data-label=(state) { (state_of(cx, row)) }
                        td.quiet data-label=(when) { (time(cx, row.sent_at.unwrap_or(row.created_at))) }
                    }
                }
            }
        }
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn whom(cx: &Cx, target: &Target) -> String {
    match target {
        Target::Everybody => cx.t("announce-everybody", &[]),
        Target::Role(role) => cx.t("announce-role", &[("role", Arg::from(role.as_str()))]),
        Target::Chat(chat) => cx.t("announce-chat", &[("chat", Arg::from(chat.to_string()))]),
    }
}

fn state_of(cx: &Cx, row: &Announcement) -> Markup {
    match row.state {
        State::Draft => badge("", &cx.t("announce-is-draft", &[])),
        State::Dropped => badge("", &cx.t("announce-is-dropped", &[])),
        State::Sent => sent(cx, row.counts),
    }
}

fn sent(cx: &Cx, counts: Counts) -> Markup {
    let args = [
        ("delivered", Arg::from(counts.delivered)),
        ("total", Arg::from(counts.total)),
    ];
    let kind = if counts.waiting() > 0 {
        "accent"
    } else {
        "good"
    };
    html! {
        (badge(kind, &cx.t("announce-delivered", &args)))
        @if counts.failed > 0 { " " (badge("bad", &cx.t("announce-failed", &[("count", Arg::from(counts.failed))]))) }
    }
}

#[derive(Deserialize)]
struct New {
    to: String,
    text: String,
}

/// Keeps a draft and shows it.
pub(crate) async fn draft(cx: Cx) -> Answer {
    let New { to, text } = cx.form()?;
    let id = drafted(&cx, &to, &text).await?;
    Ok(answer::see_other(&format!("/announcements/{id}")))
}

/// For the page and the API.
pub(crate) async fn drafted(cx: &Cx, to: &str, text: &str) -> Result<i64, Problem> {
    let app = cx.app()?;
    let snapshot = app.access.snapshot();
    let target = Target::named(to.trim(), &snapshot);
    let target = target.ok_or_else(|| Problem::Bad(cx.t("announce-no-target", &[])))?;
    // A browser's lines end in CR LF.
    let text = text.replace("\r\n", "\n");
    let drafted = announcements::draft(&app.db, &target, &text, &cx.by()?, &snapshot).await;
    drafted.map_err(|error| refused(cx, error))
}

pub(crate) fn refused(cx: &Cx, error: AnnounceError) -> Problem {
    match error {
        AnnounceError::Empty => Problem::Bad(cx.t("announce-empty", &[])),
        AnnounceError::TooLong(_) => Problem::Bad(cx.t("announce-too-long", &[])),
        AnnounceError::Nobody => Problem::Bad(cx.t("announce-nobody", &[])),
        AnnounceError::NoDraft => Problem::Conflict(cx.t("announce-no-draft", &[])),
        AnnounceError::Db(error) => error.into(),
    }
}

pub(crate) async fn show(cx: Cx) -> Answer {
    let id = cx.param("id")?;
    let found = announcements::get(&cx.app()?.db, id).await?;
    let found = found.ok_or(Problem::NotFound)?;
    let snapshot = cx.app()?.access.snapshot();
    let chats = found.target.chats(&snapshot, Micros::now()).len();
    let title = cx.t("announce-one", &[]);
    let content = html! {
        div.head { h1 { (title) } (state_of(&cx, &found)) }
        section.card {
            p.quiet { (whom(&cx, &found.target))
                @if found.state == State::Draft { " · " (cx.t("announce-chats", &[("count", Arg::from(chats as i64))])) }
                " · " (time(&cx, found.sent_at.unwrap_or(found.created_at))) }
            pre.wrap { (found.text) }
            @if found.state == State::Draft { (acts(&cx, id)) }
        }
        p { a href="/announcements" { "← " (cx.t("nav-announcements", &[])) } }
    };
    cx.live_page(&title, &content, LIVE)
}

fn acts(cx: &Cx, id: i64) -> Markup {
    html! {
        div.line {
            (parts::act(cx, &format!("/announcements/{id}/send"), &cx.t("announce-send", &[]), "main", None)) " "
            (parts::act(cx, &format!("/announcements/{id}/drop"), &cx.t("announce-drop", &[]), "", None))
        }
    }
}

pub(crate) async fn send(cx: Cx) -> Answer {
    let id = cx.param("id")?;
    sent_now(&cx, id).await?;
    Ok(answer::see_other(&format!("/announcements/{id}")))
}

/// For the page and the API.
pub(crate) async fn sent_now(cx: &Cx, id: i64) -> Result<(), Problem> {
    let (app, by) = (cx.app()?, cx.by()?);
    let sent = announcements::send(&app.db, id, &by, &app.access.snapshot()).await;
    cx.committed(sent.map_err(|error| refused(cx, error))?)
}

pub(crate) async fn drop(cx: Cx) -> Answer {
    dropped(&cx).await?;
    Ok(answer::see_other("/announcements"))
}

/// For the page and the API.
pub(crate) async fn dropped(cx: &Cx) -> Result<(), Problem> {
    let id = cx.param("id")?;
    if !announcements::drop_draft(&cx.app()?.db, id).await? {
        return Err(refused(cx, AnnounceError::NoDraft));
    }
    cx.committed(Vec::new())
}
