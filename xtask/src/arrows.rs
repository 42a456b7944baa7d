//! The dependency arrows of the architecture, checked on what cargo resolved.
//!
//! `abi ← sdk ← plugins` and `abi ← bot-core ← admin-web ← vahta`. Development dependencies do not
//! count: tests may look at anything.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::workspace::{array, is_cdylib};

/// A member of the workspace, and which other members it reaches through normal and build
/// dependencies.
struct Member {
    name: String,
    plugin: bool,
    reaches: BTreeSet<String>,
    /// Direct dependencies of any origin.
    direct: usize,
}

/// Who must not reach whom.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("vahta-rows", &["bot-core", "vahta-plugin-sdk", "admin-web"]),
    (
        "vahta-texts",
        &["bot-core", "vahta-plugin-sdk", "admin-web"],
    ),
    ("vahta-when", &["bot-core", "vahta-plugin-sdk", "admin-web"]),
    (
        "vahta-zip",
        &["bot-core", "vahta-plugin-sdk", "vahta-rows", "admin-web"],
    ),
    ("vahta-plugin-sdk", &["bot-core", "admin-web"]),
    ("bot-core", &["admin-web", "vahta-plugin-sdk"]),
    ("admin-web", &["vahta-plugin-sdk"]),
];

/// Packages for development that nothing else may be built on.
const TOOLS: &[&str] = &["vahta", "vahta-tests", "vahta-bench", "xtask"];

/// Every wrong arrow in the answer of `cargo metadata` (with dependencies), one sentence each.
#[must_use]
pub fn faults(metadata: &Value) -> Vec<String> {
    let members = members(metadata);
    let plugins: Vec<&str> = members
        .iter()
        .filter(|m| m.plugin)
        .map(|m| m.name.as_str())
        .collect();
    let mut faults = Vec::new();
    for member in &members {
        let mut forbid = |targets: &[&str], why: &str| {
            for target in targets.iter().filter(|t| **t != member.name) {
                if member.reaches.contains(*target) {
                    faults.push(format!("{} depends on {target}: {why}", member.name));
                }
            }
        };
        if let Some((_, targets)) = FORBIDDEN.iter().find(|(name, _)| *name == member.name) {
            forbid(targets, "the arrow points the other way");
        }
        if member.plugin {
            forbid(&["bot-core", "admin-web"], "a plugin knows the SDK only");
        }
        if !TOOLS.contains(&member.name.as_str()) {
            forbid(TOOLS, "nothing is built on programs and tools");
            forbid(&plugins, "plugins are loaded, never linked");
        }
        if member.name == "telegram-sandbox" && !member.reaches.is_empty() {
            let ours: Vec<_> = member.reaches.iter().map(String::as_str).collect();
            faults.push(format!(
                "telegram-sandbox depends on {}: it stands alone",
                ours.join(", ")
            ));
        }
        if member.name == "vahta-plugin-abi" && member.direct > 0 {
            faults.push("vahta-plugin-abi has dependencies: the border has none".to_owned());
        }
    }
    faults.extend(pipes_left_behind(metadata));
    faults
}

/// tokio's `signal`, and `process` through it, keep a pipe in a static of each library that has a
/// runtime: every load of a plugin would leave two descriptors behind. Cargo unites features, so
/// nobody may ask for them.
fn pipes_left_behind(metadata: &Value) -> Option<String> {
    let ids: Vec<&Value> = array(&metadata["packages"])
        .iter()
        .filter(|package| package["name"] == "tokio")
        .map(|package| &package["id"])
        .collect();
    let asked = array(&metadata["resolve"]["nodes"])
        .iter()
        .filter(|node| ids.contains(&&node["id"]))
        .flat_map(|node| array(&node["features"]))
        .find(|feature| *feature == "signal" || *feature == "process")?;
    Some(format!(
        "tokio has the feature {asked}: every load of a plugin leaves two descriptors behind; use \
         signal-hook-tokio and async-process"
    ))
}

fn members(metadata: &Value) -> Vec<Member> {
    let ids: BTreeSet<&str> = array(&metadata["workspace_members"])
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let packages: BTreeMap<&str, &Value> = array(&metadata["packages"])
        .iter()
        .filter_map(|p| Some((p["id"].as_str()?, p)))
        .collect();
    let edges: BTreeMap<&str, Vec<&str>> = array(&metadata["resolve"]["nodes"])
        .iter()
        .filter_map(|node| Some((node["id"].as_str()?, real_dependencies(node))))
        .collect();
    let name = |id: &str| {
        packages
            .get(id)
            .and_then(|p| p["name"].as_str())
            .map(str::to_owned)
    };

    ids.iter()
        .filter_map(|id| {
            let reached = reach(id, &edges);
            Some(Member {
                name: name(id)?,
                plugin: packages.get(id).is_some_and(|p| is_cdylib(p)),
                reaches: reached
                    .iter()
                    .filter(|r| ids.contains(*r))
                    .filter_map(|r| name(r))
                    .collect(),
                direct: edges.get(id).map_or(0, Vec::len),
            })
        })
        .collect()
}

/// Ids of a node's normal and build dependencies.
fn real_dependencies(node: &Value) -> Vec<&str> {
    array(&node["deps"])
        .iter()
        .filter(|dep| {
            array(&dep["dep_kinds"])
                .iter()
                .any(|kind| kind["kind"] != "dev")
        })
        .filter_map(|dep| dep["pkg"].as_str())
        .collect()
}

/// Everything that can be reached from `start`, without `start` itself.
fn reach<'a>(start: &str, edges: &BTreeMap<&str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&'a str> = edges.get(start).cloned().unwrap_or_default();
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            open.extend(edges.get(id).into_iter().flatten().copied());
        }
    }
    reached
}
