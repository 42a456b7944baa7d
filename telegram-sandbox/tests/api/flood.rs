//! Flood limits, when they are on.

use std::time::Duration;

use serde_json::json;
use telegram_sandbox::Options;

use crate::bed::{ADA, Bed, LIM, OPS};

async fn strict() -> Bed {
    Bed::with(Options {
        flood_limits: true,
        ..Options::default()
    })
    .await
}

/// `retry_after` of a refused call, or 0.
async fn retry_after(bed: &Bed, chat: i64) -> u64 {
    let (status, body) = bed
        .call("sendMessage", json!({"chat_id": chat, "text": "x"}))
        .await;
    match status {
        429 => body["parameters"]["retry_after"].as_u64().unwrap(),
        _ => 0,
    }
}

#[tokio::test]
async fn without_limits_nothing_is_refused() {
    let bed = Bed::new().await;
    for _ in 0..50 {
        assert_eq!(retry_after(&bed, ADA).await, 0);
    }
}

#[tokio::test]
async fn a_private_chat_takes_three_at_once_and_one_a_second() {
    let bed = strict().await;
    for _ in 0..3 {
        assert_eq!(retry_after(&bed, ADA).await, 0);
    }
    assert_eq!(retry_after(&bed, ADA).await, 1);
    assert_eq!(
        retry_after(&bed, LIM).await,
        0,
        "one flooded chat does not stop another"
    );
    tokio::time::sleep(Duration::from_millis(1050)).await;
    assert_eq!(retry_after(&bed, ADA).await, 0);
}

#[tokio::test]
async fn calls_during_the_penalty_prolong_it() {
    let bed = strict().await;
    for _ in 0..3 {
        retry_after(&bed, ADA).await;
    }
    assert_eq!(retry_after(&bed, ADA).await, 1);
    assert_eq!(retry_after(&bed, ADA).await, 2);
    assert_eq!(retry_after(&bed, ADA).await, 3);
    let stats = bed.get("stats").await;
    assert_eq!(stats["too_many_requests"], 3);
}

#[tokio::test]
async fn a_group_takes_20_in_a_minute_and_edits_count() {
    let bed = strict().await;
    let sent = bed.send(OPS, "0").await;
    for n in 1..20 {
        let params =
            json!({"chat_id": OPS, "message_id": sent["message_id"], "text": n.to_string()});
        bed.ok("editMessageText", params).await;
    }
    let wait = retry_after(&bed, OPS).await;
    assert!((55..=60).contains(&wait), "{wait}");
}

#[tokio::test]
async fn reading_is_free_and_limits_can_be_switched_off() {
    let bed = strict().await;
    for _ in 0..4 {
        retry_after(&bed, ADA).await;
    }
    bed.ok("getChat", json!({"chat_id": ADA})).await;
    bed.ok(
        "sendChatAction",
        json!({"chat_id": ADA, "action": "typing"}),
    )
    .await;
    let answer = bed.post("limits", json!({"enforce": false})).await;
    assert_eq!(answer["enforce"], false);
    assert_eq!(retry_after(&bed, ADA).await, 0);
}

#[tokio::test]
async fn a_refusal_says_how_long_in_its_header_too() {
    let bed = strict().await;
    for _ in 0..3 {
        retry_after(&bed, ADA).await;
    }
    let url = bed.url("/bot1:sandbox/sendMessage?chat_id=1001&text=x");
    #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
    let response = bed.http().get(url).send().await.unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "1");
}

#[tokio::test]
async fn a_webhook_is_set_once_a_second_at_most() {
    let bed = strict().await;
    bed.post("clock", json!({"stopped": true})).await;
    let set = || json!({"url": "http://127.0.0.1:9/x"});
    bed.ok("setWebhook", set()).await;
    assert_eq!(
        bed.refused("setWebhook", set()).await,
        "429 Too Many Requests: retry after 1"
    );
    bed.ok("deleteWebhook", json!({})).await;
    bed.advance(1).await;
    bed.ok("setWebhook", set()).await;
}
