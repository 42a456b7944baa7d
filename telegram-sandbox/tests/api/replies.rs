//! Replies, quotations, link previews, protected content.

use serde_json::{Value, json};

use crate::bed::{ADA, Bed, LIM, OPS};

#[tokio::test]
async fn a_reply_quotes_what_is_there() {
    let bed = Bed::new().await;
    let first = bed.write(LIM, OPS, "the quick brown fox").await;
    let reply = |quote: &str| {
        json!({
            "chat_id": OPS, "text": "yes",
            "reply_parameters": {"message_id": first["message_id"], "quote": quote, "quote_position": 4},
        })
    };
    let sent = bed.ok("sendMessage", reply("quick brown")).await;
    assert_eq!(sent["reply_to_message"]["message_id"], first["message_id"]);
    assert_eq!(sent["quote"]["text"], "quick brown");
    assert_eq!(sent["quote"]["position"], 4);
    assert_eq!(sent["quote"]["is_manual"], true);
    assert_eq!(
        bed.refused("sendMessage", reply("slow")).await,
        "400 Bad Request: QUOTE_TEXT_INVALID"
    );
}

#[tokio::test]
async fn a_reply_to_nothing_is_refused_unless_it_may_go_without() {
    let bed = Bed::new().await;
    let reply = |more: Value| {
        let mut parameters = json!({"message_id": 99});
        if let Some(more) = more.as_object() {
            parameters.as_object_mut().unwrap().extend(more.clone());
        }
        json!({"chat_id": OPS, "text": "x", "reply_parameters": parameters})
    };
    assert_eq!(
        bed.refused("sendMessage", reply(json!({}))).await,
        "400 Bad Request: message to be replied not found"
    );
    let sent = bed
        .ok(
            "sendMessage",
            reply(json!({"allow_sending_without_reply": true})),
        )
        .await;
    assert!(sent.get("reply_to_message").is_none());
    let old = json!({"chat_id": OPS, "text": "x", "reply_to_message_id": 99, "allow_sending_without_reply": true});
    bed.ok("sendMessage", old).await;
}

#[tokio::test]
async fn a_reply_to_another_chat_is_external() {
    let bed = Bed::new().await;
    let elsewhere = bed.write(LIM, OPS, "from the group").await;
    let params = json!({
        "chat_id": ADA, "text": "see",
        "reply_parameters": {"message_id": elsewhere["message_id"], "chat_id": OPS},
    });
    let sent = bed.ok("sendMessage", params).await;
    assert!(sent.get("reply_to_message").is_none());
    assert_eq!(sent["external_reply"]["chat"]["id"], OPS);
    assert_eq!(
        sent["external_reply"]["message_id"],
        elsewhere["message_id"]
    );
    assert_eq!(sent["external_reply"]["origin"]["sender_user"]["id"], LIM);
}

#[tokio::test]
async fn link_previews_are_shown_as_they_were_asked_for() {
    let bed = Bed::new().await;
    let options =
        json!({"url": "https://example.org/", "prefer_small_media": true, "show_above_text": true});
    let params =
        json!({"chat_id": ADA, "text": "https://example.org", "link_preview_options": options});
    let sent = bed.ok("sendMessage", params).await;
    assert_eq!(sent["link_preview_options"], options);
    let off =
        json!({"chat_id": ADA, "text": "https://example.org", "disable_web_page_preview": true});
    let sent = bed.ok("sendMessage", off).await;
    assert_eq!(sent["link_preview_options"], json!({"is_disabled": true}));
    let both = json!({
        "chat_id": ADA, "text": "x", "link_preview_options": {"prefer_small_media": 1},
    });
    assert!(
        bed.refused("sendMessage", both)
            .await
            .contains("prefer_small_media")
    );
}

#[tokio::test]
async fn protected_messages_are_not_forwarded() {
    let bed = Bed::new().await;
    let params = json!({"chat_id": ADA, "text": "secret", "protect_content": true});
    let sent = bed.ok("sendMessage", params).await;
    assert_eq!(sent["has_protected_content"], true);
    let on = json!({"chat_id": OPS, "from_chat_id": ADA, "message_id": sent["message_id"]});
    assert_eq!(
        bed.refused("forwardMessage", on.clone()).await,
        "400 Bad Request: the message can't be forwarded"
    );
    // The bot has what it wrote itself.
    bed.ok("copyMessage", on).await;
}

#[tokio::test]
async fn a_person_forwards_somebody_elses_message() {
    let bed = Bed::new().await;
    let params = json!({"from": ADA, "chat": ADA, "text": "see", "forward_from": LIM});
    bed.post("messages", params).await;
    let updates = bed.take_updates().await;
    let origin = &updates[0]["message"]["forward_origin"];
    assert_eq!(origin["type"], "user");
    assert_eq!(origin["sender_user"]["id"], LIM);
}

#[tokio::test]
async fn replies_in_a_supergroup_are_a_thread_that_is_no_topic() {
    let bed = Bed::new().await;
    let first = bed.write(LIM, OPS, "first").await["message_id"].clone();
    let answer = json!({
        "chat_id": OPS, "text": "second", "reply_parameters": {"message_id": first},
    });
    let answer = bed.ok("sendMessage", answer).await;
    assert_eq!(answer["message_thread_id"], first);
    assert!(answer.get("is_topic_message").is_none());
    let third = json!({
        "from": ADA, "chat": OPS, "text": "third", "reply_to": answer["message_id"],
    });
    let third = bed.post("messages", third).await;
    assert_eq!(third["message_thread_id"], first, "the thread's beginning");
    let on = json!({"chat_id": OPS, "text": "x", "message_thread_id": first});
    assert_eq!(
        bed.refused("sendMessage", on).await,
        "400 Bad Request: message thread not found"
    );
    let (_, story) = bed.fetch("/sandbox/api/story").await;
    let story = String::from_utf8(story).unwrap();
    assert!(
        story.contains("Lim in Ops: first\nbot replies: second\n\nAda in Ops replies: third\n"),
        "{story}"
    );
    // In private chats there are none.
    let asked = bed.write(ADA, ADA, "first").await["message_id"].clone();
    let answer = json!({
        "chat_id": ADA, "text": "second", "reply_parameters": {"message_id": asked},
    });
    let answer = bed.ok("sendMessage", answer).await;
    assert!(answer.get("message_thread_id").is_none());
}
