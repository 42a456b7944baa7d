//! Several bots, privacy mode, deleted accounts, channels.

use serde_json::{Value, json};

use crate::bed::{ADA, BOT, Bed, LIM, OPS, kinds};

const OTHER: &str = "2:other";

async fn with_other(more: Value) -> Bed {
    let bed = Bed::new().await;
    let mut bot = json!({"token": OTHER, "first_name": "Other", "username": "other_bot"});
    bot.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    bed.post("bots", bot).await;
    bed
}

async fn join(bed: &Bed) {
    bed.post("members", json!({"chat": OPS, "user": 2, "action": "join"}))
        .await;
    bed.updates_as(OTHER).await;
    let (_, body) = bed
        .call_as(OTHER, "getUpdates", json!({"offset": -1}))
        .await;
    let last = body["result"][0]["update_id"].as_i64().unwrap_or(0) + 1;
    bed.call_as(OTHER, "getUpdates", json!({"offset": last}))
        .await;
}

#[tokio::test]
async fn each_bot_has_its_own_private_chats_and_updates() {
    let bed = with_other(json!({})).await;
    bed.write(ADA, ADA, "to the first").await;
    bed.post(
        "messages",
        json!({"from": ADA, "chat": ADA, "bot": 2, "text": "to the second"}),
    )
    .await;
    let updates = bed.updates_as(OTHER).await;
    assert_eq!(updates.len(), 1);
    assert_eq!(updates[0]["message"]["text"], "to the second");
    assert_eq!(
        bed.take_updates().await[0]["message"]["text"],
        "to the first"
    );
    let (_, body) = bed
        .call_as(OTHER, "sendMessage", json!({"chat_id": ADA, "text": "hi"}))
        .await;
    assert_eq!(body["result"]["from"]["id"], 2);
    assert_eq!(bed.shown(ADA).await.len(), 1);
    let view = bed
        .get(&format!("chats/{ADA}/messages?after=0&bot=2"))
        .await;
    assert_eq!(view["messages"].as_array().unwrap().len(), 2);
    let bots = bed.get("bots").await;
    assert_eq!(bots["bots"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn bots_in_one_group_do_not_hear_each_other() {
    let bed = with_other(json!({"privacy": false})).await;
    join(&bed).await;
    bed.take_updates().await;
    bed.write(ADA, OPS, "both hear").await;
    bed.send(OPS, "from the first").await;
    let other = bed.updates_as(OTHER).await;
    assert_eq!(other.len(), 1, "{other:?}");
    assert_eq!(other[0]["message"]["text"], "both hear");
    assert_eq!(bed.take_updates().await.len(), 1);
}

#[tokio::test]
async fn in_privacy_mode_a_bot_hears_only_what_is_meant_for_it() {
    let bed = with_other(json!({"privacy": true})).await;
    join(&bed).await;
    let hello = json!({"chat_id": OPS, "text": "hello"});
    let (_, me) = bed.call_as(OTHER, "getMe", json!({})).await;
    assert_eq!(me["result"]["can_read_all_group_messages"], false);
    bed.write(ADA, OPS, "not for bots").await;
    bed.send(OPS, "from the first").await;
    bed.write(ADA, OPS, "/help").await;
    bed.call_as(OTHER, "sendMessage", hello).await;
    bed.write(ADA, OPS, "/start").await;
    bed.write(ADA, OPS, "/start@other_bot").await;
    bed.write(ADA, OPS, "/start@vahta_bot").await;
    let (_, sent) = bed
        .call_as(OTHER, "sendMessage", json!({"chat_id": OPS, "text": "?"}))
        .await;
    let reply = json!({
        "from": LIM, "chat": OPS, "text": "an answer", "reply_to": sent["result"]["message_id"],
    });
    bed.post("messages", reply).await;
    let heard = bed.updates_as(OTHER).await;
    let heard: Vec<_> = heard
        .iter()
        .map(|update| update["message"]["text"].as_str().unwrap())
        .collect();
    assert_eq!(heard, ["/start", "/start@other_bot", "an answer"]);
}

#[tokio::test]
async fn a_wrong_token_is_nobodys() {
    let bed = with_other(json!({})).await;
    let (status, body) = bed.call_as("2:wrong", "getMe", json!({})).await;
    assert_eq!(
        (status, &body["description"]),
        (401, &json!("Unauthorized"))
    );
    assert!(
        bed.not_done("bots", json!({"token": "nobody"}))
            .await
            .starts_with("`token`")
    );
    assert!(
        bed.not_done("bots", json!({"token": "1001:x"}))
            .await
            .contains("taken")
    );
}

#[tokio::test]
async fn a_deleted_account_is_written_to_in_vain() {
    let bed = Bed::new().await;
    bed.post("users", json!({"id": LIM, "deleted": true})).await;
    assert_eq!(
        bed.refused("sendMessage", json!({"chat_id": LIM, "text": "x"}))
            .await,
        "403 Forbidden: user is deactivated"
    );
    let member = bed
        .ok("getChatMember", json!({"chat_id": OPS, "user_id": LIM}))
        .await;
    assert_eq!(member["user"]["first_name"], "");
}

#[tokio::test]
async fn posts_of_a_channel_are_told_as_such() {
    let bed = Bed::new().await;
    let channel = json!({"type": "channel", "title": "News", "members": [ADA]});
    let id = bed.post("chats", channel).await["id"].as_i64().unwrap();
    bed.take_updates().await;
    let post = bed.write(ADA, id, "breaking").await;
    bed.post(
        "edits",
        json!({"from": ADA, "chat": id, "message_id": post["message_id"], "text": "mended"}),
    )
    .await;
    let updates = bed.take_updates().await;
    assert_eq!(kinds(&updates), ["channel_post", "edited_channel_post"]);
    let post = &updates[0]["channel_post"];
    assert_eq!(post["sender_chat"]["id"], id);
    assert!(post.get("from").is_none());
    let sent = bed.send(id, "by the bot").await;
    assert_eq!(sent["sender_chat"]["id"], id);
    assert!(sent.get("from").is_none());
}

#[tokio::test]
async fn profile_photos_are_listed() {
    let bed = Bed::new().await;
    let none = bed
        .ok("getUserProfilePhotos", json!({"user_id": ADA}))
        .await;
    assert_eq!(none, json!({"total_count": 0, "photos": []}));
    let form = reqwest::multipart::Form::new()
        .text("id", ADA.to_string())
        .text("first_name", "Ada")
        .part("photo", crate::bed::file("a.png", crate::bed::PNG));
    #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
    let response = bed
        .http()
        .post(bed.url("/sandbox/api/users"))
        .multipart(form)
        .send()
        .await;
    assert_eq!(response.unwrap().status(), 200);
    let one = bed
        .ok("getUserProfilePhotos", json!({"user_id": ADA}))
        .await;
    assert_eq!(one["total_count"], 1);
    assert!(one["photos"][0][0]["file_id"].is_string());
    assert_eq!(
        bed.refused("getUserProfilePhotos", json!({"user_id": "x"}))
            .await,
        "400 Bad Request: invalid user_id specified"
    );
}

#[tokio::test]
async fn commands_are_shown_by_scope_and_language() {
    let bed = Bed::new().await;
    let set = |name: &str, more: Value| {
        let mut params = json!({"commands": [{"command": name, "description": "d"}]});
        params
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        params
    };
    for (name, more) in [
        ("plain", json!({})),
        ("deutsch", json!({"language_code": "de"})),
        ("groups", json!({"scope": {"type": "all_group_chats"}})),
        (
            "bosses",
            json!({"scope": {"type": "chat_administrators", "chat_id": OPS}}),
        ),
        (
            "lims",
            json!({"scope": {"type": "chat_member", "chat_id": OPS, "user_id": LIM}}),
        ),
    ] {
        bed.ok("setMyCommands", set(name, more)).await;
    }
    for (chat, user, language, expected) in [
        (ADA, ADA, "en", "plain"),
        (ADA, ADA, "de", "deutsch"),
        (OPS, ADA, "en", "bosses"),
        (OPS, LIM, "en", "lims"),
        (OPS, 1003, "de", "groups"),
    ] {
        let path = format!("commands?chat={chat}&user={user}&language_code={language}");
        let shown = bed.get(&path).await;
        assert_eq!(shown["commands"][0]["command"], expected, "{path}");
    }
    let scope = json!({"scope": {"type": "chat", "chat_id": 77}});
    assert_eq!(
        bed.refused("getMyCommands", scope).await,
        "400 Bad Request: chat not found"
    );
}

#[tokio::test]
async fn the_bot_logs_out_and_closes() {
    let bed = Bed::new().await;
    assert_eq!(bed.ok("logOut", json!({})).await, true);
    assert_eq!(bed.ok("close", json!({})).await, true);
    assert_eq!(bed.ok("getMe", json!({})).await["id"], BOT);
}

#[tokio::test]
async fn each_bot_s_poll_in_its_own_private_chat_closes_by_the_clock() {
    let bed = with_other(json!({})).await;
    let poll = |more: Value| {
        let mut params =
            json!({"chat_id": ADA, "question": "Lunch?", "options": ["soup", "bread"]});
        params
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        params
    };
    // Both have the same message id.
    bed.call_as(OTHER, "sendPoll", poll(json!({"open_period": 10})))
        .await;
    bed.ok("sendPoll", poll(json!({}))).await;
    bed.advance(15).await;
    let other = bed.updates_as(OTHER).await;
    assert_eq!(other[0]["poll"]["is_closed"], true, "{other:?}");
    assert_eq!(bed.updates().await, [Value::Null; 0]);
    assert_eq!(bed.shown(ADA).await[0]["poll"]["is_closed"], false);
}

#[tokio::test]
async fn a_press_in_one_bot_s_chat_is_not_that_of_another_s_inline_message() {
    let bed = with_other(json!({})).await;
    let keyboard = json!({"inline_keyboard": [[{"text": "b", "callback_data": "d"}]]});
    let ask = json!({"from": ADA, "chat": ADA, "bot": 2, "query": "x", "wait": 0});
    let asked = bed.post("inline", ask).await["inline_query_id"].clone();
    let result = json!({
        "type": "article", "id": "1", "title": "t", "reply_markup": keyboard,
        "input_message_content": {"message_text": "by the second"},
    });
    let answer = json!({"inline_query_id": asked, "results": [result]});
    bed.call_as(OTHER, "answerInlineQuery", answer).await;
    bed.post(
        "choices",
        json!({"inline_query_id": asked, "result_id": "1"}),
    )
    .await;
    let sent = json!({"chat_id": ADA, "text": "x", "reply_markup": keyboard});
    let sent = bed.ok("sendMessage", sent).await;
    let press = json!({
        "from": ADA, "chat": ADA, "message_id": sent["message_id"], "data": "d", "wait": 0,
    });
    bed.post("clicks", press).await;
    let query = &bed.take_updates().await[0]["callback_query"];
    assert!(query.get("inline_message_id").is_none(), "{query}");
    assert_eq!(query["message"]["message_id"], sent["message_id"]);
}

#[tokio::test]
async fn updates_and_changes_say_whose_they_are() {
    let bed = with_other(json!({})).await;
    bed.write(ADA, ADA, "to the first").await;
    let second = json!({"from": ADA, "chat": ADA, "bot": 2, "text": "to the second"});
    bed.post("messages", second).await;
    let told = |updates: &Value| -> Vec<(i64, String)> {
        let of = |one: &Value| {
            let text = one["update"]["message"]["text"].as_str().unwrap();
            (one["bot"].as_i64().unwrap(), text.to_owned())
        };
        updates["updates"]
            .as_array()
            .unwrap()
            .iter()
            .map(of)
            .collect()
    };
    let first = (BOT, "to the first".to_owned());
    let second = (2, "to the second".to_owned());
    assert_eq!(told(&bed.get("updates").await), [first, second.clone()]);
    assert_eq!(told(&bed.get("updates?bot=2").await), [second]);
    #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
    let mut stream = bed
        .http()
        .get(bed.url("/sandbox/api/stream"))
        .send()
        .await
        .unwrap();
    stream.chunk().await.unwrap();
    let third = json!({"chat_id": ADA, "text": "hello"});
    bed.call_as(OTHER, "sendMessage", third).await;
    let mut heard = String::new();
    while !heard.contains("\"others\":[{") {
        let chunk = stream.chunk().await.unwrap().unwrap();
        heard += std::str::from_utf8(&chunk).unwrap();
    }
    assert!(
        heard.contains(r#""others":[{"bot":2,"chat":1001}]"#),
        "{heard}"
    );
}

#[tokio::test]
async fn a_story_casts_no_other_bot_and_each_bot_has_its_own() {
    let bed = with_other(json!({"privacy": false})).await;
    bed.write(ADA, OPS, "before").await;
    join(&bed).await;
    bed.write(ADA, OPS, "all hear this").await;
    bed.call_as(
        OTHER,
        "sendMessage",
        json!({"chat_id": OPS, "text": "I too"}),
    )
    .await;
    let (_, story) = bed.fetch("/sandbox/api/story").await;
    let story = String::from_utf8(story).unwrap();
    assert!(!story.contains("person Other"), "{story}");
    assert!(
        story.contains("supergroup Ops -1001 of Ada, Lim, Gus"),
        "{story}"
    );
    telegram_sandbox::story::Story::parse(&story).unwrap();
    let (_, story) = bed.fetch("/sandbox/api/story?bot=2").await;
    let story = String::from_utf8(story).unwrap();
    assert!(story.contains("bot: I too"), "{story}");
    assert!(!story.contains("before"), "{story}");
}

#[tokio::test]
async fn after_a_reset_no_bot_gives_a_message_id_twice() {
    let bed = with_other(json!({})).await;
    let hello = || json!({"chat_id": ADA, "text": "hello"});
    for _ in 0..3 {
        bed.call_as(OTHER, "sendMessage", hello()).await;
    }
    bed.post("reset", json!({"people": true})).await;
    let (_, sent) = bed.call_as(OTHER, "sendMessage", hello()).await;
    assert_eq!(sent["result"]["message_id"], 4);
}
