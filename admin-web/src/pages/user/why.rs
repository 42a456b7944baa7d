//! Why somebody may or may not: the rules, walked one by one.

use bot_core::access::{Explanation, Person, Words};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;
use vahta_rows::{ChatId, Micros};
use vahta_texts::escape_html;

use crate::cx::Cx;
use crate::parts::{badge, zone};
use crate::problem::Problem;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    permission: String,
    #[serde(default)]
    chat: String,
}

pub(super) fn section(cx: &Cx, person: &Person, asked: &Asked) -> Result<Markup, Problem> {
    let snapshot = cx.app()?.access.snapshot();
    let permission = asked.permission.trim();
    let chat = match asked.chat.trim() {
        "" => None,
        id => Some(ChatId(id.parse().map_err(|_| Problem::Bad("chat".into()))?)),
    };
    let told = (!permission.is_empty())
        .then(|| snapshot.explain(Some(person.id), permission, chat, Micros::now()));
    Ok(html! {
        section.card {
            h2 { (cx.t("why-title", &[])) }
            form.line data-auto="1" {
                label.wide { (cx.t("permission", &[]))
                    select name="permission" {
                        option value="" { (cx.t("choose", &[])) }
                        @for key in snapshot.permissions() { option selected[key == permission] { (key) } }
                    }
                }
                label { (cx.t("chat-or-everywhere", &[])) input name="chat" value=(asked.chat.trim()) inputmode="numeric" pattern="-?[0-9]*" placeholder=(cx.t("everywhere", &[])); }
                button { (cx.t("explain", &[])) }
            }
            @if let Some(told) = &told { (answer(cx, told)?) }
        }
    })
}

fn answer(cx: &Cx, told: &Explanation) -> Result<Markup, Problem> {
    let app = cx.app()?;
    let (snapshot, zone) = (app.access.snapshot(), zone(cx));
    let words = Words {
        texts: &app.texts,
        language: &cx.viewer.language,
        here: None,
        when: &|at| match jiff::Timestamp::from_microsecond(at.0) {
            Ok(at) => at
                .to_zoned(zone.clone())
                .strftime("%Y-%m-%d %H:%M %Z")
                .to_string(),
            Err(_) => at.0.to_string(),
        },
        strong: &|name| format!("<strong>{}</strong>", escape_html(name)),
        plain: &escape_html,
    };
    Ok(html! {
        p.lead {
            @if told.allowed { (badge("good", &cx.t("may", &[]))) } @else { (badge("bad", &cx.t("may-not", &[]))) }
            " " code { (told.permission) }
        }
        // Names are escaped by `words`.
        ol { @for rule in &told.rules { li { (PreEscaped(words.line(&snapshot, &told.permission, rule))) } } }
    })
}
