//! The control API itself: people, chats, calls, raw updates, refusals.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::bed::{ADA, Bed, LIM, OPS, file, kinds};

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
    let updates = bed.updates().await;
    assert_eq!(kinds(&updates), ["message", "my_chat_member", "message"]);
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

#[tokio::test]
async fn after_a_reset_no_id_is_given_twice_and_the_clock_is_the_machine_s() {
    let bed = Bed::new().await;
    let began = bed.get("clock").await["now_ms"].as_i64().unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..2 {
        let keyboard = json!({"inline_keyboard": [[{"text": "b", "callback_data": "d"}]]});
        let sent = json!({"chat_id": ADA, "text": "x", "reply_markup": keyboard});
        let sent = bed.ok("sendMessage", sent).await;
        let press = json!({
            "from": ADA, "chat": ADA, "message_id": sent["message_id"], "data": "d", "wait": 0,
        });
        let press = bed.post("clicks", press).await;
        let form = reqwest::multipart::Form::new()
            .text("from", ADA.to_string())
            .text("chat", ADA.to_string())
            .part("document", file("a.txt", b"x"));
        let (_, document) = bed.upload(form).await;
        let ask = json!({"from": ADA, "chat": ADA, "query": "x", "wait": 0});
        let asked = bed.post("inline", ask).await;
        let poll = json!({"chat_id": ADA, "question": "?", "options": ["a", "b"]});
        let poll = bed.ok("sendPoll", poll).await;
        for id in [
            &press["callback_query_id"],
            &document["document"]["file_id"],
            &asked["inline_query_id"],
            &poll["poll"]["id"],
        ] {
            assert!(
                seen.insert(id.as_str().unwrap().to_owned()),
                "{round}: {id}"
            );
        }
        bed.advance(3600 * 24 * 365).await;
        bed.post("reset", json!({"people": true})).await;
    }
    let now = bed.get("clock").await["now_ms"].as_i64().unwrap();
    assert!((began..began + 3_600_000).contains(&now));
}

#[tokio::test]
async fn ids_of_a_later_start_are_all_higher() {
    use telegram_sandbox::{Options, World};
    let ids = async |first: i64| {
        let world = World::with_people(Options::default());
        world.start_ids_at(first);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/sandbox/api", listener.local_addr().unwrap());
        tokio::spawn(telegram_sandbox::run(
            listener,
            world,
            std::future::pending(),
        ));
        let form = reqwest::multipart::Form::new()
            .text("from", ADA.to_string())
            .text("chat", ADA.to_string())
            .part("document", file("a.txt", b"x"));
        let http = reqwest::Client::new();
        #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
        let sent = http.post(format!("{url}/messages")).multipart(form).send();
        let sent: serde_json::Value = sent.await.unwrap().json().await.unwrap();
        let ask = json!({"from": ADA, "chat": ADA, "wait": 0});
        #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
        let asked = http.post(format!("{url}/inline")).json(&ask).send();
        let asked: serde_json::Value = asked.await.unwrap().json().await.unwrap();
        (
            sent["document"]["file_id"].as_str().unwrap().to_owned(),
            asked["inline_query_id"].as_str().unwrap().to_owned(),
        )
    };
    let (first, second) = (ids(600_000_000).await, ids(600_000_001).await);
    assert!(
        first.0 < second.0 && first.1 < second.1,
        "{first:?} {second:?}"
    );
}

#[tokio::test]
async fn deletions_do_not_push_messages_out_of_a_chat() {
    let bed = Bed::new().await;
    let kept = bed.send(ADA, "keep").await["message_id"].clone();
    let many: Vec<_> = (0..10_050)
        .map(|_| json!({"from": ADA, "chat": ADA, "text": "x"}))
        .collect();
    for part in many.chunks(2_010) {
        let written = bed.post("messages", json!(part)).await;
        let ids = written["messages"].as_array().unwrap().iter();
        let ids: Vec<_> = ids.map(|message| message["message_id"].clone()).collect();
        for ids in ids.chunks(100) {
            bed.ok(
                "deleteMessages",
                json!({"chat_id": ADA, "message_ids": ids}),
            )
            .await;
        }
    }
    bed.ok(
        "pinChatMessage",
        json!({"chat_id": ADA, "message_id": kept}),
    )
    .await;
}

#[tokio::test]
async fn the_end_of_a_chat_is_shown_in_parts() {
    let bed = Bed::new().await;
    for n in 1..=5 {
        bed.send(ADA, &n.to_string()).await;
    }
    let texts = |view: &serde_json::Value| -> Vec<String> {
        let messages = view["messages"].as_array().unwrap().iter();
        messages
            .map(|message| message["text"].as_str().unwrap().to_owned())
            .collect()
    };
    let view = bed.get("chats/1001/messages?last=2").await;
    assert_eq!(texts(&view), ["4", "5"]);
    assert_eq!(view["earlier"], true);
    let before = &view["messages"][0]["message_id"];
    let path = format!("chats/1001/messages?last=10&before={before}");
    let view = bed.get(&path).await;
    assert_eq!(texts(&view), ["1", "2", "3"]);
    assert_eq!(view["earlier"], false);
}

#[tokio::test]
async fn a_list_of_messages_is_written_whole_or_not_at_all() {
    let bed = Bed::new().await;
    let list = json!([
        {"from": ADA, "chat": ADA, "text": "one"},
        {"from": ADA, "chat": LIM, "text": "two"},
    ]);
    assert!(
        bed.not_done("messages", list)
            .await
            .starts_with("message 1: `from`")
    );
    assert_eq!(bed.shown(ADA).await.len(), 0);
    assert_eq!(bed.updates().await.len(), 0);
}

#[tokio::test]
async fn names_and_titles_are_such_as_telegram_has() {
    let bed = Bed::new().await;
    let eve = |username: &str| json!({"first_name": "Eve", "username": username});
    for (call, params, expected) in [
        ("users", eve("ADA"), "`username`: @ADA is taken"),
        ("users", eve("@vahta_sandbox_bot"), "`username`: @vahta"),
        ("users", eve("not a name"), "`username` must be"),
        ("users", eve("ä"), "`username` must be"),
        (
            "bots",
            json!({"token": "2:x", "username": "lim"}),
            "`username`: @lim is taken",
        ),
        (
            "chats",
            json!({"type": "group", "title": "x", "is_forum": true}),
            "`is_forum`: only supergroups",
        ),
        ("chats", json!({"type": "group", "title": " "}), "`title`"),
        (
            "chats",
            json!({"type": "group", "title": "x".repeat(129)}),
            "`title`",
        ),
        (
            "chats",
            json!({"type": "supergroup", "title": "x", "username": "gus"}),
            "`username`: @gus is taken",
        ),
        (
            "faults",
            json!({"kind": 500, "method": "sendMesage"}),
            "`method`: there is no method sendMesage",
        ),
    ] {
        let refusal = bed.not_done(call, params).await;
        assert!(refusal.starts_with(expected), "{refusal}");
    }
    let bots = bed.get("bots").await;
    assert_eq!(bots["bots"].as_array().unwrap().len(), 1);
    // One's own name is no reason.
    let ada = json!({"id": ADA, "first_name": "Ada", "username": "Ada"});
    bed.post("users", ada).await;
}

#[tokio::test]
async fn a_bot_hears_of_the_group_that_it_is_put_into() {
    let bed = Bed::new().await;
    let group = json!({"type": "supergroup", "title": "New", "members": [LIM, ADA]});
    let group = bed.post("chats", group).await;
    let quiet = json!({"type": "group", "title": "Old", "members": [ADA], "quiet": true});
    bed.post("chats", quiet).await;
    let updates = bed.updates().await;
    assert_eq!(kinds(&updates), ["my_chat_member"]);
    let change = &updates[0]["my_chat_member"];
    assert_eq!(change["chat"]["id"], group["id"]);
    assert_eq!(change["from"]["id"], LIM);
    assert_eq!(change["old_chat_member"]["status"], "left");
    assert_eq!(change["new_chat_member"]["status"], "administrator");
}

#[tokio::test]
async fn people_delete_and_pin() {
    let bed = Bed::new().await;
    let own = bed.write(LIM, OPS, "mine").await["message_id"].clone();
    let others = bed.write(ADA, OPS, "hers").await["message_id"].clone();
    bed.take_updates().await;
    let by_lim = |id: &serde_json::Value| json!({"from": LIM, "chat": OPS, "message_id": id});
    bed.post("pins", by_lim(&others)).await;
    let updates = bed.take_updates().await;
    assert_eq!(
        updates[0]["message"]["pinned_message"]["message_id"],
        others
    );
    assert_eq!(updates[0]["message"]["from"]["id"], LIM);
    let (_, story) = bed.fetch("/sandbox/api/story").await;
    assert!(
        String::from_utf8(story)
            .unwrap()
            .contains("Lim in Ops pins")
    );
    let chat = bed.ok("getChat", json!({"chat_id": OPS})).await;
    assert_eq!(chat["pinned_message"]["message_id"], others);
    let mut unpin = by_lim(&others);
    unpin["pinned"] = json!(false);
    bed.post("pins", unpin).await;
    let chat = bed.ok("getChat", json!({"chat_id": OPS})).await;
    assert!(chat.get("pinned_message").is_none());
    assert_eq!(
        bed.not_done("deletions", by_lim(&others)).await,
        "`from` may not delete this message"
    );
    bed.post("deletions", by_lim(&own)).await;
    assert_eq!(bed.updates().await.len(), 0, "bots are not told");
    // The owner of the group may.
    let by_ada = json!({"from": ADA, "chat": OPS, "message_id": others});
    bed.post("deletions", by_ada).await;
    assert_eq!(bed.shown(OPS).await.len(), 1, "the pin's line is left");
}

#[tokio::test]
async fn faults_are_shown_as_they_are_asked_for() {
    let bed = Bed::new().await;
    for fault in [
        json!({"kind": "429", "retry_after": 7, "times": 2}),
        json!({"kind": "error", "code": 418, "description": "no", "method": "getMe"}),
        json!({"kind": "slow", "delay_ms": 20, "chat": ADA}),
        json!({"kind": "503", "applied": true}),
    ] {
        let shown = bed.post("faults", fault.clone()).await;
        for (field, value) in fault.as_object().unwrap() {
            assert_eq!(&shown[field], value, "{shown}");
        }
        let mut again = shown.clone();
        let fields = again.as_object_mut().unwrap();
        fields.retain(|_, value| !value.is_null());
        assert_eq!(bed.post("faults", again).await, shown);
    }
}

#[tokio::test]
async fn what_lies_nowhere_is_said_in_words() {
    let bed = Bed::new().await;
    let (status, body) = bed.fetch("/foo").await;
    assert_eq!(status, 404);
    assert!(body.starts_with(b"There is nothing here."));
}

#[tokio::test]
async fn calls_tell_of_the_files_that_came_along() {
    let bed = Bed::new().await;
    let form = reqwest::multipart::Form::new()
        .text("chat_id", ADA.to_string())
        .part("document", file("a.txt", b"four"));
    bed.multipart("sendDocument", form).await;
    let calls = bed.get("calls?method=sendDocument").await;
    assert_eq!(
        calls["calls"][0]["files"],
        json!([{"field": "document", "name": "a.txt", "size": 4}])
    );
}
