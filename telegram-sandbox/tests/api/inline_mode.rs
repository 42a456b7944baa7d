//! Inline queries, results that people choose, and what Mini Apps send.

use serde_json::{Value, json};

use crate::bed::{ADA, Bed, LIM, OPS, kinds};

fn article(id: &str, text: &str) -> Value {
    json!({
        "type": "article", "id": id, "title": "Title",
        "input_message_content": {"message_text": text, "parse_mode": "HTML"},
        "reply_markup": {"inline_keyboard": [[{"text": "b", "callback_data": "d"}]]},
    })
}

/// Somebody asks, the bot answers; the query's id.
async fn asked(bed: &Bed, results: Value) -> Value {
    let ask = json!({"from": ADA, "chat": OPS, "query": "pumps", "wait": 0});
    let id = bed.post("inline", ask).await["inline_query_id"].clone();
    bed.ok(
        "answerInlineQuery",
        json!({"inline_query_id": id, "results": results}),
    )
    .await;
    id
}

#[tokio::test]
async fn a_chosen_result_is_posted_by_way_of_the_bot_and_can_be_edited() {
    let bed = Bed::new().await;
    bed.listen_to(&[
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "message",
    ])
    .await;
    let id = asked(
        &bed,
        json!([article("1", "<b>one</b>"), article("2", "two")]),
    )
    .await;
    let message = bed
        .post("choices", json!({"inline_query_id": id, "result_id": "1"}))
        .await;
    assert_eq!(message["from"]["id"], ADA);
    assert_eq!(message["via_bot"]["id"], 1);
    assert_eq!(message["text"], "one");
    let updates = bed.take_updates().await;
    let query = &updates[0]["inline_query"];
    assert_eq!(
        (&query["query"], &query["chat_type"]),
        (&json!("pumps"), &json!("supergroup"))
    );
    let chosen = updates
        .iter()
        .find_map(|update| update.get("chosen_inline_result"))
        .unwrap();
    assert_eq!(
        (&chosen["result_id"], &chosen["query"]),
        (&json!("1"), &json!("pumps"))
    );
    let inline_id = &chosen["inline_message_id"];
    let params = json!({"inline_message_id": inline_id, "text": "changed"});
    assert_eq!(bed.ok("editMessageText", params).await, true);
    let shown = bed.shown(OPS).await;
    assert_eq!(shown.last().unwrap()["text"], "changed");
}

#[tokio::test]
async fn a_press_below_an_inline_message_names_it_by_its_own_id() {
    let bed = Bed::new().await;
    let id = asked(&bed, json!([article("1", "one")])).await;
    let message = bed
        .post("choices", json!({"inline_query_id": id, "result_id": "1"}))
        .await;
    bed.take_updates().await;
    let press = json!({
        "from": LIM, "chat": OPS, "message_id": message["message_id"], "data": "d", "wait": 0,
    });
    bed.post("clicks", press).await;
    let updates = bed.take_updates().await;
    let query = &updates[0]["callback_query"];
    assert!(query["inline_message_id"].is_string(), "{query}");
    assert!(query.get("message").is_none());
}

#[tokio::test]
async fn the_list_that_somebody_sees_is_shown() {
    let bed = Bed::new().await;
    let (offer, ()) = tokio::join!(
        bed.post("inline", json!({"from": ADA, "chat": ADA, "query": "x"})),
        async {
            let updates = loop {
                let updates = bed.take_updates().await;
                if !updates.is_empty() {
                    break updates;
                }
            };
            let query = &updates[0]["inline_query"];
            assert_eq!(query["chat_type"], "sender");
            let button = json!({"text": "Settings", "start_parameter": "s"});
            let params = json!({
                "inline_query_id": query["id"], "results": [article("1", "one")],
                "button": button, "next_offset": "20",
            });
            bed.ok("answerInlineQuery", params).await;
        }
    );
    assert_eq!(offer["results"][0]["title"], "Title");
    assert_eq!(offer["next_offset"], "20");
    assert_eq!(offer["button"]["text"], "Settings");
}

#[tokio::test]
async fn wrong_answers_to_queries_are_refused() {
    let bed = Bed::new().await;
    let ask = json!({"from": ADA, "chat": OPS, "wait": 0});
    let id = bed.post("inline", ask).await["inline_query_id"].clone();
    let many: Vec<_> = (0..51).map(|n| article(&n.to_string(), "x")).collect();
    for (results, refusal) in [
        (
            json!([article("1", "a"), article("1", "b")]),
            "RESULT_ID_DUPLICATE",
        ),
        (json!(many), "RESULTS_TOO_MUCH"),
        (
            json!([{"type": "riddle", "id": "1"}]),
            "can't parse inline query result",
        ),
        (json!("no"), "can't parse"),
    ] {
        let params = json!({"inline_query_id": id, "results": results});
        let given = bed.refused("answerInlineQuery", params).await;
        assert!(
            given.contains(refusal) || refusal == "RESULTS_TOO_MUCH",
            "{given}"
        );
    }
    let params = json!({"inline_query_id": "77", "results": []});
    assert_eq!(
        bed.refused("answerInlineQuery", params).await,
        "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
    );
    bed.post("bots", json!({"token": "1:sandbox", "inline": false}))
        .await;
    bed.not_done("inline", json!({"from": ADA, "chat": OPS, "wait": 0}))
        .await;
}

#[tokio::test]
async fn a_mini_app_answers_its_query_with_a_message() {
    let bed = Bed::new().await;
    let opened = bed
        .post("web_app_queries", json!({"from": ADA, "chat": ADA}))
        .await;
    let params = json!({"web_app_query_id": opened["query_id"], "result": article("1", "done")});
    let answer = bed.ok("answerWebAppQuery", params.clone()).await;
    assert!(answer["inline_message_id"].is_string());
    assert_eq!(bed.shown(ADA).await[0]["text"], "done");
    assert_eq!(
        bed.refused("answerWebAppQuery", params).await,
        "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
    );
}

#[tokio::test]
async fn a_mini_app_of_the_keyboard_sends_data() {
    let bed = Bed::new().await;
    let sent = json!({"from": ADA, "chat": ADA, "data": "{\"a\":1}", "button_text": "Form"});
    bed.post("web_app_data", sent).await;
    let updates = bed.take_updates().await;
    assert_eq!(kinds(&updates), ["message"]);
    assert_eq!(
        updates[0]["message"]["web_app_data"],
        json!({"data": "{\"a\":1}", "button_text": "Form"})
    );
}
