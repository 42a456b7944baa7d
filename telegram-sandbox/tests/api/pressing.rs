//! Buttons: presses, answers, links, forged and late ones.

use serde_json::{Value, json};

use crate::bed::{ADA, BOT, Bed, GUS, OPS};

async fn message_with_buttons(bed: &Bed) -> i64 {
    let keyboard = json!({"inline_keyboard": [
        [{"text": "Done", "callback_data": "done:1"}],
        [{"text": "Site", "url": "https://example.org/"}],
    ]});
    let params = json!({"chat_id": ADA, "text": "task", "reply_markup": keyboard});
    bed.ok("sendMessage", params).await["message_id"]
        .as_i64()
        .unwrap()
}

/// Polls for one press and answers it.
async fn answer_one(bed: &Bed, answer: Value) -> Value {
    let updates = bed.ok("getUpdates", json!({"timeout": 5})).await;
    let query = updates[0]["callback_query"].clone();
    let mut params = answer;
    params["callback_query_id"] = query["id"].clone();
    bed.ok("answerCallbackQuery", params).await;
    query
}

#[tokio::test]
async fn a_press_reaches_the_bot_and_its_answer_is_shown() {
    let bed = Bed::new().await;
    let id = message_with_buttons(&bed).await;
    let press = json!({"from": ADA, "chat": ADA, "message_id": id, "text": "Done"});
    let answer = json!({"text": "Well done", "show_alert": true});
    let (shown, query) = tokio::join!(bed.post("clicks", press), answer_one(&bed, answer));
    assert_eq!(shown, json!({"text": "Well done", "show_alert": true}));
    assert_eq!(query["data"], "done:1");
    assert_eq!(query["from"]["id"], ADA);
    assert_eq!(query["message"]["message_id"], id);
    assert_eq!(query["message"]["from"]["id"], BOT);
    assert!(query["chat_instance"].is_string());
}

#[tokio::test]
async fn an_answer_counts_once_and_unknown_queries_are_too_old() {
    let bed = Bed::new().await;
    let id = message_with_buttons(&bed).await;
    let press = json!({
        "from": ADA, "chat": ADA, "message_id": id, "data": "done:1", "wait": 0,
    });
    let pressed = bed.post("clicks", press).await;
    let params = json!({"callback_query_id": pressed["callback_query_id"]});
    bed.ok("answerCallbackQuery", params.clone()).await;
    let too_old =
        "400 Bad Request: query is too old and response timeout expired or query ID is invalid";
    assert_eq!(bed.refused("answerCallbackQuery", params).await, too_old);
    let unknown = json!({"callback_query_id": "77"});
    assert_eq!(bed.refused("answerCallbackQuery", unknown).await, too_old);
}

#[tokio::test]
async fn a_press_that_nobody_answers_times_out() {
    let bed = Bed::new().await;
    let id = message_with_buttons(&bed).await;
    let press = json!({
        "from": ADA, "chat": ADA, "message_id": id, "data": "done:1", "wait": 50,
    });
    let (status, body) = bed.control("clicks", press).await;
    assert_eq!(status, 504);
    assert_eq!(body["description"], "the bot did not answer within 50 ms");
}

#[tokio::test]
async fn a_link_button_opens_without_the_bot() {
    let bed = Bed::new().await;
    let id = message_with_buttons(&bed).await;
    let press = json!({"from": ADA, "chat": ADA, "message_id": id, "text": "Site"});
    let shown = bed.post("clicks", press).await;
    assert_eq!(shown["url"], "https://example.org/");
    assert_eq!(bed.updates().await.len(), 0);
}

#[tokio::test]
async fn only_members_press_what_is_there_unless_forged_on_purpose() {
    let bed = Bed::new().await;
    let id = message_with_buttons(&bed).await;
    for (press, reason) in [
        (
            json!({"from": ADA, "chat": ADA, "message_id": id, "text": "Nope"}),
            "`data`/`text`: message 1 has no such button; it has: Done | Site",
        ),
        (
            json!({"from": ADA, "chat": ADA, "message_id": id}),
            "`data` or `text` must say which button",
        ),
        (
            json!({"from": GUS, "chat": ADA, "message_id": id, "text": "Done"}),
            "`from` is not in `chat`",
        ),
        (
            json!({"from": ADA, "chat": OPS, "message_id": 9, "text": "Done"}),
            "`message_id`: there is no message 9 in this chat",
        ),
    ] {
        let (status, body) = bed.control("clicks", press).await;
        assert_eq!(
            (status, body["description"].as_str().unwrap()),
            (400, reason)
        );
    }
    let forged = json!({
        "from": ADA, "chat": ADA, "message_id": id, "data": "evil", "force": true, "wait": 0,
    });
    bed.post("clicks", forged).await;
    assert_eq!(bed.updates().await[0]["callback_query"]["data"], "evil");
}

#[tokio::test]
async fn an_answer_opens_nothing_but_the_bot() {
    let bed = Bed::new().await;
    let keyboard = json!({"inline_keyboard": [[{"text": "b", "callback_data": "d"}]]});
    let sent = json!({"chat_id": ADA, "text": "x", "reply_markup": keyboard});
    let sent = bed.ok("sendMessage", sent).await["message_id"].clone();
    let press = json!({"from": ADA, "chat": ADA, "message_id": sent, "data": "d", "wait": 0});
    for url in [
        "https://example.org/",
        "https://t.me/vahta_sandbox_bot",
        "https://t.me/another_bot?start=1",
    ] {
        let query = bed.post("clicks", press.clone()).await["callback_query_id"].clone();
        assert_eq!(
            bed.refused(
                "answerCallbackQuery",
                json!({"callback_query_id": query, "url": url})
            )
            .await,
            "400 Bad Request: URL_INVALID"
        );
    }
    for url in [
        "https://t.me/vahta_sandbox_bot?start=x",
        "t.me/Vahta_sandbox_bot?start=x",
        "tg://resolve?domain=vahta_sandbox_bot&start=x",
    ] {
        let query = bed.post("clicks", press.clone()).await["callback_query_id"].clone();
        bed.ok(
            "answerCallbackQuery",
            json!({"callback_query_id": query, "url": url}),
        )
        .await;
    }
}

#[tokio::test]
async fn a_message_without_buttons_cannot_be_pressed() {
    let bed = Bed::new().await;
    let sent = bed.send(ADA, "x").await["message_id"].clone();
    let press = json!({"from": ADA, "chat": ADA, "message_id": sent, "data": "d"});
    assert_eq!(
        bed.not_done("clicks", press).await,
        format!("`message_id`: message {sent} has no buttons")
    );
}
