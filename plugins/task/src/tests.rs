//! What stands in several files says the same in all of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use vahta_plugin_sdk::dptree::{Type, di::DependencyMap, type_check};

use super::*;

fn manifest() -> Value {
    serde_json::from_str(include_str!("../manifest.json")).expect("the manifest is JSON")
}

#[test]
fn handlers_ask_for_nothing_but_what_the_sdk_provides() {
    let provided = [
        Type::of::<Update>(),
        Type::of::<Bot>(),
        Type::of::<Ctx>(),
        Type::of::<Arc<Tasks>>(),
    ];
    type_check(Tasks::handler().sig(), &DependencyMap::new(), &provided);
}

#[test]
fn the_manifest_names_the_prefix_and_the_permissions_of_the_code() {
    let manifest = manifest();
    assert_eq!(manifest["prefix"], press::PREFIX);
    let keys: BTreeSet<&str> = manifest["permissions"]
        .as_array()
        .expect("permissions are a list")
        .iter()
        .filter_map(|permission| permission["key"].as_str())
        .collect();
    for key in [
        permission::VIEW,
        permission::VIEW_ALL,
        permission::COMPLETE,
        permission::APPROVE,
        permission::TEMPLATES,
    ] {
        assert!(keys.contains(key), "{key}");
    }
    for command in manifest["commands"]
        .as_array()
        .expect("commands are a list")
    {
        let key = command["permission"]
            .as_str()
            .expect("each command needs a permission");
        assert!(keys.contains(key), "{key}");
    }
}

#[test]
fn only_admins_see_everybodys_tasks_and_decide() {
    for permission in manifest()["permissions"]
        .as_array()
        .expect("permissions are a list")
    {
        let holders = permission["roles"].as_array().map_or(0, Vec::len);
        let admins = [
            permission::VIEW_ALL,
            permission::APPROVE,
            permission::TEMPLATES,
        ];
        let expected = usize::from(!admins.iter().any(|key| permission["key"] == *key));
        assert_eq!(holders, expected, "{}", permission["key"]);
    }
}

#[test]
fn every_text_is_used_and_every_used_text_exists() {
    let texts = view::texts().expect("the texts are sound");
    let used: BTreeSet<String> = sources(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .flat_map(|path| used_in(&std::fs::read_to_string(path).expect("a source is readable")))
        .collect();
    let there: BTreeSet<String> = texts.ids("en").into_iter().map(str::to_owned).collect();
    assert_eq!(used, there);
}

/// Every text between quotes that is the id of one; ids that are made of parts are made here, too.
fn used_in(source: &str) -> Vec<String> {
    let texts = view::texts().expect("the texts are sound");
    let ids = texts.ids("en");
    let quoted = source.split('"').filter(|text| ids.contains(text));
    let mut used: Vec<String> = quoted.map(str::to_owned).collect();
    for (made, names) in [
        (
            "\"field-{}\"",
            view::Field::ALL.map(view::Field::as_str).to_vec(),
        ),
        (
            "\"ask-{}\"",
            view::Field::ALL.map(view::Field::as_str).to_vec(),
        ),
        (
            "\"state-{}\"",
            state::State::ALL.map(state::State::as_str).to_vec(),
        ),
        (
            "\"column-{}\"",
            web::board::COLUMNS.map(state::State::as_str).to_vec(),
        ),
        (
            "\"often-{}\"",
            repeat::Often::ALL.map(repeat::Often::as_str).to_vec(),
        ),
        (
            "\"look-{}\"",
            press::Look::ALL.map(press::Look::name).to_vec(),
        ),
        (
            "\"priority-{}\"",
            priority::Priority::ALL
                .map(priority::Priority::as_str)
                .to_vec(),
        ),
    ] {
        if source.contains(made) {
            let id = |name| made.trim_matches('"').replace("{}", name);
            used.extend(names.into_iter().map(id));
        }
    }
    used
}

fn sources(folder: PathBuf) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is readable");
    let paths = entries.map(|entry| entry.expect("the entry is readable").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                sources(path)
            } else {
                vec![path]
            }
        })
        .collect()
}
