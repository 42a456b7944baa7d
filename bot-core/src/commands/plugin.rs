//! `/plugin <name> enable|disable|reload`, and the buttons of `/plugins`.

use vahta_texts::{Arg, escape_html};

use super::suggest::nearest;
use super::{Cx, plugins};
use crate::flow::FlowError;
use crate::plugin_host::PluginInfo;
use crate::plugins_admin::PluginsError;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let words: Vec<&str> = cx.args.split_whitespace().collect();
    let (name, act) = match words.as_slice() {
        [name, act @ ("enable" | "disable" | "reload")] => (*name, *act),
        _ => return cx.usage("plugin").await,
    };
    if cx.app.plugins.info(name).is_none() {
        let infos = cx.app.plugins.list();
        let written = escape_html(name);
        let text = match nearest(name, infos.iter().map(|info| &*info.name)) {
            Some(near) => {
                let near = escape_html(near);
                let args = [("name", Arg::from(written)), ("near", Arg::from(near))];
                cx.t("no-such-plugin-near", &args)
            }
            None => cx.t("no-such-plugin", &[("name", Arg::from(written))]),
        };
        return cx.reply(&text).await;
    }
    let text = told(&cx, name, change(&cx, name, act).await)?;
    cx.reply(&text).await
}

/// `plugin:<act>:<name>`.
pub(super) async fn press(cx: Cx) -> Result<(), FlowError> {
    let (act, name) = match cx.args.split_once(':') {
        Some((act @ ("enable" | "disable" | "reload"), name))
            if cx.app.plugins.info(name).is_some() =>
        {
            (act, name)
        }
        _ => return cx.stale().await,
    };
    // Ended first: loading may take longer than a press waits.
    cx.answer(&cx.t("working", &[])).await?;
    let changed = change(&cx, name, act).await;
    if matches!(&changed, Err(PluginsError::Host(_))) {
        let text = told(&cx, name, changed)?;
        cx.reply(&text).await?;
    } else {
        changed.map_err(failed)?;
    }
    plugins::page(&cx).await
}

async fn change(cx: &Cx, name: &str, act: &str) -> Result<PluginInfo, PluginsError> {
    let (admin, by) = (&cx.app.plugins_admin, cx.by());
    match act {
        "enable" => admin.set_enabled(name, true, &by).await,
        "disable" => admin.set_enabled(name, false, &by).await,
        _ => admin.reload(name, &by).await,
    }
}

/// The state that the plugin is in now, or why the change failed.
fn told(
    cx: &Cx,
    name: &str,
    changed: Result<PluginInfo, PluginsError>,
) -> Result<String, FlowError> {
    let name = escape_html(name);
    match changed {
        Ok(info) => {
            let state = plugins::state(cx, &info.state);
            let version = escape_html(&info.version);
            let args = [
                ("name", Arg::from(name)),
                ("version", Arg::from(version)),
                ("state", Arg::from(state)),
            ];
            Ok(cx.t("plugin-changed", &args))
        }
        Err(PluginsError::Host(error)) => {
            let reason = escape_html(&error.to_string());
            let args = [("name", Arg::from(name)), ("reason", Arg::from(reason))];
            Ok(cx.t("plugin-not-changed", &args))
        }
        Err(error) => Err(failed(error)),
    }
}

fn failed(error: PluginsError) -> FlowError {
    match error {
        PluginsError::Db(error) => error.into(),
        PluginsError::Host(error) => FlowError::Other(error.to_string()),
    }
}
