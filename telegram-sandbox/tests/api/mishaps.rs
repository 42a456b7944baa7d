//! The clock, and updates that come twice or out of order; faults with one's own words.

use serde_json::json;

use crate::bed::{ADA, Bed};

#[tokio::test]
async fn updates_come_twice_if_they_are_told_to() {
    let bed = Bed::new().await;
    bed.post("deliveries", json!({"duplicate": 1})).await;
    bed.write(ADA, ADA, "one").await;
    bed.write(ADA, ADA, "two").await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        for update in bed.take_updates().await {
            seen.push(update["message"]["text"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(
        seen.iter().filter(|text| *text == "one").count(),
        2,
        "{seen:?}"
    );
    assert_eq!(
        seen.iter().filter(|text| *text == "two").count(),
        1,
        "{seen:?}"
    );
}

#[tokio::test]
async fn polls_are_not_given_updates_out_of_order() {
    let bed = Bed::new().await;
    assert_eq!(
        bed.not_done("deliveries", json!({"swap": 1})).await,
        "`swap` needs a webhook: polls get updates in their order"
    );
    // What waits to be overtaken comes in its place when the webhook is gone.
    bed.ok("setWebhook", json!({"url": "http://127.0.0.1:9/x"}))
        .await;
    bed.post("deliveries", json!({"swap": 1})).await;
    bed.write(ADA, ADA, "one").await;
    bed.ok("deleteWebhook", json!({})).await;
    bed.write(ADA, ADA, "two").await;
    let mut texts = Vec::new();
    for _ in 0..2 {
        let first = bed.ok("getUpdates", json!({"limit": 1})).await[0].clone();
        texts.push(first["message"]["text"].clone());
        let next = first["update_id"].as_i64().unwrap() + 1;
        bed.ok("getUpdates", json!({"offset": next})).await;
    }
    assert_eq!(texts, ["one", "two"]);
}

#[tokio::test]
async fn updates_wait_a_day_and_no_longer() {
    let bed = Bed::new().await;
    bed.write(ADA, ADA, "old").await;
    bed.advance(23 * 3600).await;
    bed.write(ADA, ADA, "young").await;
    bed.advance(2 * 3600).await;
    let updates = bed.updates().await;
    assert_eq!(updates.len(), 1);
    assert_eq!(updates[0]["message"]["text"], "young");
    bed.ok("setWebhook", json!({"url": "http://127.0.0.1:9/x"}))
        .await;
    bed.advance(24 * 3600).await;
    let info = bed.ok("getWebhookInfo", json!({})).await;
    assert_eq!(info["pending_update_count"], 0);
}

#[tokio::test]
async fn an_update_is_not_later_than_the_world() {
    let bed = Bed::new().await;
    for late_ms in [i64::MAX, -1] {
        let params = json!({"from": ADA, "chat": ADA, "text": "x", "late_ms": late_ms});
        assert_eq!(
            bed.not_done("messages", params).await,
            "`late_ms` must be 0 to ten years"
        );
    }
}

#[tokio::test]
async fn a_stopped_clock_moves_only_when_it_is_put_forward() {
    let bed = Bed::new().await;
    let before = bed.post("clock", json!({"stopped": true})).await;
    let first = bed.send(ADA, "one").await["date"].as_i64().unwrap();
    bed.advance(3600).await;
    let second = bed.send(ADA, "two").await["date"].as_i64().unwrap();
    assert_eq!(second - first, 3600);
    let after = bed.get("clock").await;
    let passed = after["now_ms"].as_i64().unwrap() - before["now_ms"].as_i64().unwrap();
    assert_eq!(passed, 3_600_000);
    assert!(
        bed.not_done("clock", json!({"advance_ms": -1}))
            .await
            .contains("forward only")
    );
}

#[tokio::test]
async fn messages_grow_too_old_to_be_deleted() {
    let bed = Bed::new().await;
    let sent = bed.send(ADA, "one").await;
    bed.advance(48 * 3600 + 1).await;
    let params = json!({"chat_id": ADA, "message_id": sent["message_id"]});
    assert_eq!(
        bed.refused("deleteMessage", params).await,
        "400 Bad Request: message can't be deleted for everyone"
    );
}

#[tokio::test]
async fn a_fault_has_the_words_that_it_was_given() {
    let bed = Bed::new().await;
    let fault = json!({"kind": "error", "code": 418, "description": "Bad Request: I am a teapot"});
    bed.post("faults", fault).await;
    assert_eq!(
        bed.refused("sendMessage", json!({"chat_id": ADA, "text": "x"}))
            .await,
        "418 Bad Request: I am a teapot"
    );
    bed.send(ADA, "once only").await;
}

#[tokio::test]
async fn a_press_arrives_twice_after_a_lost_connection() {
    let bed = Bed::new().await;
    let keyboard = json!({"inline_keyboard": [[{"text": "b", "callback_data": "d"}]]});
    let params = json!({"chat_id": ADA, "text": "x", "reply_markup": keyboard});
    let sent = bed.ok("sendMessage", params).await;
    let press = json!({
        "from": ADA, "chat": ADA, "message_id": sent["message_id"], "data": "d",
        "wait": 0, "twice": true,
    });
    bed.post("clicks", press).await;
    let updates = bed.take_updates().await;
    assert_eq!(updates.len(), 2);
    assert_ne!(updates[0]["update_id"], updates[1]["update_id"]);
    assert_eq!(
        updates[0]["callback_query"]["id"],
        updates[1]["callback_query"]["id"]
    );
}
