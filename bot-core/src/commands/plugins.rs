//! `/plugins`: what is loaded, how it is, and buttons to change that.

use vahta_texts::{Arg, escape_html};

use super::{Button, Cx, Keyboard};
use crate::access::keys;
use crate::flow::FlowError;
use crate::plugin_host::{PluginInfo, PluginState};

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    page(&cx).await
}

/// `plugins`: shows the list again.
pub(super) async fn turn(cx: Cx) -> Result<(), FlowError> {
    cx.answer("").await?;
    page(&cx).await
}

pub(super) async fn page(cx: &Cx) -> Result<(), FlowError> {
    let infos = cx.app.plugins.list();
    let mut lines = vec![cx.t("plugins", &[])];
    if infos.is_empty() {
        lines.push(cx.t("plugins-none", &[]));
    }
    lines.extend(infos.iter().map(|info| line(cx, info)));
    let mut keyboard = Keyboard::new();
    if cx.actor.may(keys::PLUGINS_MANAGE) {
        keyboard.extend(
            infos
                .iter()
                .filter(|info| info.manifest.is_some())
                .map(|i| row(cx, i)),
        );
    }
    keyboard.push(vec![Button::new(cx.t("button-refresh", &[]), "plugins")]);
    cx.show(&lines.join("\n\n"), keyboard).await
}

/// The state's text; what is wrong comes after it.
pub(super) fn state(cx: &Cx, state: &PluginState) -> String {
    let (id, reason) = match state {
        PluginState::Found => ("plugin-found", None),
        PluginState::Loaded => ("plugin-loaded", None),
        PluginState::Started => ("plugin-started", None),
        PluginState::Degraded => ("plugin-degraded", None),
        PluginState::Stopped => ("plugin-stopped", None),
        PluginState::Refused(reason) => ("plugin-refused", Some(reason)),
        PluginState::Failed(reason) => ("plugin-broken", Some(reason)),
    };
    let reason = escape_html(reason.map_or("", String::as_str));
    cx.t(id, &[("reason", Arg::from(reason))])
}

fn line(cx: &Cx, info: &PluginInfo) -> String {
    let title = info
        .manifest
        .as_ref()
        .map_or(&*info.name, |manifest| manifest.title.as_str());
    let stats = &info.stats;
    cx.t(
        "plugin-line",
        &[
            ("name", Arg::from(escape_html(&info.name))),
            ("title", Arg::from(escape_html(title))),
            ("version", Arg::from(escape_html(&info.version))),
            ("state", Arg::from(state(cx, &info.state))),
            ("delivered", Arg::from(stats.delivered)),
            (
                "failed",
                Arg::from(stats.failed + stats.crashed + stats.timeouts),
            ),
            ("p99", Arg::from(stats.p99_us / 1_000)),
        ],
    )
}

fn row(cx: &Cx, info: &PluginInfo) -> Vec<Button> {
    let name = &info.name;
    let args = [("name", Arg::from(&**name))];
    let enable = |id: &str| Button::new(cx.t(id, &args), format!("plugin:enable:{name}"));
    let disable = || {
        Button::new(
            cx.t("button-disable", &args),
            format!("plugin:disable:{name}"),
        )
    };
    let reload = || {
        Button::new(
            cx.t("button-reload", &args),
            format!("plugin:reload:{name}"),
        )
    };
    match info.state {
        PluginState::Started | PluginState::Loaded => vec![disable(), reload()],
        // A reload starts it afresh.
        PluginState::Degraded => {
            let again = cx.t("button-reenable", &args);
            vec![
                Button::new(again, format!("plugin:reload:{name}")),
                disable(),
            ]
        }
        PluginState::Failed(_) => vec![enable("button-reenable"), disable()],
        PluginState::Found | PluginState::Stopped | PluginState::Refused(_) => {
            vec![enable("button-enable")]
        }
    }
}
