//! Edits, deletions, pins, reactions.

use serde_json::json;

use crate::bed::{ADA, Bed, LIM, OPS, kinds};

#[tokio::test]
async fn an_edit_changes_the_text_and_is_seen_by_watchers() {
    let bed = Bed::new().await;
    let sent = bed.send(ADA, "one").await;
    let cursor = bed.get("chats/1001/messages").await["cursor"]
        .as_u64()
        .unwrap();
    let params = json!({"chat_id": ADA, "message_id": sent["message_id"], "text": "two"});
    let edited = bed.ok("editMessageText", params).await;
    assert_eq!(edited["text"], "two");
    assert!(edited["edit_date"].is_i64());
    let view = bed
        .get(&format!("chats/1001/messages?after={cursor}&wait=1000"))
        .await;
    assert_eq!(view["messages"], json!([edited]));
    assert!(view["cursor"].as_u64().unwrap() > cursor);
}

#[tokio::test]
async fn edits_are_refused_with_telegrams_words() {
    let bed = Bed::new().await;
    let sent = bed.send(ADA, "one").await;
    let id = &sent["message_id"];
    let not_modified = "400 Bad Request: message is not modified: specified new message content \
                        and reply markup are exactly the same as a current content and reply \
                        markup of the message";
    for (params, expected) in [
        (
            json!({"chat_id": ADA, "message_id": id, "text": "one"}),
            not_modified,
        ),
        (
            json!({"chat_id": ADA, "message_id": id, "text": " one "}),
            not_modified,
        ),
        (
            json!({"chat_id": ADA, "message_id": 99, "text": "x"}),
            "400 Bad Request: message to edit not found",
        ),
        (
            json!({"text": "x"}),
            "400 Bad Request: message identifier is not specified",
        ),
        (
            json!({"chat_id": 5, "message_id": id, "text": "x"}),
            "400 Bad Request: chat not found",
        ),
        (
            json!({"chat_id": ADA, "message_id": id, "text": ""}),
            "400 Bad Request: message text is empty",
        ),
        (
            json!({"chat_id": ADA, "message_id": id, "text": "x".repeat(4097)}),
            "400 Bad Request: MESSAGE_TOO_LONG",
        ),
    ] {
        assert_eq!(bed.refused("editMessageText", params).await, expected);
    }
    let theirs = bed.write(ADA, ADA, "mine").await;
    let params = json!({"chat_id": ADA, "message_id": theirs["message_id"], "text": "x"});
    assert_eq!(
        bed.refused("editMessageText", params).await,
        "400 Bad Request: message can't be edited"
    );
}

#[tokio::test]
async fn the_keyboard_can_change_alone_and_goes_when_an_edit_has_none() {
    let bed = Bed::new().await;
    let keyboard =
        |data: &str| json!({"inline_keyboard": [[{"text": "b", "callback_data": data}]]});
    let params = json!({"chat_id": ADA, "text": "x", "reply_markup": keyboard("1")});
    let sent = bed.ok("sendMessage", params).await;
    let id = &sent["message_id"];
    let to = |data: &str| json!({"chat_id": ADA, "message_id": id, "reply_markup": keyboard(data)});
    let edited = bed.ok("editMessageReplyMarkup", to("2")).await;
    assert_eq!(edited["reply_markup"], keyboard("2"));
    let again = bed.refused("editMessageReplyMarkup", to("2")).await;
    assert!(again.contains("message is not modified"), "{again}");
    let params = json!({"chat_id": ADA, "message_id": id, "text": "y"});
    assert!(
        bed.ok("editMessageText", params)
            .await
            .get("reply_markup")
            .is_none()
    );
}

#[tokio::test]
async fn a_person_edits_and_the_bot_gets_edited_message() {
    let bed = Bed::new().await;
    let message = bed.write(ADA, ADA, "befor").await;
    bed.take_updates().await;
    let params = json!({
        "from": ADA, "chat": ADA, "message_id": message["message_id"], "text": "before",
    });
    bed.post("edits", params).await;
    let updates = bed.take_updates().await;
    assert_eq!(updates[0]["edited_message"]["text"], "before");
    assert!(updates[0]["edited_message"]["edit_date"].is_i64());
    let params = json!({
        "from": LIM, "chat": ADA, "message_id": message["message_id"], "text": "x",
    });
    let (status, body) = bed.control("edits", params).await;
    assert_eq!(status, 400);
    assert!(
        body["description"]
            .as_str()
            .unwrap()
            .contains("`message_id`"),
        "{body}"
    );
}

#[tokio::test]
async fn deleted_messages_are_gone_and_watchers_are_told() {
    let bed = Bed::new().await;
    let sent = bed.send(ADA, "secret").await;
    let kept = bed.send(ADA, "kept").await;
    let params = json!({"chat_id": ADA, "message_id": sent["message_id"]});
    bed.ok("deleteMessage", params.clone()).await;
    assert_eq!(
        bed.refused("deleteMessage", params).await,
        "400 Bad Request: message to delete not found"
    );
    let view = bed.get("chats/1001/messages").await;
    assert_eq!(view["messages"], json!([kept]));
    assert_eq!(view["deleted"], json!([sent["message_id"]]));
    let params = json!({"chat_id": ADA, "message_ids": [kept["message_id"], 999]});
    bed.ok("deleteMessages", params).await;
    assert_eq!(bed.shown(ADA).await.len(), 0);
}

#[tokio::test]
async fn pins_are_listed_in_the_chat_and_announced() {
    let bed = Bed::new().await;
    let sent = bed.send(OPS, "rules").await;
    let id = &sent["message_id"];
    bed.ok("pinChatMessage", json!({"chat_id": OPS, "message_id": id}))
        .await;
    let chat = bed.ok("getChat", json!({"chat_id": OPS})).await;
    assert_eq!(chat["pinned_message"]["text"], "rules");
    assert_eq!(bed.shown(OPS).await[1]["pinned_message"]["text"], "rules");
    bed.ok("unpinChatMessage", json!({"chat_id": OPS})).await;
    let chat = bed.ok("getChat", json!({"chat_id": OPS})).await;
    assert!(chat.get("pinned_message").is_none());
    bed.ok("pinChatMessage", json!({"chat_id": OPS, "message_id": id}))
        .await;
    bed.ok("unpinAllChatMessages", json!({"chat_id": OPS}))
        .await;
    let chat = bed.ok("getChat", json!({"chat_id": OPS})).await;
    assert!(chat.get("pinned_message").is_none());
    assert_eq!(
        bed.refused(
            "unpinChatMessage",
            json!({"chat_id": OPS, "message_id": 99})
        )
        .await,
        "400 Bad Request: message to unpin not found"
    );
    assert_eq!(
        bed.refused("pinChatMessage", json!({"chat_id": OPS, "message_id": 99}))
            .await,
        "400 Bad Request: message to pin not found"
    );
}

#[tokio::test]
async fn reactions_are_shown_and_heard_of_if_asked_for() {
    let bed = Bed::new().await;
    let sent = bed.send(OPS, "done").await;
    let id = sent["message_id"].as_i64().unwrap();
    let thumb = json!([{"type": "emoji", "emoji": "👍"}]);
    let params = json!({"chat_id": OPS, "message_id": id, "reaction": thumb});
    bed.ok("setMessageReaction", params).await;
    let view = bed.get(&format!("chats/{OPS}/messages")).await;
    assert_eq!(view["reactions"][id.to_string()]["1"], thumb);
    bed.ok(
        "getUpdates",
        json!({"allowed_updates": ["message_reaction"]}),
    )
    .await;
    let params = json!({"from": ADA, "chat": OPS, "message_id": id, "emoji": "🔥"});
    bed.post("reactions", params).await;
    let updates = bed.updates().await;
    assert_eq!(kinds(&updates), ["message_reaction"]);
    assert_eq!(
        updates[0]["message_reaction"]["new_reaction"][0]["emoji"],
        "🔥"
    );
    let params = json!({"chat_id": OPS, "message_id": 99, "reaction": []});
    assert_eq!(
        bed.refused("setMessageReaction", params).await,
        "400 Bad Request: message to react not found"
    );
}
