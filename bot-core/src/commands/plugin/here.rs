//! `/plugin <name> here on|off|default`, and `groups` for all groups: who hears what is said.

use vahta_rows::outbox::Outgoing;
use vahta_texts::{Arg, escape_html};

use super::super::Cx;
use crate::access::Switched;
use crate::flow::{FlowError, off};

/// `None` shows how it is.
pub(super) async fn run(
    cx: &Cx,
    plugin: &str,
    groups: bool,
    act: Option<&str>,
) -> Result<(), FlowError> {
    let place = match (groups, cx.chat()) {
        (true, _) => Switched::Groups,
        (false, Some(chat)) => Switched::Chat(chat),
        (false, None) => return Ok(()),
    };
    let to = match act {
        None => return cx.reply(&shown(cx, plugin, place)).await,
        Some("on") => Some(true),
        Some("off") => Some(false),
        Some("default") => None,
        Some(_) => return cx.usage("plugin").await,
    };
    let id = match (groups, to) {
        (false, Some(true)) => "plugin-here-on",
        (false, Some(false)) => "plugin-here-off",
        (false, None) => "plugin-here-default",
        (true, Some(true)) => "plugin-groups-on",
        (true, Some(false)) => "plugin-groups-off",
        (true, None) => "plugin-groups-default",
    };
    let text = cx.t(id, &[("plugin", Arg::from(escape_html(plugin)))]);
    let replies = |(): &()| -> Vec<Outgoing> { vec![cx.outgoing(0, &text, None)] };
    let (access, by) = (&cx.app.access, cx.by());
    let change = access.switch_plugin(plugin, place, to, &by, &replies).await;
    cx.finish(change).await.map(drop)
}

fn shown(cx: &Cx, plugin: &str, place: Switched) -> String {
    let snapshot = cx.app.access.snapshot();
    let is_on = match place {
        Switched::Chat(chat) => !off::is_off(&cx.app, plugin, Some(chat)),
        Switched::Groups => snapshot
            .switch(plugin, place)
            .unwrap_or(!cx.app.plugins.routes().is_off_in_groups(plugin)),
    };
    let id = match (place, is_on) {
        (Switched::Chat(_), true) => "plugin-here-on",
        (Switched::Chat(_), false) => "plugin-here-off",
        (Switched::Groups, true) => "plugin-groups-on",
        (Switched::Groups, false) => "plugin-groups-off",
    };
    cx.t(id, &[("plugin", Arg::from(escape_html(plugin)))])
}
