//! Texts and code agree: no id is missing, no text is left over, no variable is wrong.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::core;
use crate::commands;

/// Every string literal of the sources: whatever asks for a text names it in one.
fn literals() -> BTreeSet<String> {
    // Split at every quote: which half is inside one does not matter here.
    sources()
        .iter()
        .flat_map(|source| source.split('"'))
        .map(str::to_string)
        .collect()
}

/// Ids that are put together at run time.
fn composed() -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for spec in commands::ALL {
        if !spec.hidden || spec.name == "start" {
            ids.insert(format!("cmd-{}", spec.name));
        }
    }
    for name in [
        "why", "users", "role", "grant", "revoke", "block", "unblock", "invite", "plugin", "limits",
    ] {
        ids.insert(format!("usage-{name}"));
    }
    ids
}

#[test]
fn every_text_that_the_code_asks_for_is_there() {
    let texts = core();
    let ids: BTreeSet<String> = texts.ids("en").into_iter().map(str::to_string).collect();
    for id in composed() {
        assert!(ids.contains(&id), "no text `{id}`");
    }
    for id in asked() {
        assert!(ids.contains(&id), "no text `{id}`");
    }
}

/// What stands before a text's id.
const OPENINGS: &[&str] = &[
    ".t(\"",
    ".t( \"",
    "(&actor.language, \"",
    "( &actor.language, \"",
    "(language, \"",
    "( language, \"",
    "(\"en\", \"",
    "&actor, \"",
];

/// The literals that stand where a text's id stands.
fn asked() -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for source in sources() {
        let source = source.split_whitespace().collect::<Vec<_>>().join(" ");
        for opening in OPENINGS {
            for rest in source.split(opening).skip(1) {
                let id = rest.split('"').next().unwrap_or_default();
                ids.insert(id.to_string());
            }
        }
    }
    ids
}

fn sources() -> Vec<String> {
    let mut files = Vec::new();
    files_of(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src").as_path(),
        &mut files,
    );
    files
}

fn files_of(folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_of(&path, files);
        } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("tests.rs") {
            files.push(fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn no_text_is_left_over() {
    let (texts, literals, composed) = (core(), literals(), composed());
    let left: Vec<&str> = texts
        .ids("en")
        .into_iter()
        .filter(|id| !literals.contains(*id) && !composed.contains(*id))
        .collect();
    assert!(left.is_empty(), "nobody asks for {left:?}");
}

/// The arguments of each call stand near its id; a variable that no source names as a literal
/// would show as `{$name}`.
#[test]
fn every_variable_of_a_text_is_given_somewhere_by_that_name() {
    let (texts, literals) = (core(), literals());
    for id in texts.ids("en") {
        for variable in texts.variables("en", id) {
            assert!(
                literals.contains(&variable),
                "`{id}` wants ${variable}, which nobody gives"
            );
        }
    }
}

#[test]
fn every_example_of_a_usage_names_its_command() {
    let texts = core();
    for id in composed().iter().filter(|id| id.starts_with("usage-")) {
        let text = texts.get("en", id, &[]);
        let command = id.trim_start_matches("usage-");
        assert!(text.contains(&format!("<code>/{command} ")), "{id}: {text}");
    }
}

/// Telegram refuses a message whose markup does not close.
#[test]
fn the_markup_of_every_text_closes() {
    let texts = core();
    for id in texts.ids("en") {
        let text = texts.get("en", id, &[]);
        for tag in ["b", "code", "pre", "s", "i"] {
            let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
            let (opened, closed) = (text.matches(&open).count(), text.matches(&close).count());
            assert_eq!(opened, closed, "{id}: <{tag}>");
        }
    }
}
