//! A browser's name for people; the whole text stands behind it.

use vahta_texts::Arg;

use crate::cx::Cx;

/// In the order in which they are looked for: most name others as well.
const BROWSERS: &[(&str, &str)] = &[
    ("Firefox/", "Firefox"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

fn find(list: &[(&str, &'static str)], text: &str) -> Option<&'static str> {
    let found = list.iter().find(|(sign, _)| text.contains(sign));
    found.map(|(_, name)| *name)
}

pub(super) fn name(cx: &Cx, user_agent: &str) -> String {
    match (find(BROWSERS, user_agent), find(SYSTEMS, user_agent)) {
        (Some(browser), Some(system)) => {
            let args = [
                ("browser", Arg::from(browser)),
                ("system", Arg::from(system)),
            ];
            cx.t("session-device", &args)
        }
        (Some(name), None) | (None, Some(name)) => name.to_string(),
        (None, None) if user_agent.is_empty() => cx.t("session-device-unknown", &[]),
        (None, None) => user_agent.chars().take(40).collect(),
    }
}
