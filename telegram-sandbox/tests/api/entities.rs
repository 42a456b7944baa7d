//! The tables of tests/entities against the sandbox: what is sent, and what is kept of it.

use serde_json::{Value, json};

use crate::bed::{ADA, Bed};

const TABLES: [(&str, &str, &str); 3] = [
    ("html.txt", "HTML", include_str!("../entities/html.txt")),
    (
        "markdown_v2.txt",
        "MarkdownV2",
        include_str!("../entities/markdown_v2.txt"),
    ),
    ("plain.txt", "", include_str!("../entities/plain.txt")),
];

/// How many cases there must be, all together.
const AT_LEAST: usize = 200;

#[derive(Debug)]
struct Case {
    line: usize,
    rule: String,
    params: Value,
    expected: String,
}

fn cases(mode: &str, table: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case: Option<Case> = None;
    for (place, line) in table.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once(": ").expect(line);
        let read = || serde_json::from_str::<Value>(value).expect(line);
        if key == "rule" {
            cases.extend(case.take());
            case = Some(Case {
                line: place + 1,
                rule: value.to_owned(),
                params: json!({"chat_id": ADA}),
                expected: String::new(),
            });
            continue;
        }
        let case = case.as_mut().expect("a case begins with its rule");
        match key {
            "send" => {
                case.params["text"] = read();
                case.params["parse_mode"] = json!(mode);
            }
            "error" => case.expected = format!("error: {value}"),
            "text" => case.expected = read().as_str().unwrap().to_owned() + " |",
            "entities" if value == "none" => {}
            "entities" => case.expected += &format!(" {value}"),
            other => case.params[other.strip_prefix("with ").expect(line)] = read(),
        }
    }
    cases.extend(case);
    cases
}

/// Text and entities in one line, or the refusal.
fn shown(status: u16, body: &Value) -> String {
    if status != 200 {
        let reason = body["description"].as_str().unwrap();
        let reason = reason.strip_prefix("Bad Request: ").unwrap_or(reason);
        return format!("error: {reason}");
    }
    let message = &body["result"];
    let mut line = message["text"].as_str().unwrap().to_owned() + " |";
    for entity in message["entities"].as_array().into_iter().flatten() {
        let argument = ["url", "language", "custom_emoji_id"]
            .iter()
            .find_map(|field| entity[field].as_str().map(str::to_owned))
            .or_else(|| entity["user"]["id"].as_i64().map(|id| id.to_string()));
        let argument = argument.map(|argument| format!("={argument}"));
        line += &format!(
            " {}:{}+{}{}",
            entity["type"].as_str().unwrap(),
            entity["offset"],
            entity["length"],
            argument.unwrap_or_default()
        );
    }
    line
}

#[tokio::test]
async fn every_case_of_the_tables_is_kept_or_refused_as_telegram_does() {
    let bed = Bed::new().await;
    let mut count = 0;
    let mut wrong = Vec::new();
    for (file, mode, table) in TABLES {
        for case in cases(mode, table) {
            count += 1;
            let (status, body) = bed.call("sendMessage", case.params.clone()).await;
            let got = shown(status, &body);
            if got != case.expected {
                wrong.push(format!(
                    "tests/entities/{file}:{} {}\n  sent     {}\n  expected {:?}\n  got      {got:?}",
                    case.line, case.rule, case.params, case.expected
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= AT_LEAST, "only {count} cases");
}

#[tokio::test]
async fn captions_are_read_like_texts_and_have_1024_units() {
    let bed = Bed::new().await;
    for (caption, expected) in [
        ("<b>x</b>".to_owned(), Ok("x")),
        (
            "<b>x".to_owned(),
            Err("can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        ),
        ("😀".repeat(513), Err("message caption is too long")),
    ] {
        let form = reqwest::multipart::Form::new()
            .text("chat_id", ADA.to_string())
            .text("parse_mode", "HTML")
            .text("caption", caption)
            .part("document", crate::bed::file("a.txt", b"text"));
        let (_, body) = bed.multipart("sendDocument", form).await;
        match expected {
            Ok(text) => assert_eq!(body["result"]["caption"], text),
            Err(reason) => assert_eq!(body["description"], format!("Bad Request: {reason}")),
        }
    }
}
