//! `/plugin <name> enable|disable|reload`, and the buttons of `/plugins`; here or not, and settings.
//!
//! Whoever holds the permission in one group only may decide about that group and nothing else.

mod here;
mod settings;

use vahta_texts::{Arg, escape_html};

use super::{Cx, plugins};
use crate::access::keys;
use crate::flow::FlowError;
use crate::nearest::nearest;
use crate::plugin_host::PluginInfo;
use crate::plugins_admin::PluginsError;

pub(super) async fn run(cx: Cx) -> Result<(), FlowError> {
    let mut words = cx.args.split_whitespace();
    let (name, act, more): (_, _, Vec<&str>) = match (words.next(), words.next()) {
        (Some(name), Some(act)) => (name, act, words.collect()),
        _ => return cx.usage("plugin").await,
    };
    if cx.app.plugins.info(name).is_none() {
        return cx.reply(&unknown(&cx, name)).await;
    }
    if act != "here" && !cx.may_everywhere(keys::PLUGINS_MANAGE) {
        let args = [("permission", Arg::from(keys::PLUGINS_MANAGE))];
        return cx.reply(&cx.t("denied-everywhere", &args)).await;
    }
    match (act, more.as_slice()) {
        ("enable" | "disable" | "reload", []) => {
            let text = told(&cx, name, change(&cx, name, act).await)?;
            cx.reply(&text).await
        }
        ("here", []) => here::run(&cx, name, false, None).await,
        ("here", [to]) => here::run(&cx, name, false, Some(to)).await,
        ("groups", []) => here::run(&cx, name, true, None).await,
        ("groups", [to]) => here::run(&cx, name, true, Some(to)).await,
        ("settings", []) => settings::show(&cx, name).await,
        ("set", [setting, _, ..]) => {
            let value = behind(&cx.args, 3);
            settings::set(&cx, name, setting, Some(value)).await
        }
        ("unset", [setting]) => settings::set(&cx, name, setting, None).await,
        _ => cx.usage("plugin").await,
    }
}

/// What stands behind the first `words` words, as it was typed.
fn behind(args: &str, words: usize) -> &str {
    (0..words).fold(args.trim_start(), |rest, _| {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest[end..].trim_start()
    })
}

fn unknown(cx: &Cx, name: &str) -> String {
    let infos = cx.app.plugins.list();
    let written = escape_html(name);
    match nearest(name, infos.iter().map(|info| &*info.name)) {
        Some(near) => {
            let near = escape_html(near);
            let args = [("name", Arg::from(written)), ("near", Arg::from(near))];
            cx.t("no-such-plugin-near", &args)
        }
        None => cx.t("no-such-plugin", &[("name", Arg::from(written))]),
    }
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
    if !cx.may_everywhere(keys::PLUGINS_MANAGE) {
        let args = [("permission", Arg::from(keys::PLUGINS_MANAGE))];
        return cx.alert(&cx.t("denied-everywhere", &args)).await;
    }
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

#[cfg(test)]
mod tests {
    use super::behind;

    #[test]
    fn a_value_is_taken_as_it_was_typed() {
        assert_eq!(behind("task set greeting  two  words", 3), "two  words");
        assert_eq!(behind(" task  set\nlines\na\nb", 3), "a\nb");
        assert_eq!(behind("task set x", 3), "");
    }
}
