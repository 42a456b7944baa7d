//! `getUpdates`: offsets, limits, waiting, kinds, conflicts.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bed::{ADA, Bed, LIM, OPS, kinds};

fn ids(updates: &Value) -> Vec<i64> {
    let updates = updates.as_array().unwrap();
    updates
        .iter()
        .map(|update| update["update_id"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn update_ids_increase_and_stay_until_a_higher_offset_confirms_them() {
    let bed = Bed::new().await;
    for n in 0..3 {
        bed.write(ADA, ADA, &format!("message {n}")).await;
    }
    let first = ids(&bed.ok("getUpdates", json!({})).await);
    assert_eq!(first.len(), 3);
    assert!(first.windows(2).all(|pair| pair[1] == pair[0] + 1));
    assert_eq!(
        ids(&bed.ok("getUpdates", json!({})).await),
        first,
        "unconfirmed"
    );
    let rest = bed.ok("getUpdates", json!({"offset": first[1]})).await;
    assert_eq!(ids(&rest), first[1..]);
    let none = bed.ok("getUpdates", json!({"offset": first[2] + 1})).await;
    assert_eq!(ids(&none), [0i64; 0]);
    assert_eq!(bed.updates().await.len(), 0);
}

#[tokio::test]
async fn a_negative_offset_keeps_only_so_many_from_the_end() {
    let bed = Bed::new().await;
    for n in 0..5 {
        bed.write(ADA, ADA, &format!("message {n}")).await;
    }
    let last = bed.ok("getUpdates", json!({"offset": -2})).await;
    assert_eq!(last[0]["message"]["text"], "message 3");
    assert_eq!(
        bed.updates().await.len(),
        2,
        "the earlier ones are forgotten"
    );
}

#[tokio::test]
async fn a_limit_from_1_to_100_is_kept() {
    let bed = Bed::new().await;
    let many: Vec<_> = (0..150)
        .map(|n| json!({"from": ADA, "chat": ADA, "text": format!("{n}")}))
        .collect();
    bed.post("messages", json!(many)).await;
    for (limit, expected) in [(1, 1), (7, 7), (100, 100), (0, 100), (1000, 100)] {
        let got = bed.ok("getUpdates", json!({"limit": limit})).await;
        assert_eq!(ids(&got).len(), expected, "limit {limit}");
    }
}

#[tokio::test]
async fn a_long_poll_returns_as_soon_as_there_is_something() {
    let bed = Bed::new().await;
    let started = Instant::now();
    let (updates, _) = tokio::join!(bed.ok("getUpdates", json!({"timeout": 10})), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        bed.write(ADA, ADA, "late").await;
    });
    assert_eq!(updates[0]["message"]["text"], "late");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_empty_long_poll_ends_after_its_timeout() {
    let bed = Bed::new().await;
    let started = Instant::now();
    assert_eq!(bed.ok("getUpdates", json!({"timeout": 1})).await, json!([]));
    assert!(started.elapsed() >= Duration::from_millis(950));
}

#[tokio::test]
async fn a_second_poller_ends_the_first_with_a_conflict() {
    let bed = Bed::new().await;
    let (first, second) = tokio::join!(bed.call("getUpdates", json!({"timeout": 10})), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        bed.ok("getUpdates", json!({"timeout": 0})).await
    });
    assert_eq!(second, json!([]));
    assert_eq!(first.0, 409);
    assert_eq!(
        first.1["description"],
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance \
         is running"
    );
}

#[tokio::test]
async fn polling_is_refused_while_a_webhook_is_active() {
    let bed = Bed::new().await;
    bed.ok("setWebhook", json!({"url": "http://127.0.0.1:9/x"}))
        .await;
    assert_eq!(
        bed.refused("getUpdates", json!({})).await,
        "409 Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to \
         delete the webhook first"
    );
    bed.ok("deleteWebhook", json!({})).await;
    bed.ok("getUpdates", json!({})).await;
}

#[tokio::test]
async fn only_the_allowed_kinds_are_queued_and_the_choice_is_remembered() {
    let bed = Bed::new().await;
    bed.ok("getUpdates", json!({"allowed_updates": ["callback_query"]}))
        .await;
    bed.write(ADA, ADA, "not asked for").await;
    assert_eq!(bed.updates().await.len(), 0);
    bed.ok("getUpdates", json!({"allowed_updates": []})).await;
    bed.write(ADA, ADA, "asked for").await;
    bed.post(
        "members",
        json!({"chat": OPS, "user": LIM, "action": "promote"}),
    )
    .await;
    assert_eq!(
        kinds(&bed.take_updates().await),
        ["message"],
        "chat_member is not usual"
    );
    bed.ok("getUpdates", json!({"allowed_updates": ["chat_member"]}))
        .await;
    bed.post(
        "members",
        json!({"chat": OPS, "user": LIM, "action": "demote"}),
    )
    .await;
    assert_eq!(kinds(&bed.take_updates().await), ["chat_member"]);
}

#[tokio::test]
async fn a_message_arrives_as_telegram_sends_it() {
    let bed = Bed::new().await;
    bed.write(ADA, OPS, "/start@vahta_sandbox_bot 😀 #ops")
        .await;
    let updates = bed.updates().await;
    let message = &updates[0]["message"];
    assert_eq!(
        message["from"],
        json!({
            "id": ADA, "is_bot": false, "first_name": "Ada", "username": "ada", "language_code": "en",
        })
    );
    assert_eq!(
        message["chat"],
        json!({"id": OPS, "type": "supergroup", "title": "Ops"})
    );
    assert_eq!(
        message["entities"],
        json!([
            {"type": "bot_command", "offset": 0, "length": 24},
            {"type": "hashtag", "offset": 28, "length": 4},
        ])
    );
}

#[tokio::test]
async fn message_ids_are_counted_per_chat() {
    let bed = Bed::new().await;
    assert_eq!(bed.write(ADA, ADA, "a").await["message_id"], 1);
    assert_eq!(bed.write(LIM, LIM, "b").await["message_id"], 1);
    assert_eq!(bed.send(ADA, "c").await["message_id"], 2);
}
