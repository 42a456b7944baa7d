//! Forums: topics, the general topic, messages in topics.

use serde_json::{Value, json};

use crate::bed::{ADA, Bed, LIM, OPS, kinds};

async fn forum(bed: &Bed) -> i64 {
    let forum = json!({
        "type": "supergroup", "title": "Board", "is_forum": true, "members": [ADA, LIM],
    });
    bed.post("chats", forum).await["id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_topic_is_opened_written_in_closed_and_deleted() {
    let bed = Bed::new().await;
    let chat = forum(&bed).await;
    let topic = bed
        .ok(
            "createForumTopic",
            json!({"chat_id": chat, "name": "Pumps"}),
        )
        .await;
    assert_eq!(topic["name"], "Pumps");
    assert!(topic["icon_color"].is_i64());
    let thread = &topic["message_thread_id"];
    let sent = bed
        .ok(
            "sendMessage",
            json!({"chat_id": chat, "text": "in", "message_thread_id": thread}),
        )
        .await;
    assert_eq!(
        (&sent["message_thread_id"], &sent["is_topic_message"]),
        (thread, &json!(true))
    );
    let of = json!({"chat_id": chat, "message_thread_id": thread});
    bed.ok("closeForumTopic", of.clone()).await;
    assert_eq!(
        bed.refused("closeForumTopic", of.clone()).await,
        "400 Bad Request: TOPIC_NOT_MODIFIED"
    );
    let closed = json!({"from": LIM, "chat": chat, "text": "x", "thread": thread});
    bed.not_done("messages", closed.clone()).await;
    bed.ok("reopenForumTopic", of.clone()).await;
    bed.post("messages", closed).await;
    let renamed = json!({"chat_id": chat, "message_thread_id": thread, "name": "Valves"});
    bed.ok("editForumTopic", renamed).await;
    let topics = bed.get(&format!("topics?chat={chat}")).await;
    assert_eq!(topics["topics"][0]["name"], "Valves");
    let pin = json!({"chat_id": chat, "message_id": sent["message_id"]});
    bed.ok("pinChatMessage", pin).await;
    bed.ok("unpinAllForumTopicMessages", of.clone()).await;
    bed.ok("deleteForumTopic", of.clone()).await;
    assert_eq!(
        bed.refused("closeForumTopic", of).await,
        "400 Bad Request: TOPIC_ID_INVALID"
    );
    let gone = json!({"chat_id": chat, "text": "in", "message_thread_id": thread});
    assert_eq!(
        bed.refused("sendMessage", gone).await,
        "400 Bad Request: message thread not found"
    );
    let shown = bed.shown(chat).await;
    let in_topic = |message: &&Value| message["message_thread_id"] == *thread;
    assert_eq!(
        shown.iter().filter(in_topic).count(),
        0,
        "its messages went with it"
    );
}

#[tokio::test]
async fn the_general_topic_is_renamed_closed_and_hidden() {
    let bed = Bed::new().await;
    let chat = forum(&bed).await;
    let of = json!({"chat_id": chat});
    bed.ok(
        "editGeneralForumTopic",
        json!({"chat_id": chat, "name": "All"}),
    )
    .await;
    bed.ok("closeGeneralForumTopic", of.clone()).await;
    bed.ok("reopenGeneralForumTopic", of.clone()).await;
    bed.ok("hideGeneralForumTopic", of.clone()).await;
    let topics = bed.get(&format!("topics?chat={chat}")).await;
    assert_eq!(
        topics["general"],
        json!({"name": "All", "is_closed": true, "is_hidden": true})
    );
    bed.ok("unhideGeneralForumTopic", of.clone()).await;
    bed.ok("unpinAllGeneralForumTopicMessages", of.clone())
        .await;
    assert_eq!(
        bed.refused("unhideGeneralForumTopic", of).await,
        "400 Bad Request: TOPIC_NOT_MODIFIED"
    );
}

#[tokio::test]
async fn a_topic_that_somebody_opens_is_told() {
    let bed = Bed::new().await;
    let chat = forum(&bed).await;
    bed.take_updates().await;
    bed.post(
        "topics",
        json!({"from": ADA, "chat": chat, "name": "Doors"}),
    )
    .await;
    let updates = bed.take_updates().await;
    assert_eq!(kinds(&updates), ["message"]);
    assert_eq!(
        updates[0]["message"]["forum_topic_created"]["name"],
        "Doors"
    );
}

#[tokio::test]
async fn wrong_topics_are_refused() {
    let bed = Bed::new().await;
    let chat = forum(&bed).await;
    for (params, refusal) in [
        (
            json!({"chat_id": OPS, "name": "x"}),
            "the chat is not a forum",
        ),
        (
            json!({"chat_id": chat, "name": ""}),
            "title must be non-empty",
        ),
        (
            json!({"chat_id": chat, "name": "x", "icon_color": -1}),
            "invalid icon color specified",
        ),
        (
            json!({"chat_id": chat, "name": "x", "icon_color": 5}),
            "TOPIC_ICON_COLOR_INVALID",
        ),
    ] {
        let given = bed.refused("createForumTopic", params).await;
        assert_eq!(given, format!("400 Bad Request: {refusal}"));
    }
    assert_eq!(
        bed.refused("closeForumTopic", json!({"chat_id": chat}))
            .await,
        "400 Bad Request: invalid forum topic identifier specified"
    );
}

#[tokio::test]
async fn an_answer_without_a_topic_stands_where_it_answers() {
    let bed = Bed::new().await;
    let chat = forum(&bed).await;
    let topic = bed
        .ok(
            "createForumTopic",
            json!({"chat_id": chat, "name": "Pumps"}),
        )
        .await;
    let thread = &topic["message_thread_id"];
    let asked = json!({"from": ADA, "chat": chat, "thread": thread, "text": "How many?"});
    let asked = bed.post("messages", asked).await;
    let answer = json!({
        "chat_id": chat, "text": "Two", "reply_parameters": {"message_id": asked["message_id"]},
    });
    let answer = bed.ok("sendMessage", answer).await;
    assert_eq!(
        (&answer["message_thread_id"], &answer["is_topic_message"]),
        (thread, &json!(true))
    );
    let thanks = json!({
        "from": LIM, "chat": chat, "reply_to": answer["message_id"], "text": "Thanks",
    });
    let thanks = bed.post("messages", thanks).await;
    assert_eq!(&thanks["message_thread_id"], thread);
}
