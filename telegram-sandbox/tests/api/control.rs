//! The control API itself: people, chats, calls, raw updates, refusals.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::bed::{ADA, Bed, LIM, OPS, kinds};

#[tokio::test]
async fn the_usual_people_and_their_group_are_there() {
    let bed = Bed::new().await;
    let users = bed.get("users").await;
    let names: Vec<_> = users["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| {
            (
                user["id"].as_i64().unwrap(),
                user["first_name"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(names, [(1001, "Ada"), (1002, "Lim"), (1003, "Gus")]);
    let chats = bed.get("chats").await;
    let chats = chats["chats"].as_array().unwrap();
    assert_eq!(chats.len(), 4);
    let ops = chats.iter().find(|chat| chat["id"] == OPS).unwrap();
    assert_eq!(ops["members"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn people_and_groups_can_be_added() {
    let bed = Bed::new().await;
    let eve = bed
        .post(
            "users",
            json!({"first_name": "Eve", "username": "@eve", "language_code": "de"}),
        )
        .await;
    let id = eve["id"].as_i64().unwrap();
    assert_eq!(eve["username"], "eve");
    bed.write(id, id, "hello").await;
    let group = json!({"type": "group", "title": "Two", "members": [ADA, id]});
    let group = bed.post("chats", group).await;
    bed.write(id, group["id"].as_i64().unwrap(), "hello all")
        .await;
    assert_eq!(kinds(&bed.updates().await), ["message", "message"]);
}

#[tokio::test]
async fn every_refusal_names_the_field() {
    let bed = Bed::new().await;
    for (call, params, expected) in [
        (
            "messages",
            json!({"chat": ADA, "text": "x"}),
            "`from` is missing",
        ),
        (
            "messages",
            json!({"from": "x", "chat": ADA, "text": "x"}),
            "`from` must be a whole number",
        ),
        (
            "messages",
            json!({"from": 5, "chat": ADA, "text": "x"}),
            "`from`: there is no person 5",
        ),
        (
            "messages",
            json!({"from": ADA, "chat": 5, "text": "x"}),
            "`chat`: there is no chat 5",
        ),
        (
            "messages",
            json!({"from": ADA, "chat": ADA}),
            "`text` is missing",
        ),
        (
            "messages",
            json!({"from": ADA, "chat": LIM, "text": "x"}),
            "`from`: this is somebody else's private chat",
        ),
        ("users", json!({"id": 7}), "`first_name` is missing"),
        ("chats", json!({"type": "private"}), "`type` must be"),
        ("faults", json!({"kind": "fire"}), "`kind` must be"),
        (
            "members",
            json!({"chat": OPS, "user": ADA, "action": "fly"}),
            "`action` must be",
        ),
        ("limits", json!({}), "`enforce` is missing"),
        ("blocks", json!({"user": ADA}), "`blocked` is missing"),
        (
            "users",
            json!({"name": "x"}),
            "`name` is not a field of this call",
        ),
    ] {
        let (status, body) = bed.control(call, params).await;
        let description = body["description"].as_str().unwrap();
        assert_eq!((status, &body["ok"]), (400, &json!(false)), "{call}");
        assert!(description.starts_with(expected), "{description}");
    }
}

#[tokio::test]
async fn calls_are_listed_with_request_answer_status_and_time() {
    let bed = Bed::new().await;
    bed.send(ADA, "hi").await;
    bed.refused("sendMessage", json!({"chat_id": 5, "text": "x"}))
        .await;
    let listed = bed.get("calls?method=SENDMESSAGE").await;
    let calls = listed["calls"].as_array().unwrap();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0]["method"], "sendMessage");
    assert_eq!(calls[0]["chat_id"], ADA);
    assert_eq!(calls[0]["request"], json!({"chat_id": ADA, "text": "hi"}));
    assert_eq!(calls[0]["response"]["result"]["text"], "hi");
    assert!(calls[0]["elapsed_us"].is_u64() && calls[0]["at"].is_i64());
    assert_eq!(calls[1]["status"], 400);
    let cursor = listed["cursor"].as_u64().unwrap();
    let later = format!("calls?after={cursor}&wait=5000");
    let (listed, _) = tokio::join!(bed.get(&later), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        bed.ok("getMe", json!({})).await
    });
    assert_eq!(listed["calls"][0]["method"], "getMe");
}

#[tokio::test]
async fn watching_a_chat_waits_for_something_newer_and_no_longer() {
    let bed = Bed::new().await;
    bed.send(ADA, "old").await;
    let cursor = bed.get("chats/1001/messages").await["cursor"]
        .as_u64()
        .unwrap();
    let started = Instant::now();
    let path = format!("chats/1001/messages?after={cursor}&wait=200");
    assert_eq!(bed.get(&path).await["messages"], json!([]));
    assert!(started.elapsed() >= Duration::from_millis(190));
    let path = format!("chats/1001/messages?after={cursor}&wait=5000");
    let (view, _) = tokio::join!(bed.get(&path), async {
        bed.send(LIM, "elsewhere").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        bed.send(ADA, "new").await;
    });
    assert_eq!(view["messages"][0]["text"], "new");
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn raw_updates_are_handed_out_as_they_are() {
    let bed = Bed::new().await;
    let answer = bed.post("raw", json!({"future_kind": {"x": [1, 2]}})).await;
    bed.post(
        "raw",
        json!({"update_id": 500, "message": {"broken": true}}),
    )
    .await;
    bed.write(ADA, ADA, "next").await;
    let updates = bed.updates().await;
    assert_eq!(
        updates[0],
        json!({"update_id": answer["update_id"], "future_kind": {"x": [1, 2]}})
    );
    assert_eq!(updates[1]["message"], json!({"broken": true}));
    assert_eq!(
        updates[2]["update_id"], 501,
        "ids go on above an injected one"
    );
}

#[tokio::test]
async fn a_reset_empties_the_world_but_ids_go_on() {
    let bed = Bed::new().await;
    bed.write(ADA, ADA, "one").await;
    let id = bed.updates().await[0]["update_id"].as_i64().unwrap();
    bed.post("reset", json!({"people": true})).await;
    assert_eq!(bed.updates().await.len(), 0);
    assert_eq!(bed.shown(ADA).await.len(), 0);
    let message = bed.write(ADA, ADA, "two").await;
    assert_eq!(message["message_id"], 2, "never the id of another message");
    assert!(bed.updates().await[0]["update_id"].as_i64().unwrap() > id);
    bed.post("reset", json!({})).await;
    assert_eq!(bed.get("users").await["users"], json!([]));
}

#[tokio::test]
async fn many_messages_are_written_in_one_call_in_order() {
    let bed = Bed::new().await;
    let many: Vec<_> = (0..500)
        .map(|n| json!({"from": ADA, "chat": ADA, "text": format!("{n}")}))
        .collect();
    let written = bed.post("messages", json!(many)).await;
    assert_eq!(written["messages"].as_array().unwrap().len(), 500);
    assert_eq!(bed.get("stats").await["pending_updates"], 500);
    assert_eq!(bed.updates().await[99]["message"]["text"], "99");
}
