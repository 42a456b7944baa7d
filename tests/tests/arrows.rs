//! The dependency arrows of docs/ARCHITECTURE.md, on what cargo really resolved.

use serde_json::{Value, json};
use xtask::arrows;

#[test]
fn the_dependency_arrows_hold() -> anyhow::Result<()> {
    let faults = arrows::faults(&xtask::workspace::graph()?);
    assert!(faults.is_empty(), "{faults:#?}");
    Ok(())
}

/// A check that never finds anything would pass, too.
#[test]
fn wrong_arrows_are_found_also_through_others() {
    let graph = graph(
        &[
            "bot-core",
            "admin-web",
            "telegram-sandbox",
            "vahta-plugin-abi",
            "vahta-rows",
        ],
        &["vahta-task"],
        &[
            ("vahta-task", "vahta-rows", "null"),
            ("vahta-rows", "bot-core", "null"),
            ("bot-core", "admin-web", "build"),
            ("bot-core", "vahta-task", "dev"),
            ("telegram-sandbox", "vahta-rows", "null"),
            ("vahta-plugin-abi", "libc", "null"),
        ],
    );
    assert_eq!(
        arrows::faults(&graph),
        [
            "bot-core depends on admin-web: the arrow points the other way",
            "telegram-sandbox depends on admin-web, bot-core, vahta-rows: it stands alone",
            "vahta-plugin-abi has dependencies: the border has none",
            "vahta-rows depends on bot-core: the arrow points the other way",
            "vahta-rows depends on admin-web: the arrow points the other way",
            "vahta-task depends on bot-core: a plugin knows the SDK only",
            "vahta-task depends on admin-web: a plugin knows the SDK only",
        ]
    );
}

#[test]
fn a_tokio_that_leaves_pipes_behind_is_found() {
    let mut graph = graph(
        &["bot-core", "tokio"],
        &[],
        &[("bot-core", "tokio", "null")],
    );
    assert_eq!(arrows::faults(&graph), Vec::<String>::new());
    graph["resolve"]["nodes"][1]["features"] = json!(["net", "process"]);
    let faults = arrows::faults(&graph);
    assert!(
        faults.len() == 1 && faults[0].contains("\"process\""),
        "{faults:?}"
    );
}

/// The shape of `cargo metadata` with as little as the check reads; an edge is (from, to, kind).
fn graph(libraries: &[&str], plugins: &[&str], edges: &[(&str, &str, &str)]) -> Value {
    let members: Vec<&str> = libraries.iter().chain(plugins).copied().collect();
    let package = |name: &&str| {
        let kind = if plugins.contains(name) {
            "cdylib"
        } else {
            "lib"
        };
        json!({"id": name, "name": name, "targets": [{"kind": [kind]}]})
    };
    let node = |name: &&str| {
        let of_this = edges.iter().filter(|(from, _, _)| from == name);
        let dependency = |(_, to, kind): &(&str, &str, &str)| {
            let kind = if *kind == "null" {
                Value::Null
            } else {
                json!(kind)
            };
            json!({"pkg": to, "dep_kinds": [{"kind": kind}]})
        };
        json!({"id": name, "deps": of_this.map(dependency).collect::<Vec<_>>()})
    };
    json!({
        "workspace_members": members,
        "packages": members.iter().map(package).collect::<Vec<_>>(),
        "resolve": {"nodes": members.iter().map(node).collect::<Vec<_>>()},
    })
}
