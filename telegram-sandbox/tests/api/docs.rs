//! docs/SANDBOX.md says what is true.

use crate::bed::Bed;

const DOCS: &str = include_str!("../../../docs/SANDBOX.md");

/// The words in backticks of a part of the page.
fn quoted<'a>(from: &str, to: &str) -> Vec<&'a str> {
    let start = DOCS.find(from).unwrap();
    let end = start + DOCS[start..].find(to).unwrap();
    DOCS[start..end].split('`').skip(1).step_by(2).collect()
}

#[tokio::test]
async fn the_table_of_methods_is_complete_and_names_no_others() {
    let bed = Bed::new().await;
    let known = bed.get("methods").await;
    let known: Vec<_> = known["methods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    let documented = quoted("| Method | Section |", "Refusals have");
    for name in &known {
        assert!(
            documented.contains(name),
            "{name} is not in docs/SANDBOX.md"
        );
    }
    let prefixes = [
        "get", "set", "send", "edit", "delete", "answer", "ban", "forward", "copy",
    ];
    for name in documented {
        let is_method = prefixes.iter().any(|prefix| name.starts_with(prefix));
        assert!(!is_method || known.contains(&name), "{name} is not known");
    }
}

#[tokio::test]
async fn every_documented_control_call_exists() {
    let bed = Bed::new().await;
    let calls = quoted("| Call | What |", "### Faults");
    let mut checked = 0;
    for call in calls {
        let Some((method, path)) = call.split_once(' ') else {
            continue;
        };
        let path = path.split('?').next().unwrap().replace("{id}", "1001");
        let url = bed.url(&format!("/sandbox/api/{path}"));
        let request = match method {
            "GET" => bed.http().get(url),
            "POST" => bed.http().post(url),
            "DELETE" => bed.http().delete(url),
            _ => continue,
        };
        #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
        let response = request.send().await.unwrap();
        let is_stream = path == "stream";
        if !is_stream {
            let text = response.text().await.unwrap();
            assert!(!text.contains("no such control call"), "{call}");
        }
        checked += 1;
    }
    assert!(checked >= 20, "{checked}");
}
