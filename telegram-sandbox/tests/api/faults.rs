//! Things that go wrong on purpose.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::bed::{ADA, Bed, GUS};

#[tokio::test]
async fn each_kind_of_fault_is_answered_as_telegram_would() {
    let bed = Bed::new().await;
    let send = json!({"chat_id": ADA, "text": "x"});
    for (fault, status, description) in [
        (
            json!({"kind": 429, "retry_after": 7}),
            429,
            "Too Many Requests: retry after 7",
        ),
        (json!({"kind": 500}), 500, "Internal Server Error"),
        (json!({"kind": "502"}), 502, "Bad Gateway"),
        (
            json!({"kind": "forbidden"}),
            403,
            "Forbidden: bot was blocked by the user",
        ),
    ] {
        bed.post("faults", fault).await;
        let (got, body) = bed.call("sendMessage", send.clone()).await;
        assert_eq!(
            (got, body["description"].as_str()),
            (status, Some(description))
        );
        if status == 429 {
            assert_eq!(body["parameters"]["retry_after"], 7);
        }
        bed.ok("sendMessage", send.clone()).await;
    }
    assert_eq!(
        bed.shown(ADA).await.len(),
        4,
        "a call that failed had no effect"
    );
}

#[tokio::test]
async fn a_rule_meets_only_its_method_and_chat_as_often_as_it_says() {
    let bed = Bed::new().await;
    let rule = json!({"method": "SendMessage", "chat": GUS, "kind": 500, "times": 2});
    bed.post("faults", rule).await;
    bed.ok("getMe", json!({})).await;
    bed.send(ADA, "not met").await;
    let to_gus = json!({"chat_id": GUS, "text": "x"});
    for expected in [500, 500, 200] {
        assert_eq!(bed.call("sendMessage", to_gus.clone()).await.0, expected);
    }
    assert_eq!(bed.get("faults").await["faults"], json!([]));
    bed.post("faults", json!({"kind": 500, "times": 0})).await;
    for _ in 0..3 {
        assert_eq!(bed.call("getMe", json!({})).await.0, 500, "for ever");
    }
    let url = bed.url("/sandbox/api/faults");
    #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
    bed.http().delete(url).send().await.unwrap();
    bed.ok("getMe", json!({})).await;
}

#[tokio::test]
async fn a_dropped_connection_gives_no_answer_at_all() {
    let bed = Bed::new().await;
    bed.post("faults", json!({"kind": "drop"})).await;
    let url = bed.url("/bot1:sandbox/getMe");
    #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
    let outcome = bed.http().get(url).send().await;
    assert!(outcome.is_err(), "{outcome:?}");
    let calls = bed.get("calls?method=getMe").await;
    assert_eq!(calls["calls"][0]["status"], 0);
}

#[tokio::test]
async fn a_lost_answer_can_belong_to_a_message_that_was_sent() {
    let bed = Bed::new().await;
    bed.post(
        "faults",
        json!({"method": "sendMessage", "kind": "drop", "applied": true}),
    )
    .await;
    let url = bed.url("/bot1:sandbox/sendMessage?chat_id=1001&text=x");
    #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
    let outcome = bed.http().post(url).send().await;
    assert!(outcome.is_err());
    assert_eq!(bed.shown(ADA).await.len(), 1);
}

#[tokio::test]
async fn a_timeout_holds_the_call_and_then_hangs_up() {
    let bed = Bed::new().await;
    bed.post("faults", json!({"kind": "timeout", "retry_after": 1}))
        .await;
    let started = Instant::now();
    let url = bed.url("/bot1:sandbox/getMe");
    #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
    let outcome = bed.http().get(url).send().await;
    assert!(outcome.is_err());
    assert!(started.elapsed() >= Duration::from_millis(950));
}

#[tokio::test]
async fn slow_answers_are_true_and_garbage_is_not_json() {
    let bed = Bed::new().await;
    bed.post("faults", json!({"kind": "slow", "delay_ms": 200}))
        .await;
    let started = Instant::now();
    bed.ok("getMe", json!({})).await;
    assert!(started.elapsed() >= Duration::from_millis(200));
    bed.post("faults", json!({"kind": "garbage"})).await;
    let (_, body) = bed.fetch("/bot1:sandbox/getMe").await;
    assert!(serde_json::from_slice::<serde_json::Value>(&body).is_err());
}
