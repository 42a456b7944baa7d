//! Why somebody may or may not: the rules, walked one by one.

use bot_core::access::{Explanation, Outcome, Person, Rule};
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::{ChatId, Micros};

use super::place;
use crate::cx::Cx;
use crate::parts::{badge, time};
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
            @if let Some(told) = &told { (answer(cx, told)) }
        }
    })
}

fn answer(cx: &Cx, told: &Explanation) -> Markup {
    html! {
        p.lead {
            @if told.allowed { (badge("good", &cx.t("may", &[]))) } @else { (badge("bad", &cx.t("may-not", &[]))) }
            " " code { (told.permission) }
        }
        ol { @for rule in &told.rules { li { (line(cx, rule)) } } }
    }
}

fn line(cx: &Cx, rule: &Rule) -> Markup {
    match rule {
        Rule::UnknownPermission => html! { (cx.t("why-unknown", &[])) },
        Rule::Blocked { since, reason } => html! {
            (cx.t("blocked-since", &[])) " " (time(cx, *since))
            @if let Some(reason) = reason { ": " (reason) }
        },
        Rule::Grant {
            role,
            reach,
            until,
            outcome,
        } => {
            let id = match outcome {
                Outcome::Allows => "why-allows",
                Outcome::AllowsEverything => "why-allows-everything",
                Outcome::Expired => "why-expired",
                Outcome::Elsewhere => "why-elsewhere",
                Outcome::Lacks => "why-lacks",
            };
            html! {
                strong { (role) } ", " (place(cx, *reach))
                @if let Some(until) = until { ", " (cx.t("until", &[])) " " (time(cx, *until)) }
                ": " (cx.t(id, &[]))
            }
        }
        Rule::DefaultDeny => html! { (cx.t("why-default-deny", &[])) },
    }
}
