//! `/messages`: what was said, searched.

use std::borrow::Cow;
use std::collections::HashMap;

use bot_core::commands::plain;
use bot_core::logs::{self, Message, MessageFilter};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::Micros;

use crate::answer::Answer;
use crate::cx::Cx;
use crate::parts::{self, badge, time};
use crate::problem::Problem;

const PAGE: i64 = 50;

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    q: String,
    #[serde(default)]
    chat: String,
    #[serde(default)]
    sender: String,
    /// "in", "out" or nothing.
    #[serde(default)]
    way: String,
    before: Option<i64>,
}

/// A number, or nothing.
fn number(text: &str, field: &str) -> Result<Option<i64>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| Problem::Bad(field.into())),
    }
}

pub(crate) async fn list(cx: Cx) -> Answer {
    let query: Query = cx.query()?;
    let filter = MessageFilter {
        text: query.q.trim().into(),
        chat: number(&query.chat, "chat")?,
        telegram_id: number(&query.sender, "sender")?,
        outgoing: match query.way.as_str() {
            "in" => Some(false),
            "out" => Some(true),
            _ => None,
        },
        kind: String::new(),
        before: query.before,
    };
    let mut found = logs::messages(&cx.app()?.db, &filter, PAGE).await?;
    let has_more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let to = |before: &str| {
        let (q, chat, sender) = (query.q.trim(), query.chat.trim(), query.sender.trim());
        parts::href(
            "/messages",
            &[
                ("q", q),
                ("chat", chat),
                ("sender", sender),
                ("way", &query.way),
                ("before", before),
            ],
        )
    };
    let older = found
        .last()
        .filter(|_| has_more)
        .map(|last| to(&last.id.to_string()));
    let names = logs::names(&cx.app()?.db, &found).await?;
    let content = html! {
        div.head { h1 { (cx.t("nav-messages", &[])) } p.quiet.small { (cx.t("messages-text", &[])) } }
        form.line.filters role="search" data-auto="1" {
            label.wide { (cx.t("search", &[])) input type="search" name="q" value=(query.q) placeholder=(cx.t("messages-search", &[])) maxlength="200"; }
            label { (cx.t("chat", &[])) input name="chat" value=(query.chat) inputmode="numeric" pattern="-?[0-9]*"; }
            label { (cx.t("sender", &[])) input name="sender" value=(query.sender) inputmode="numeric" pattern="[0-9]*"; }
            label { (cx.t("way", &[]))
                select name="way" {
                    (parts::option("", &cx.t("any", &[]), &query.way))
                    (parts::option("in", &cx.t("way-in", &[]), &query.way))
                    (parts::option("out", &cx.t("way-out", &[]), &query.way))
                }
            }
            button { (cx.t("search", &[])) }
        }
        section.card.flush {
            @if found.is_empty() {
                @let bare = to("") == "/messages";
                (parts::empty(&cx, if bare { "no-messages" } else { "nothing-found" }))
            } @else { (table(&cx, &found, &names)) }
            (parts::pages(&cx, query.before.map(|_| to("")), older))
        }
    };
    cx.live_page(&cx.t("nav-messages", &[]), &content, "log.")
}

fn table(cx: &Cx, messages: &[Message], names: &HashMap<i64, String>) -> Markup {
    let (chat, who, text, at) = (
        cx.t("chat", &[]),
        cx.t("sender", &[]),
        cx.t("text", &[]),
        cx.t("col-time", &[]),
    );
    html! {
        table {
            thead { tr { th { (at) } th { (chat) } th { (who) } th { (text) } } }
            tbody {
                @for message in messages {
                    tr {
                        td.quiet data-label=(at) { (time(cx, Micros(message.at))) }
                        td data-label=(chat) {
                            a href=(format!("/chats/{}", message.chat_id)) title=(message.chat_id) { (called(names, message.chat_id)) }
                        }
                        td data-label=(who) {
                            @if message.outgoing { (badge("accent", &cx.t("the-bot", &[]))) }
                            @else if let Some(id) = message.telegram_id { a href=(format!("/messages?sender={id}")) title=(id) { (called(names, id)) } }
                        }
                        td.text { (text_of(message)) " " span.quiet.small { (message.kind) } }
                    }
                }
            }
        }
    }
}

/// A name, or the id when nobody knows one.
pub(super) fn called(names: &HashMap<i64, String>, id: i64) -> Cow<'_, str> {
    match names.get(&id) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(id.to_string()),
    }
}

/// The text as people saw it, exact on hover: the bot writes Telegram's HTML, people do not.
pub(super) fn text_of(message: &Message) -> Markup {
    let text = message.text.as_deref().unwrap_or_default();
    if !message.outgoing || !text.contains(['<', '&']) {
        return html! { (text) };
    }
    html! { span title=(text) { (plain(text)) } }
}
