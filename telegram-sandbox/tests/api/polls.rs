//! Polls: sent, voted in, stopped, closed by the clock.

use serde_json::{Value, json};

use crate::bed::{ADA, Bed, GUS, LIM, OPS, kinds};

fn lunch() -> Value {
    json!({
        "chat_id": OPS, "question": "Lunch?", "options": ["Soup", {"text": "Salad"}],
        "is_anonymous": false,
    })
}

#[tokio::test]
async fn votes_are_counted_and_told() {
    let bed = Bed::new().await;
    let sent = bed.ok("sendPoll", lunch()).await;
    let poll = &sent["poll"];
    assert_eq!(poll["question"], "Lunch?");
    assert_eq!(poll["type"], "regular");
    assert_eq!(
        poll["options"][1],
        json!({"text": "Salad", "voter_count": 0})
    );
    let vote = |from: i64, options: Value| json!({"from": from, "chat": OPS, "message_id": sent["message_id"], "options": options});
    bed.post("votes", vote(LIM, json!([0]))).await;
    let after = bed.post("votes", vote(GUS, json!([1]))).await;
    assert_eq!(after["total_voter_count"], 2);
    let taken_back = bed.post("votes", vote(GUS, json!([]))).await;
    assert_eq!(taken_back["options"][1]["voter_count"], 0);
    let updates = bed.take_updates().await;
    let answers: Vec<_> = updates
        .iter()
        .filter_map(|update| update.get("poll_answer"))
        .collect();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0]["user"]["id"], LIM);
    assert_eq!(answers[0]["option_ids"], json!([0]));
    assert_eq!(
        answers[2]["option_ids"],
        json!([]),
        "the vote was taken back"
    );
    assert!(kinds(&updates).contains(&"poll".to_owned()));
    assert!(
        bed.not_done("votes", vote(LIM, json!([0, 1])))
            .await
            .contains("more than 1")
    );
}

#[tokio::test]
async fn a_stopped_poll_takes_no_votes() {
    let bed = Bed::new().await;
    let sent = bed.ok("sendPoll", lunch()).await;
    let of = json!({"chat_id": OPS, "message_id": sent["message_id"]});
    let poll = bed.ok("stopPoll", of.clone()).await;
    assert_eq!(poll["is_closed"], true);
    assert_eq!(
        bed.refused("stopPoll", of).await,
        "400 Bad Request: poll has already been closed"
    );
    let vote = json!({"from": LIM, "chat": OPS, "message_id": sent["message_id"], "options": [0]});
    bed.not_done("votes", vote).await;
    let text = bed.send(OPS, "x").await;
    let of = json!({"chat_id": OPS, "message_id": text["message_id"]});
    assert_eq!(
        bed.refused("stopPoll", of).await,
        "400 Bad Request: message is not a poll"
    );
}

#[tokio::test]
async fn a_poll_closes_when_its_time_is_over() {
    let bed = Bed::new().await;
    let mut params = lunch();
    params["open_period"] = json!(60);
    bed.ok("sendPoll", params).await;
    bed.advance(59).await;
    assert_eq!(bed.take_updates().await.len(), 0);
    bed.advance(2).await;
    let updates = bed.take_updates().await;
    assert_eq!(kinds(&updates), ["poll"]);
    assert_eq!(updates[0]["poll"]["is_closed"], true);
}

#[tokio::test]
async fn a_quiz_has_one_right_answer_and_an_explanation() {
    let bed = Bed::new().await;
    let mut quiz = lunch();
    quiz["type"] = json!("quiz");
    assert_eq!(
        bed.refused("sendPoll", quiz.clone()).await,
        "400 Bad Request: wrong correct option ID specified"
    );
    quiz["correct_option_id"] = json!(1);
    quiz["explanation"] = json!("<i>because</i>");
    quiz["explanation_parse_mode"] = json!("HTML");
    let sent = bed.ok("sendPoll", quiz).await;
    assert_eq!(sent["poll"]["correct_option_id"], 1);
    assert_eq!(sent["poll"]["explanation"], "because");
    assert_eq!(sent["poll"]["explanation_entities"][0]["type"], "italic");
}

#[tokio::test]
async fn wrong_polls_are_refused() {
    let bed = Bed::new().await;
    let long = "x".repeat(301);
    let wide = "x".repeat(101);
    let many: Vec<_> = (0..13).map(|n| n.to_string()).collect();
    for (change, refusal) in [
        (json!({"question": ""}), "poll question must be non-empty"),
        (
            json!({"question": long}),
            "poll question length must not exceed 300",
        ),
        (json!({"options": []}), "poll must have at least 2 option"),
        (
            json!({"options": many}),
            "poll can't have more than 12 options",
        ),
        (
            json!({"options": ["a", ""]}),
            "poll options must be non-empty",
        ),
        (
            json!({"options": ["a", wide]}),
            "poll options length must not exceed 100",
        ),
        (json!({"type": "riddle"}), "unsupported poll type specified"),
        (
            json!({"options": "a, b"}),
            "can't parse options JSON object",
        ),
    ] {
        let mut params = lunch();
        for (field, value) in change.as_object().unwrap() {
            params[field] = value.clone();
        }
        let given = bed.refused("sendPoll", params).await;
        assert_eq!(given, format!("400 Bad Request: {refusal}"));
    }
    let mut private = lunch();
    private["chat_id"] = json!(ADA);
    bed.ok("sendPoll", private).await;
}
