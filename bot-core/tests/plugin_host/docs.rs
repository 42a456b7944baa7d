//! `docs/PLUGIN_ABI.md` says what the code does.

use bot_core::plugin_host::capability::CAPABILITIES;
use bot_core::plugin_host::{Envelope, RouteKind};

use crate::fixtures::workspace;

fn page() -> String {
    std::fs::read_to_string(workspace().join("docs/PLUGIN_ABI.md")).unwrap()
}

/// What stands between fences of this language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    let parts = page.split(opening.as_str()).skip(1);
    parts
        .map(|part| part.split_once("```").unwrap().0)
        .collect()
}

#[test]
fn the_envelope_on_the_page_is_an_envelope() {
    let page = page();
    let envelope: Envelope = serde_json::from_str(blocks(&page, "json")[0]).unwrap();
    assert_eq!(envelope.route.unwrap().kind, RouteKind::Command);
    assert_eq!(envelope.actor.unwrap().permissions, ["task.create"]);
}

#[test]
fn the_plugin_on_the_page_is_the_echo_fixture() {
    let page = page();
    let shown = blocks(&page, "rust,ignore")[0];
    let fixture = workspace().join("tests/fixtures/echo/src/lib.rs");
    let fixture = std::fs::read_to_string(fixture).unwrap();
    // The page leaves out the fixture's first comment and how it answers an empty text.
    for line in shown.lines().filter(|line| !line.contains("send_message")) {
        assert!(fixture.contains(line), "the fixture has no line {line:?}");
    }
}

#[test]
fn every_capability_is_on_the_page() {
    let page = page();
    for (capability, _) in CAPABILITIES {
        assert!(
            page.contains(&format!("`{capability}`")),
            "{capability} is missing"
        );
    }
}
