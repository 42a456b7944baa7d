//! Where a plugin is on or off, on its own page and on a chat's.

use bot_core::access::{Switched, keys};
use bot_core::chats;
use bot_core::flow::off;
use bot_core::plugin_host::PluginInfo;
use maud::{Markup, html};
use serde::Deserialize;
use vahta_rows::ChatId;
use vahta_texts::Arg;

use super::{find, title};
use crate::answer::{self, Answer};
use crate::api::plugin_chats::{State, switch};
use crate::cx::Cx;
use crate::page;
use crate::parts::badge;
use crate::problem::Problem;

/// Chats that are listed; the API has them all.
const MOST: usize = 100;

/// For the plugin's page: groups at large, and each chat where it differs.
pub(super) async fn of_plugin(cx: &Cx, info: &PluginInfo) -> Result<Markup, Problem> {
    let app = cx.app()?;
    let (snapshot, manages) = (app.access.snapshot(), cx.viewer.may(keys::PLUGINS_MANAGE));
    let chosen = snapshot.switch(&info.name, Switched::Groups);
    let groups = chosen.unwrap_or(!app.plugins.routes().is_off_in_groups(&info.name));
    let mut rows = Vec::new();
    let mut left = 0;
    for (place, is_on) in snapshot.switches(&info.name) {
        let Switched::Chat(chat) = place else {
            continue;
        };
        if rows.len() >= MOST {
            left += 1;
            continue;
        }
        let title = chats::find(&app.db, chat)
            .await?
            .and_then(|chat| chat.title);
        rows.push((chat, title.unwrap_or_else(|| chat.to_string()), is_on));
    }
    let action = format!("/plugins/{}/chats", info.name);
    Ok(html! {
        section.card #chats {
            h2 { (cx.t("plugin-chats", &[])) }
            ul.rows {
                li {
                    strong { (cx.t("plugin-groups", &[])) }
                    (state(cx, groups))
                    @if chosen.is_none() { span.quiet.small { (cx.t("plugin-by-default", &[])) } }
                    @if manages { (buttons(cx, &action, &[("chat", "groups")], groups, chosen.is_some())) }
                }
                @for (chat, title, is_on) in &rows {
                    li {
                        a href=(format!("/chats/{chat}")) { (title) }
                        (state(cx, *is_on))
                        @if manages { (buttons(cx, &action, &[("chat", &chat.to_string())], *is_on, true)) }
                    }
                }
            }
            @if left > 0 { p.quiet.small { (cx.t("plugin-chats-left", &[("count", Arg::from(left))])) } }
            @if manages {
                form.line method="post" action=(action) data-key="other" {
                    (page::csrf(cx))
                    label { (cx.t("chat-id", &[])) input name="chat" required inputmode="numeric" pattern="-?[0-9]+" autocomplete="off"; }
                    button name="to" value="on" { (cx.t("switch-on", &[])) }
                    button name="to" value="off" { (cx.t("switch-off", &[])) }
                }
            }
        }
    })
}

/// For a chat's page: every plugin, and whether it hears this chat.
pub(crate) fn of_chat(cx: &Cx, chat: ChatId) -> Result<Markup, Problem> {
    let app = cx.app()?;
    let snapshot = app.access.snapshot();
    let manages = cx.viewer.may(keys::PLUGINS_MANAGE);
    let infos = app.plugins.list();
    let action = format!("/chats/{chat}/plugins");
    Ok(html! {
        @if cx.viewer.may(keys::PLUGINS_VIEW) && infos.iter().any(|info| info.manifest.is_some()) {
            section.card #plugins {
                h2 { (cx.t("nav-plugins", &[])) }
                ul.rows {
                    @for info in infos.iter().filter(|info| info.manifest.is_some()) {
                        @let is_on = !off::is_off(app, &info.name, Some(chat));
                        @let is_chosen = snapshot.switch(&info.name, Switched::Chat(chat)).is_some();
                        li {
                            a href=(format!("/plugins/{}", info.name)) { (title(info)) }
                            (state(cx, is_on))
                            @if !is_chosen { span.quiet.small { (cx.t("plugin-by-default", &[])) } }
                            @if manages { (buttons(cx, &action, &[("plugin", &info.name)], is_on, is_chosen)) }
                        }
                    }
                }
            }
        }
    })
}

fn state(cx: &Cx, is_on: bool) -> Markup {
    match is_on {
        true => badge("good", &cx.t("plugin-is-on", &[])),
        false => badge("", &cx.t("plugin-is-off", &[])),
    }
}

/// Buttons carry the state that they want.
fn buttons(cx: &Cx, action: &str, fields: &[(&str, &str)], is_on: bool, is_chosen: bool) -> Markup {
    let (to, text) = match is_on {
        true => ("off", cx.t("switch-off", &[])),
        false => ("on", cx.t("switch-on", &[])),
    };
    let key: String = fields.iter().map(|(_, value)| *value).collect();
    html! {
        form.badges.end method="post" action=(action) data-key=(key) {
            (page::csrf(cx))
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button.little name="to" value=(to) { (text) }
            @if is_chosen { button.little.plain name="to" value="default" { (cx.t("to-default", &[])) } }
        }
    }
}

#[derive(Deserialize)]
struct OfPlugin {
    chat: String,
    to: State,
}

/// `POST /plugins/{name}/chats`.
pub(crate) async fn set_chat(cx: Cx) -> Answer {
    let info = find(&cx)?;
    let OfPlugin { chat, to } = cx.form()?;
    let place = match chat.trim() {
        "groups" => Switched::Groups,
        id => Switched::Chat(ChatId(id.parse().map_err(|_| Problem::Bad("chat".into()))?)),
    };
    switch(&cx, &info.name, place, to).await?;
    Ok(answer::see_other(&format!("/plugins/{}#chats", info.name)))
}

#[derive(Deserialize)]
struct OfChat {
    plugin: String,
    to: State,
}

/// `POST /chats/{id}/plugins`.
pub(crate) async fn set_plugin(cx: Cx) -> Answer {
    let chat = ChatId(cx.param("id")?);
    let OfChat { plugin, to } = cx.form()?;
    let info = cx.app()?.plugins.info(&plugin);
    let info = info.filter(|info| info.manifest.is_some());
    let info = info.ok_or(Problem::NotFound)?;
    switch(&cx, &info.name, Switched::Chat(chat), to).await?;
    Ok(answer::see_other(&format!("/chats/{chat}#plugins")))
}
