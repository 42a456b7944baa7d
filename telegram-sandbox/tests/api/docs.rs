//! README.md says what is true.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use crate::bed::Bed;

const DOCS: &str = include_str!("../../README.md");

/// A row of the table of methods.
struct Row {
    method: String,
    is_supported: bool,
    section: String,
}

fn table() -> Vec<Row> {
    let start = DOCS.find("| Method | Supported |").unwrap();
    let rows = DOCS[start..]
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        assert!(matches!(cells[2], "yes" | "no"), "{line}");
        Row {
            method: cells[1].trim_matches('`').to_owned(),
            is_supported: cells[2] == "yes",
            section: cells[3].to_owned(),
        }
    })
    .collect()
}

/// The words in backticks of a part of the page.
fn quoted<'a>(from: &str, to: &str) -> Vec<&'a str> {
    let start = DOCS.find(from).unwrap();
    let end = start + DOCS[start..].find(to).unwrap();
    DOCS[start..end].split('`').skip(1).step_by(2).collect()
}

#[tokio::test]
async fn the_methods_called_supported_are_those_that_the_server_knows() {
    let bed = Bed::new().await;
    let known = bed.get("methods").await;
    let known: BTreeSet<String> = known["methods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    let rows = table();
    let supported = rows.iter().filter(|row| row.is_supported);
    let supported: BTreeSet<_> = supported.map(|row| row.method.clone()).collect();
    assert_eq!(supported, known);
    let all: BTreeSet<_> = rows.iter().map(|row| &row.method).collect();
    assert_eq!(all.len(), rows.len(), "each method has one row");
    for row in rows.iter().filter(|row| !row.is_supported) {
        let refusal = bed.refused(&row.method, json!({})).await;
        assert_eq!(refusal, "404 Not Found: method not found", "{}", row.method);
    }
    let old_names = ["getChatMembersCount", "kickChatMember"];
    for row in rows
        .iter()
        .filter(|row| !old_names.contains(&row.method.as_str()))
    {
        assert_eq!(row.section, format!("#{}", row.method.to_lowercase()));
    }
}

#[test]
fn each_supported_method_is_called_by_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api");
    let mut sources = String::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().is_some_and(|name| name != "docs.rs") {
            sources += &std::fs::read_to_string(path).unwrap();
        }
    }
    let uncalled: Vec<_> = table()
        .into_iter()
        .filter(|row| row.is_supported && !sources.contains(&format!("\"{}\"", row.method)))
        .map(|row| row.method)
        .collect();
    assert_eq!(uncalled, [""; 0]);
}

#[tokio::test]
async fn the_documented_control_calls_are_those_that_there_are() {
    let bed = Bed::new().await;
    let calls = quoted("| Call | What |", "### Faults");
    let mut documented = BTreeSet::new();
    for call in calls {
        let Some((method, path)) = call.split_once(' ') else {
            continue;
        };
        let path = path.split('?').next().unwrap();
        documented.insert(format!("{method} {path}"));
        let url = bed.url(&format!("/sandbox/api/{}", path.replace("{id}", "1001")));
        let request = match method {
            "GET" => bed.http().get(url),
            "POST" => bed.http().post(url),
            "DELETE" => bed.http().delete(url),
            _ => continue,
        };
        #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
        let response = request.send().await.unwrap();
        if path != "stream" {
            let text = response.text().await.unwrap();
            assert!(!text.contains("no such control call"), "{call}");
        }
    }
    // The other way round, for the calls of the routing table.
    let routes = include_str!("../../src/control.rs")
        .split("route(&context, Method::")
        .skip(1);
    let mut checked = 0;
    for route in routes {
        let (method, rest) = route.split_once(", \"").unwrap();
        let name = rest.split('"').next().unwrap();
        let call = format!("{method} {name}");
        assert!(documented.contains(&call), "{call} is not in README.md");
        checked += 1;
    }
    assert!(checked >= 30, "{checked}");
}
