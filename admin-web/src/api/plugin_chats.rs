//! Where plugins are switched on or off.

use bot_core::access::{Switched, no_replies};
use bot_core::chats;
use bot_core::plugin_host::PluginInfo;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vahta_rows::ChatId;

use super::input::body;
use super::{Doc, Outcome, Reply};
use crate::cx::Cx;
use crate::problem::Problem;

#[derive(Serialize, JsonSchema)]
pub(crate) struct PluginChats {
    /// In groups that are not listed.
    groups: State,
    /// Is that so because somebody chose it?
    groups_chosen: bool,
    chats: Vec<ChatSwitch>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ChatSwitch {
    chat: i64,
    state: State,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    On,
    Off,
    /// As if nobody had chosen.
    Default,
}

impl State {
    pub(crate) fn of(is_on: bool) -> Self {
        if is_on { Self::On } else { Self::Off }
    }

    pub(crate) fn chosen(self) -> Option<bool> {
        match self {
            Self::On => Some(true),
            Self::Off => Some(false),
            Self::Default => None,
        }
    }
}

fn found(cx: &Cx) -> Result<PluginInfo, Problem> {
    let name: String = cx.param("name")?;
    let info = cx.app()?.plugins.info(&name);
    info.filter(|info| info.manifest.is_some())
        .ok_or(Problem::NotFound)
}

pub(crate) const LIST: Doc =
    Doc::new::<PluginChats>("Where a plugin is on or off because somebody chose it");

pub(crate) async fn list(cx: Cx) -> Outcome {
    told(&cx, &found(&cx)?.name)
}

fn told(cx: &Cx, plugin: &str) -> Outcome {
    let (app, snapshot) = (cx.app()?, cx.app()?.access.snapshot());
    let groups = snapshot.switch(plugin, Switched::Groups);
    let by_manifest = !app.plugins.routes().is_off_in_groups(plugin);
    let chats = snapshot
        .switches(plugin)
        .filter_map(|(place, is_on)| match place {
            Switched::Groups => None,
            Switched::Chat(chat) => Some(ChatSwitch {
                chat: chat.0,
                state: State::of(is_on),
            }),
        });
    Reply::ok(&PluginChats {
        groups: State::of(groups.unwrap_or(by_manifest)),
        groups_chosen: groups.is_some(),
        chats: chats.collect(),
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetState {
    state: State,
}

pub(crate) const SET: Doc =
    Doc::new::<PluginChats>("Switch a plugin on or off in a chat").body::<SetState>();

pub(crate) async fn set(cx: Cx) -> Outcome {
    let (info, chat) = (found(&cx)?, ChatId(cx.param("id")?));
    let SetState { state } = body(&cx)?;
    switch(&cx, &info.name, Switched::Chat(chat), state).await?;
    told(&cx, &info.name)
}

pub(crate) const SET_GROUPS: Doc =
    Doc::new::<PluginChats>("Switch a plugin on or off in groups without a switch of their own")
        .body::<SetState>();

pub(crate) async fn set_groups(cx: Cx) -> Outcome {
    let info = found(&cx)?;
    let SetState { state } = body(&cx)?;
    switch(&cx, &info.name, Switched::Groups, state).await?;
    told(&cx, &info.name)
}

/// Switches a plugin in a place that the bot knows.
pub(crate) async fn switch(
    cx: &Cx,
    plugin: &str,
    place: Switched,
    state: State,
) -> Result<(), Problem> {
    let app = cx.app()?;
    if let Switched::Chat(chat) = place
        && (chat.0 == 0 || chats::find(&app.db, chat).await?.is_none())
    {
        return Err(Problem::NotFound);
    }
    let (by, to) = (cx.by()?, state.chosen());
    let change = app
        .access
        .switch_plugin(plugin, place, to, &by, &no_replies)
        .await;
    cx.settle(change)
}
