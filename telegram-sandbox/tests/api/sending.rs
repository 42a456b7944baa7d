//! `sendMessage` and what all sending methods share: chats, lengths, keyboards, replies.

use serde_json::{Value, json};

use crate::bed::{ADA, BOT, Bed, GUS, OPS};

#[tokio::test]
async fn a_sent_message_is_a_bot_api_message_and_is_shown_in_the_chat() {
    let bed = Bed::new().await;
    let message = bed.send(ADA, "Hello").await;
    assert_eq!(message["from"]["id"], BOT);
    assert_eq!(message["from"]["is_bot"], true);
    assert_eq!(message["chat"]["first_name"], "Ada");
    assert_eq!(message["text"], "Hello");
    assert_eq!(bed.shown(ADA).await, [message]);
    assert_eq!(bed.updates().await.len(), 0, "a bot does not hear itself");
}

#[tokio::test]
async fn method_names_are_case_insensitive_and_every_encoding_is_read() {
    let bed = Bed::new().await;
    let base = bed.url("/bot1:sandbox");
    let keyboard = r#"{"inline_keyboard":[[{"text":"ok","callback_data":"x"}]]}"#;
    let pairs = [
        ("chat_id", "1001"),
        ("text", "hi"),
        ("reply_markup", keyboard),
    ];
    let form = reqwest::multipart::Form::new()
        .text("chat_id", "1001")
        .text("text", "hi")
        .text("reply_markup", keyboard);
    let http = bed.http();
    let requests = [
        http.post(format!("{base}/SendMessage")).form(&pairs),
        http.get(format!("{base}/sendmessage")).query(&pairs),
        http.post(format!("{base}/sendMessage")).multipart(form),
        http.post(format!("{base}//SENDMESSAGE")).json(&json!({
            "chat_id": "1001", "text": "hi", "reply_markup": keyboard,
        })),
    ];
    for request in requests {
        #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
        let response = request.send().await.unwrap();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["result"]["text"], "hi", "{answer}");
        let button = &answer["result"]["reply_markup"]["inline_keyboard"][0][0];
        assert_eq!(button["callback_data"], "x");
    }
}

#[tokio::test]
async fn a_wrong_token_and_an_unknown_method_are_refused() {
    let bed = Bed::new().await;
    let (status, body) = bed.fetch("/bot1:wrong/getMe").await;
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(status, 401);
    assert_eq!(
        body,
        json!({"ok": false, "error_code": 401, "description": "Unauthorized"})
    );
    assert_eq!(
        bed.refused("sendMoney", json!({})).await,
        "404 Not Found: method not found"
    );
    let stats = bed.get("stats").await;
    assert_eq!(stats["unknown_methods"], json!({"sendMoney": 1}));
}

#[tokio::test]
async fn chats_that_the_bot_cannot_write_to_are_refused_with_telegrams_words() {
    let bed = Bed::new().await;
    let to = |chat: Value| json!({"chat_id": chat, "text": "x"});
    assert_eq!(
        bed.refused("sendMessage", json!({"text": "x"})).await,
        "400 Bad Request: chat_id is empty"
    );
    for stranger in [json!(42), json!("@nobody"), json!("x")] {
        assert_eq!(
            bed.refused("sendMessage", to(stranger)).await,
            "400 Bad Request: chat not found"
        );
    }
    bed.post("blocks", json!({"user": GUS, "blocked": true}))
        .await;
    assert_eq!(
        bed.refused("sendMessage", to(json!(GUS))).await,
        "403 Forbidden: bot was blocked by the user"
    );
    bed.post(
        "users",
        json!({"id": 1004, "first_name": "New", "started": false}),
    )
    .await;
    assert_eq!(
        bed.refused("sendMessage", to(json!(1004))).await,
        "403 Forbidden: bot can't initiate conversation with a user"
    );
    bed.write(1004, 1004, "hello").await;
    bed.send(1004, "now it can").await;
    bed.post(
        "members",
        json!({"chat": OPS, "user": BOT, "action": "leave"}),
    )
    .await;
    assert_eq!(
        bed.refused("sendMessage", to(json!(OPS))).await,
        "403 Forbidden: bot is not a member of the supergroup chat"
    );
    bed.post(
        "members",
        json!({"chat": OPS, "user": BOT, "action": "kick"}),
    )
    .await;
    assert_eq!(
        bed.refused("sendMessage", to(json!(OPS))).await,
        "403 Forbidden: bot was kicked from the supergroup chat"
    );
}

#[tokio::test]
async fn a_group_is_found_by_its_username() {
    let bed = Bed::new().await;
    let group =
        json!({"type": "supergroup", "title": "News", "username": "news", "members": [ADA]});
    let chat = bed.post("chats", group).await;
    let sent = bed
        .ok("sendMessage", json!({"chat_id": "@News", "text": "x"}))
        .await;
    assert_eq!(sent["chat"]["id"], chat["id"]);
}

#[tokio::test]
async fn an_empty_text_is_refused() {
    let bed = Bed::new().await;
    for params in [json!({"chat_id": ADA}), json!({"chat_id": ADA, "text": ""})] {
        assert_eq!(
            bed.refused("sendMessage", params).await,
            "400 Bad Request: message text is empty"
        );
    }
    for (text, mode) in [(" \n ", ""), ("<b></b>", "HTML"), ("\u{200b}\u{2800}", "")] {
        let params = json!({"chat_id": ADA, "text": text, "parse_mode": mode});
        assert_eq!(
            bed.refused("sendMessage", params).await,
            "400 Bad Request: text must be non-empty"
        );
    }
}

#[tokio::test]
async fn a_text_has_4096_utf16_units_at_most_after_entity_parsing() {
    let bed = Bed::new().await;
    // An emoji is two units: 2048 of them fit, and not one unit more.
    let full = "😀".repeat(2048);
    bed.send(ADA, &full).await;
    let params = json!({"chat_id": ADA, "text": format!("{full}x")});
    assert_eq!(
        bed.refused("sendMessage", params).await,
        "400 Bad Request: message is too long"
    );
    let marked = format!("<b>{}</b>", "x".repeat(4096));
    let params = json!({"chat_id": ADA, "text": marked, "parse_mode": "HTML"});
    bed.ok("sendMessage", params).await;
}

#[tokio::test]
async fn white_space_at_both_ends_is_cut_off() {
    let bed = Bed::new().await;
    assert_eq!(bed.send(ADA, " \n hi \n").await["text"], "hi");
}

#[tokio::test]
async fn callback_data_has_1_to_64_bytes() {
    let bed = Bed::new().await;
    let with = |data: String| {
        json!({
            "chat_id": ADA, "text": "x",
            "reply_markup": {"inline_keyboard": [[{"text": "b", "callback_data": data}]]},
        })
    };
    bed.ok("sendMessage", with("x".repeat(64))).await;
    bed.ok("sendMessage", with("é".repeat(32))).await;
    assert_eq!(
        bed.refused("sendMessage", with(String::new())).await,
        "400 Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the \
         inline keyboard"
    );
    for wrong in ["x".repeat(65), "é".repeat(33)] {
        assert_eq!(
            bed.refused("sendMessage", with(wrong)).await,
            "400 Bad Request: BUTTON_DATA_INVALID"
        );
    }
}

#[tokio::test]
async fn keyboards_are_checked() {
    let bed = Bed::new().await;
    let with = |markup: Value| json!({"chat_id": ADA, "text": "x", "reply_markup": markup});
    let inline = |button: Value| with(json!({"inline_keyboard": [[button]]}));
    assert_eq!(
        bed.refused("sendMessage", inline(json!({"text": "b"})))
            .await,
        "400 Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the \
         inline keyboard"
    );
    let link = json!({"text": "b", "url": "not a link"});
    assert_eq!(
        bed.refused("sendMessage", inline(link)).await,
        "400 Bad Request: inline keyboard button URL 'not a link' is invalid: Wrong URL host"
    );
    assert_eq!(
        bed.refused("sendMessage", with(json!("{"))).await,
        "400 Bad Request: can't parse reply keyboard markup JSON object"
    );
    assert_eq!(
        bed.refused("sendMessage", with(json!([1]))).await,
        "400 Bad Request: object expected as reply markup"
    );
}

#[tokio::test]
async fn a_reply_keyboard_is_kept_with_the_chat_until_it_is_removed() {
    let bed = Bed::new().await;
    let keyboard = json!({"keyboard": [[{"text": "Yes"}, {"text": "No"}]]});
    let params = json!({"chat_id": ADA, "text": "?", "reply_markup": keyboard});
    let sent = bed.ok("sendMessage", params).await;
    assert!(sent.get("reply_markup").is_none(), "as at Telegram");
    let view = bed.get("chats/1001/messages").await;
    assert_eq!(view["reply_keyboard"], keyboard);
    let params = json!({"chat_id": ADA, "text": ".", "reply_markup": {"remove_keyboard": true}});
    bed.ok("sendMessage", params).await;
    assert!(
        bed.get("chats/1001/messages")
            .await
            .get("reply_keyboard")
            .is_none()
    );
}

#[tokio::test]
async fn replies_are_kept() {
    let bed = Bed::new().await;
    let question = bed.write(ADA, OPS, "question").await;
    let params = json!({
        "chat_id": OPS, "text": "answer",
        "reply_parameters": {"message_id": question["message_id"]},
    });
    let answer = bed.ok("sendMessage", params).await;
    assert_eq!(answer["reply_to_message"]["text"], "question");
    let params = json!({"chat_id": OPS, "text": "x", "reply_to_message_id": 999});
    assert_eq!(
        bed.refused("sendMessage", params).await,
        "400 Bad Request: message to be replied not found"
    );
    let params = json!({
        "chat_id": OPS, "text": "x",
        "reply_parameters": {"message_id": 999, "allow_sending_without_reply": true},
    });
    let sent = bed.ok("sendMessage", params).await;
    assert!(sent.get("reply_to_message").is_none());
}

#[tokio::test]
async fn forwards_name_their_origin_and_copies_do_not() {
    let bed = Bed::new().await;
    let source = bed.write(ADA, ADA, "news").await;
    let params = json!({
        "chat_id": OPS, "from_chat_id": ADA, "message_id": source["message_id"],
    });
    let forwarded = bed.ok("forwardMessage", params.clone()).await;
    assert_eq!(forwarded["text"], "news");
    assert_eq!(forwarded["forward_origin"]["sender_user"]["id"], ADA);
    let copied = bed.ok("copyMessage", params).await;
    let shown = bed.shown(OPS).await;
    assert_eq!(shown[1]["message_id"], copied["message_id"]);
    assert!(shown[1].get("forward_origin").is_none());
    let missing = json!({"chat_id": OPS, "from_chat_id": ADA, "message_id": 99});
    assert_eq!(
        bed.refused("forwardMessage", missing.clone()).await,
        "400 Bad Request: message to forward not found"
    );
    assert_eq!(
        bed.refused("copyMessage", missing).await,
        "400 Bad Request: message to copy not found"
    );
}

#[tokio::test]
async fn chat_actions_are_checked() {
    let bed = Bed::new().await;
    bed.ok(
        "sendChatAction",
        json!({"chat_id": ADA, "action": "typing"}),
    )
    .await;
    assert_eq!(
        bed.refused(
            "sendChatAction",
            json!({"chat_id": ADA, "action": "sleeping"})
        )
        .await,
        "400 Bad Request: wrong parameter action in request"
    );
}

#[tokio::test]
async fn null_is_a_text_as_everything_is_that_is_no_string() {
    let bed = Bed::new().await;
    let with = |field: &str, value: Value| {
        let mut params = json!({"chat_id": ADA, "text": "x"});
        params[field] = value;
        params
    };
    assert_eq!(
        bed.ok("sendMessage", with("text", json!(null))).await["text"],
        "null"
    );
    for (field, refusal) in [
        ("parse_mode", "400 Bad Request: unsupported parse_mode"),
        (
            "reply_markup",
            "400 Bad Request: object expected as reply markup",
        ),
        ("chat_id", "400 Bad Request: chat not found"),
    ] {
        assert_eq!(
            bed.refused("sendMessage", with(field, json!(null))).await,
            refusal
        );
    }
    // What is a number or a flag reads it as none.
    bed.ok("sendMessage", with("message_thread_id", json!(null)))
        .await;
}

#[tokio::test]
async fn of_a_body_that_cannot_be_read_counts_what_came_before() {
    let bed = Bed::new().await;
    let post = |kind: &'static str, body: &'static str| {
        let url = bed.url("/bot1:sandbox/sendMessage");
        let request = bed.http().post(url).header("content-type", kind).body(body);
        async move {
            #[allow(clippy::disallowed_methods, reason = "it goes to the sandbox")]
            let response = request.send().await.unwrap();
            let answer: Value = response.json().await.unwrap();
            match answer["result"]["text"].as_str() {
                Some(text) => text.to_owned(),
                None => answer["description"].as_str().unwrap().to_owned(),
            }
        }
    };
    let json = "application/json; charset=utf-8";
    let empty = "Bad Request: message text is empty";
    for (kind, body, expected) in [
        (json, r#"{"chat_id":1001,"text":"whole"}"#, "whole"),
        (json, r#"{"chat_id" : 1001, "text":"cut", "parse"#, "cut"),
        (json, r#"{"chat_id":1001,"text":"cut off"#, empty),
        (json, "[1]", empty),
        (json, "nonsense", empty),
        ("text/plain", r#"{"chat_id":1001,"text":"plain"}"#, empty),
        (
            "application/x-www-form-urlencoded",
            r#"{"chat_id":1001,"text":"form"}"#,
            empty,
        ),
    ] {
        assert_eq!(post(kind, body).await, expected, "{kind}: {body}");
    }
}

#[tokio::test]
async fn a_message_has_a_hundred_entities_at_most() {
    let bed = Bed::new().await;
    let text = "<b>x</b> ".repeat(120);
    let params = json!({"chat_id": ADA, "text": text, "parse_mode": "HTML"});
    let sent = bed.ok("sendMessage", params).await;
    assert_eq!(sent["entities"].as_array().unwrap().len(), 100);
    let written = bed.write(ADA, ADA, &"/a ".repeat(120)).await;
    assert_eq!(written["entities"].as_array().unwrap().len(), 100);
}
