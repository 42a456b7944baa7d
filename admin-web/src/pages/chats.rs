//! `/chats`: where the bot was seen, and what was said there.

use std::collections::HashMap;

use bot_core::access::keys;
use bot_core::chats::{self, Chat};
use bot_core::logs::{self, Message, MessageFilter};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::{ChatId, Micros};

use crate::answer::Answer;
use crate::cx::Cx;
use crate::pages::messages::{called as name_of, text_of};
use crate::pages::plugins;
use crate::parts::{self, badge, time};
use crate::problem::Problem;

const PAGE: i64 = 50;

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    q: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    page: u32,
}

pub(crate) async fn list(cx: Cx) -> Answer {
    let Query { q, kind, page } = cx.query()?;
    let q = q.trim();
    let mut found = chats::list(&cx.app()?.db, q, &kind, page, PAGE).await?;
    let has_more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let to = |page: u32| {
        let page = page.to_string();
        parts::href("/chats", &[("q", q), ("kind", &kind), ("page", &page)])
    };
    let kinds = ["", "private", "group", "supergroup", "channel"];
    let content = html! {
        div.head { h1 { (cx.t("nav-chats", &[])) } }
        form.line.filters role="search" data-auto="1" {
            label.wide { (cx.t("search", &[])) input type="search" name="q" value=(q) placeholder=(cx.t("chats-search", &[])) maxlength="100"; }
            label { (cx.t("kind", &[]))
                select name="kind" {
                    @for name in kinds { (parts::option(name, &kind_text(&cx, name), &kind)) }
                }
            }
            button { (cx.t("search", &[])) }
        }
        section.card.flush {
            @if found.is_empty() { (parts::empty(&cx, if q.is_empty() && kind.is_empty() { "no-chats" } else { "nothing-found" })) }
            @else { (table(&cx, &found)) }
            (parts::pages(&cx, (page > 0).then(|| to(page - 1)), has_more.then(|| to(page + 1))))
        }
    };
    cx.live_page(&cx.t("nav-chats", &[]), &content, "tick")
}

fn kind_text(cx: &Cx, kind: &str) -> String {
    match kind {
        "" => cx.t("any", &[]),
        "private" | "group" | "supergroup" | "channel" => cx.t(&format!("chat-{kind}"), &[]),
        other => other.to_string(),
    }
}

fn called(cx: &Cx, chat: &Chat) -> String {
    match (&chat.title, &chat.username) {
        (Some(title), _) if !title.trim().is_empty() => title.clone(),
        (_, Some(name)) => format!("@{name}"),
        _ => format!("{} {}", kind_text(cx, &chat.kind), chat.id),
    }
}

fn table(cx: &Cx, chats: &[Chat]) -> Markup {
    let (kind, id, seen) = (
        cx.t("kind", &[]),
        cx.t("chat-id", &[]),
        cx.t("col-seen", &[]),
    );
    html! {
        table {
            thead { tr { th { (cx.t("chat", &[])) } th { (kind) } th.num { (id) } th.num { (seen) } } }
            tbody {
                @for chat in chats {
                    tr {
                        td.title { a href=(format!("/chats/{}", chat.id)) { (called(cx, chat)) } " " (disabled(cx, chat)) }
                        td data-label=(kind) { (kind_text(cx, &chat.kind)) }
                        td.num.quiet data-label=(id) { (chat.id) }
                        td.num.quiet data-label=(seen) { (time(cx, Micros(chat.last_seen))) }
                    }
                }
            }
        }
    }
}

fn disabled(cx: &Cx, chat: &Chat) -> Markup {
    html! {
        @if chat.migrated_to.is_some() { (badge("", &cx.t("chat-migrated", &[]))) }
        @else if chat.disabled_at.is_some() { (badge("warn", &cx.t("chat-disabled", &[]))) }
    }
}

#[derive(Deserialize)]
struct Thread {
    before: Option<i64>,
}

/// `/chats/{id}`: one chat, with its messages for whoever may read them.
pub(crate) async fn one(cx: Cx) -> Answer {
    let id: i64 = cx.param("id")?;
    let Thread { before } = cx.query()?;
    let db = &cx.app()?.db;
    let chat = chats::find(db, ChatId(id))
        .await?
        .ok_or(Problem::NotFound)?;
    let reads = cx.viewer.may(keys::LOGS_VIEW);
    let mut said = if reads {
        let filter = MessageFilter {
            chat: Some(id),
            before,
            ..MessageFilter::default()
        };
        logs::messages(db, &filter, PAGE).await?
    } else {
        Vec::new()
    };
    let has_more = said.len() as i64 > PAGE;
    said.truncate(PAGE as usize);
    let names = logs::names(db, &said).await?;
    let older = said
        .last()
        .filter(|_| has_more)
        .map(|m| format!("/chats/{id}?before={}", m.id));
    let newest = before.map(|_| format!("/chats/{id}"));
    let title = called(&cx, &chat);
    let content = html! {
        div.head { h1 { (title) } span.badges { (badge("", &kind_text(&cx, &chat.kind))) (disabled(&cx, &chat)) } }
        @if let Some(reason) = &chat.disabled_reason { p.note.warn.break { (reason) } }
        section.card {
            dl.facts {
                dt { (cx.t("chat-id", &[])) } dd.num { (chat.id) }
                @if let Some(name) = &chat.username { dt { (cx.t("username", &[])) } dd { "@" (name) } }
                @if let Some(to) = chat.migrated_to { dt { (cx.t("chat-migrated", &[])) } dd { a href=(format!("/chats/{to}")) { (to) } } }
                dt { (cx.t("first-seen", &[])) } dd { (time(&cx, Micros(chat.first_seen))) }
                dt { (cx.t("col-seen", &[])) } dd { (time(&cx, Micros(chat.last_seen))) }
            }
        }
        (plugins::chats::of_chat(&cx, ChatId(id))?)
        @if reads {
            section.card.flush {
                h2 { (cx.t("nav-messages", &[])) }
                @if said.is_empty() { (parts::empty(&cx, "no-messages")) }
                @else { ol.thread { @for message in said.iter().rev() { (bubble(&cx, message, &names)) } } }
                (parts::pages(&cx, newest, older))
            }
        }
    };
    cx.live_page(&title, &content, "log. access. plugin.")
}

fn bubble(cx: &Cx, message: &Message, names: &HashMap<i64, String>) -> Markup {
    html! {
        li.out[message.outgoing] {
            div.by {
                span { @if message.outgoing { (cx.t("the-bot", &[])) } @else if let Some(id) = message.telegram_id { (name_of(names, id)) } " · " (message.kind) }
                (time(cx, Micros(message.at)))
            }
            @match message.text.as_deref() {
                Some(text) if !text.is_empty() => (text_of(message)),
                _ => span.quiet { (cx.t("no-text", &[])) },
            }
        }
    }
}
