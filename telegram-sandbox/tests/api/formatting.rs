//! Parse modes over the wire; the tables of cases are beside the parsers.

use serde_json::{Value, json};

use crate::bed::{ADA, Bed};

async fn entities(bed: &Bed, text: &str, mode: &str) -> (String, Value) {
    let params = json!({"chat_id": ADA, "text": text, "parse_mode": mode});
    let sent = bed.ok("sendMessage", params).await;
    (
        sent["text"].as_str().unwrap().to_owned(),
        sent["entities"].clone(),
    )
}

#[tokio::test]
async fn html_and_markdown_give_the_same_entities() {
    let bed = Bed::new().await;
    let expected = json!([
        {"type": "bold", "offset": 3, "length": 4},
        {"type": "text_link", "url": "https://example.org/", "offset": 8, "length": 4},
    ]);
    let html = "😀 <b>bold</b> <a href=\"https://example.org\">link</a>";
    let (text, got) = entities(&bed, html, "HTML").await;
    assert_eq!((text.as_str(), &got), ("😀 bold link", &expected));
    let markdown = "😀 *bold* [link](https://example.org)";
    let (text, got) = entities(&bed, markdown, "MarkdownV2").await;
    assert_eq!((text.as_str(), &got), ("😀 bold link", &expected));
    let (_, got) = entities(&bed, markdown, "markdown").await;
    assert_eq!(got, expected);
}

#[tokio::test]
async fn malformed_markup_is_refused() {
    let bed = Bed::new().await;
    for (mode, text, expected) in [
        (
            "HTML",
            "<b>x",
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            "html",
            "<p>x</p>",
            "can't parse entities: Unsupported start tag \"p\" at byte offset 0",
        ),
        (
            "MarkdownV2",
            "a.b",
            "can't parse entities: Character '.' is reserved and must be escaped with the \
             preceding '\\'",
        ),
        (
            "MarkdownV2",
            "*x",
            "can't parse entities: Can't find end of Bold entity at byte offset 0",
        ),
        (
            "Markdown",
            "a_b",
            "can't parse entities: Can't find end of the entity starting at byte offset 1",
        ),
        ("LaTeX", "x", "unsupported parse_mode"),
    ] {
        let params = json!({"chat_id": ADA, "text": text, "parse_mode": mode});
        let refusal = bed.refused("sendMessage", params).await;
        assert_eq!(refusal, format!("400 Bad Request: {expected}"));
    }
}

#[tokio::test]
async fn given_entities_are_taken_shifted_with_the_trimmed_text_and_strangers_are_not_mentioned() {
    let bed = Bed::new().await;
    let params = json!({
        "chat_id": ADA, "text": "  hi Ada you",
        "entities": [
            {"type": "bold", "offset": 2, "length": 2},
            {"type": "text_mention", "offset": 5, "length": 3, "user": {"id": ADA}},
            {"type": "text_mention", "offset": 9, "length": 3, "user": {"id": 77}},
        ],
    });
    let sent = bed.ok("sendMessage", params).await;
    assert_eq!(sent["text"], "hi Ada you");
    let entities = sent["entities"].as_array().unwrap();
    assert_eq!(entities.len(), 2);
    assert_eq!(
        entities[0],
        json!({"type": "bold", "offset": 0, "length": 2})
    );
    assert_eq!(entities[1]["user"]["first_name"], "Ada");
}

#[tokio::test]
async fn commands_in_a_bots_text_become_entities_but_not_inside_code() {
    let bed = Bed::new().await;
    let (_, got) = entities(&bed, "try /help or <code>/start</code>", "HTML").await;
    assert_eq!(
        got,
        json!([
            {"type": "bot_command", "offset": 4, "length": 5},
            {"type": "code", "offset": 13, "length": 6},
        ])
    );
}
